"""What can be on a picture, and which words in a product's name ask for it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Motif:
    """Something that stands at y = 322 in a square of 400. `@main`, `@light`, `@dark`, `@spark` stand for colours.

    Args:
        words: that ask for it, as a regular expression on the lower-case name.
        shapes: SVG.
    """

    words: str
    shapes: str


MOTIFS: Mapping[str, Motif] = {
    "parcel": Motif("", '<rect x="110" y="180" width="180" height="142" rx="6" fill="@main"/>'),
}


def motif_for(name: str) -> str:
    """The motif that the name asks for; a parcel, where it asks for none."""
    lower = name.lower()
    for motif, drawn in MOTIFS.items():
        if drawn.words and re.search(rf"\b(?:{drawn.words})", lower):
            return motif
    return "parcel"
