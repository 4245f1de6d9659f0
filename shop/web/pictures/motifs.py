"""Motifs of pictures, and the words in products' names that select them: read from motifs.toml."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

FALLBACK = "parcel"


@dataclass(frozen=True)
class Motif:
    """A motif, with placeholders for colours.

    Args:
        words: prefixes of words that select it; None for the default motif.
        themes: likewise, if no motif's words match.
        shapes: SVG, with `@main` and the like for colours.
    """

    words: re.Pattern[str] | None
    themes: re.Pattern[str] | None
    shapes: str


@cache
def motifs() -> Mapping[str, Motif]:
    """Motifs by name, in order of precedence."""
    read = tomllib.loads(Path(__file__).with_name("motifs.toml").read_text(encoding="utf-8"))
    return {name: _motif(**one) for name, one in read.items()}


@lru_cache(maxsize=1024)
def motif_for(name: str) -> str:
    """The motif for the name of a product or category; a parcel by default."""
    by_word = (motif for motif, drawn in motifs().items() if drawn.words and drawn.words.search(name))
    by_theme = (motif for motif, drawn in motifs().items() if drawn.themes and drawn.themes.search(name))
    return next(by_word, None) or next(by_theme, FALLBACK)


def _motif(words: str, shapes: str, themes: str = "") -> Motif:
    return Motif(_pattern(words), _pattern(themes), shapes.replace("\n", ""))


def _pattern(words: str) -> re.Pattern[str] | None:
    return re.compile(rf"\b(?:{words})", re.IGNORECASE) if words else None
