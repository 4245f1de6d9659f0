"""What visitors type into a field to search for."""

import unicodedata

from flask import request

LONGEST_SEARCH = 100
"""Characters, as the gateway takes them."""


def search_text(name: str = "q") -> str:
    """What the address asks for in words, as the gateway takes it: in one line, with single blanks."""
    letters = (" " if unicodedata.category(letter) in ("Cc", "Cs") else letter for letter in request.args.get(name, ""))
    return " ".join("".join(letters).split())[:LONGEST_SEARCH].rstrip()
