"""Draws a picture: a background, a table, and the motif in matching colours."""

from collections.abc import Sequence
from dataclasses import dataclass

from shop.web.pictures.motifs import motifs

SIZE = 400


@dataclass(frozen=True, kw_only=True)
class Palette:
    """Colours: `wall`, `table` and `sun` behind the motif, and the motif's own."""

    wall: str
    table: str
    sun: str
    main: str
    light: str
    dark: str
    spark: str


def _palette(wall: str, table: str, sun: str, main: str, *others: str) -> Palette:
    light, dark, spark = others
    return Palette(wall=wall, table=table, sun=sun, main=main, light=light, dark=dark, spark=spark)


PALETTES: Sequence[Palette] = (
    _palette("#f3dcc3", "#e5b78d", "#fbeedd", "#2f6f62", "#8fc0ab", "#1e3f3b", "#e2703f"),
    _palette("#d7e4dc", "#a9c4b3", "#f1f6ee", "#c8553d", "#efb08f", "#5b2a2a", "#f0b73f"),
    _palette("#dbe3ee", "#aebfd4", "#f3f6fa", "#33507a", "#93aed0", "#1d2d49", "#e9a13b"),
    _palette("#f4e3d3", "#e3b9a3", "#fdf5ea", "#8a4a5f", "#d79fa9", "#43243a", "#3f8f87"),
    _palette("#e9e4d0", "#cfc398", "#faf7ea", "#6b7a34", "#bac483", "#363f1c", "#d9623b"),
    _palette("#e4dcea", "#c0b0cf", "#f7f3fa", "#5c4a87", "#a99bcb", "#2f2649", "#e39a52"),
    _palette("#d3e6e8", "#9cc3c7", "#eff8f7", "#1f6a7d", "#84bcc6", "#143c49", "#ee8a5b"),
    _palette("#f6e0d8", "#e6b4a4", "#fdf3ee", "#b6503c", "#eaa892", "#5a231f", "#2f7f79"),
)


def draw(motif: str, seed: int) -> str:
    """The picture as SVG. The seed chooses colours, the sun's position and the motif's direction."""
    palette = PALETTES[seed % len(PALETTES)]
    across = 110 + (seed >> 3) % 181
    up = 120 + (seed >> 11) % 71
    flip = ' transform="translate(400 0) scale(-1 1)"' if (seed >> 19) & 1 else ""
    shapes = motifs()[motif].shapes
    for name in ("main", "light", "dark", "spark", "sun", "wall"):
        shapes = shapes.replace(f"@{name}", getattr(palette, name))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" width="{SIZE}" height="{SIZE}">'
        f'<rect width="400" height="400" fill="{palette.wall}"/>'
        f'<circle cx="{across}" cy="{up}" r="118" fill="{palette.sun}"/>'
        f'<rect y="306" width="400" height="94" fill="{palette.table}"/>'
        f'<ellipse cx="200" cy="322" rx="124" ry="13" fill="{palette.dark}" opacity=".16"/>'
        f"<g{flip}>{shapes}</g></svg>"
    )
