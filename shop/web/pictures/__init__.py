"""Product pictures, generated from names and ids: always the same for a product, without uploads."""

import re
from functools import lru_cache

from shop.web.pictures.drawing import draw
from shop.web.pictures.motifs import motif_for, motifs

NAME = re.compile(r"([a-z]+)-([0-9a-f]{8})", re.ASCII)


def name_of(product_id: str, name: str) -> str:
    """Name of a product's picture: the motif, and a seed that varies by product."""
    return f"{motif_for(name)}-{product_id.replace('-', '')[:8]}"


@lru_cache(maxsize=256)
def picture(name: str) -> bytes | None:
    """The picture of that name as SVG; None for an unknown name."""
    found = NAME.fullmatch(name)
    if not found or found[1] not in motifs():
        return None
    return draw(found[1], int(found[2], 16)).encode()
