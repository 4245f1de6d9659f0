"""Pictures of products, drawn from their names and ids: a product always looks the same, and nothing is uploaded."""

import re
from functools import lru_cache

from shop.web.pictures.drawing import draw
from shop.web.pictures.motifs import motif_for, motifs

NAME = re.compile(r"([a-z]+)-([0-9a-f]{8})", re.ASCII)


def name_of(product_id: str, name: str) -> str:
    """What the picture of a product is called: the motif, and what varies from product to product."""
    return f"{motif_for(name)}-{product_id.replace('-', '')[:8]}"


@lru_cache(maxsize=256)
def picture(name: str) -> bytes | None:
    """The picture of that name as SVG; None if there is none."""
    found = NAME.fullmatch(name)
    if not found or found[1] not in motifs():
        return None
    return draw(found[1], int(found[2], 16)).encode()
