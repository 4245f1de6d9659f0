"""What visitors type into a field to search for."""

from flask import request

from shop.text.characters import one_line

LONGEST_SEARCH = 100
"""Characters, as the gateway takes them."""


def search_text(name: str = "q") -> str:
    """What the address asks for in words, as the gateway takes it: in one line, with single blanks."""
    return one_line(request.args.get(name, ""))[:LONGEST_SEARCH].rstrip()
