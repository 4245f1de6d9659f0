"""Search texts that visitors enter."""

from flask import request

from shop.text.characters import one_line

LONGEST_SEARCH = 100
"""Characters; the gateway's limit."""


def search_text(name: str = "q") -> str:
    """The search text of the query string in the gateway's form: one line, single spaces."""
    return one_line(request.args.get(name, ""))[:LONGEST_SEARCH].rstrip()
