"""Visual order of right-to-left text: Hebrew, Arabic, Thaana.

Implements the part of the Unicode Bidirectional Algorithm (UAX #9) that names and addresses need: words, numbers, and
brackets in two directions on one line. Explicit directional marks are ignored.
"""

import unicodedata
from collections.abc import Sequence

RIGHT = ("R", "AL")
NUMBERS = ("EN", "AN")
MIRRORED = dict(zip("()[]{}<>«»", ")(][}{><»«", strict=True))


def goes_right_to_left(text: str) -> bool:
    """Whether the text has any right-to-left character."""
    return any(unicodedata.bidirectional(character) in RIGHT for character in text)


def begins_on_the_right(text: str) -> bool:
    """Whether the first letter is right-to-left, which gives the direction of the whole text (rules P2, P3)."""
    return next((kind in RIGHT for kind in map(unicodedata.bidirectional, text) if kind in ("L", *RIGHT)), False)


def drawn(line: str, *, from_right: bool) -> str:
    """A line in visual order, from left to right.

    Args:
        from_right: whether the direction of the whole text is right-to-left.
    """
    clusters = _clusters(line)
    levels = _levels(clusters, base=int(from_right))
    shown = [_mirrored(cluster) if level % 2 else cluster for cluster, level in zip(clusters, levels, strict=True)]
    for lowest in range(max(levels, default=0), 0, -1):
        shown, levels = _reversed_from(shown, levels, lowest)
    return "".join(shown)


def reversed_clusters(text: str) -> str:
    """Letters of one direction in reverse order, each still before its combining marks."""
    return "".join(reversed(_clusters(text)))


def _clusters(text: str) -> list[str]:
    """Base characters with their combining marks."""
    clusters: list[str] = []
    for character in text:
        if clusters and unicodedata.category(character)[0] == "M":
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters


def _levels(clusters: Sequence[str], base: int) -> list[int]:
    """Embedding level of each cluster: even from left to right, odd from right to left."""
    kinds = _numbered([unicodedata.bidirectional(cluster[0]) for cluster in clusters], base)
    kinds = _settled(_with_brackets(kinds, clusters, "R" if base else "L"), base)
    deeper = {"L": base + base % 2, "R": base + 1 - base % 2} | dict.fromkeys(NUMBERS, 2)
    return [deeper[kind] for kind in kinds]


def _numbered(kinds: list[str], base: int) -> list[str]:
    """Bidirectional classes with parts of numbers resolved; the others are letters of a direction or neutral (ON)."""
    strong, told = "R" if base else "L", []
    for kind in kinds:
        strong = kind if kind in ("L", *RIGHT) else strong
        told.append("AN" if kind == "EN" and strong == "AL" else "L" if kind == "EN" and strong == "L" else kind)
    around = zip(["ON", *told], told, [*told[1:], "ON"], strict=False)
    joined = [before if kind in ("ES", "CS") and before == after in NUMBERS else kind for before, kind, after in around]
    signed = _with_signs(joined)
    letters = {"L": "L", "R": "R", "AL": "R", "EN": "EN", "AN": "AN"}
    return [letters.get(kind, "ON") for kind in signed]


def _with_signs(kinds: list[str]) -> list[str]:
    """Currency and percent signs beside a number become part of it."""
    for index in (*range(len(kinds)), *reversed(range(len(kinds)))):
        beside = kinds[max(0, index - 1) : index + 2]
        if kinds[index] == "ET" and "EN" in beside:
            kinds[index] = "EN"
    return kinds


def _with_brackets(kinds: list[str], clusters: Sequence[str], whole: str) -> list[str]:
    """Both brackets of a pair in one direction: the text's if it occurs inside, else that of the text before them."""
    told, opened = list(kinds), list[int]()
    for index, cluster in enumerate(clusters):
        if cluster in "([{":
            opened.append(index)
        elif cluster in ")]}" and opened and MIRRORED[clusters[opened[-1]]] == cluster:
            first = opened.pop()
            inside = {_direction(kind) for kind in told[first + 1 : index] if kind != "ON"}
            before = next((_direction(kind) for kind in reversed(told[:first]) if kind != "ON"), whole)
            if inside:
                told[first] = told[index] = whole if whole in inside else before
    return told


def _settled(kinds: list[str], base: int) -> list[str]:
    """Neutrals take the direction of both neighbours; between different ones, that of the whole text."""
    whole = "R" if base else "L"
    told = list(kinds)
    for index, kind in enumerate(kinds):
        if kind == "ON":
            before = next((_direction(other) for other in reversed(kinds[:index]) if other != "ON"), whole)
            after = next((_direction(other) for other in kinds[index:] if other != "ON"), whole)
            told[index] = before if before == after else whole
    return told


def _direction(kind: str) -> str:
    return "L" if kind == "L" else "R"


def _reversed_from(shown: list[str], levels: list[int], lowest: int) -> tuple[list[str], list[int]]:
    """Each run at this level or above reversed."""
    order: list[int] = []
    start = 0
    for index in range(len(levels) + 1):
        if index == len(levels) or levels[index] < lowest:
            order += [*reversed(range(start, index)), *([index] if index < len(levels) else [])]
            start = index + 1
    return [shown[index] for index in order], [levels[index] for index in order]


def _mirrored(cluster: str) -> str:
    return MIRRORED.get(cluster, cluster)
