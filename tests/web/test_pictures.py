"""Pictures of products."""

import tomllib
from pathlib import Path
from uuid import UUID, uuid4
from xml.etree import ElementTree

import pytest

from shop.web.pictures import name_of, picture
from shop.web.pictures.motifs import FALLBACK, motif_for, motifs
from shop_cli.demo import __file__ as demo

ID = "3f2a91c4-0000-4000-8000-000000000000"


def test_a_product_always_looks_the_same():
    name = name_of(ID, "Saltmarsh Stoneware Bowl")

    assert name == "bowl-3f2a91c4"
    assert picture(name) == picture(name_of(ID, "Another Bowl"))


def test_products_of_one_kind_differ():
    ids = [str(UUID(int=number << 96, version=4)) for number in range(1, 9)]

    assert len({picture(name_of(id_, "Mug")) for id_ in ids}) == 8


@pytest.mark.parametrize("motif", motifs())
def test_every_picture_is_svg_without_anything_that_runs_or_is_fetched(motif):
    for seed in ("00000000", "ffffffff", "5a5a5a5a"):
        drawn = picture(f"{motif}-{seed}")

        assert drawn is not None
        shapes = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(drawn).iter()}
        assert shapes <= {"svg", "g", "rect", "circle", "ellipse", "path"}
        assert b"@" not in drawn, "a colour is missing"
        assert b"style=" not in drawn
        assert len(drawn) < 5_000


@pytest.mark.parametrize(
    "name", ["", "bowl", "bowl-", "bowl-3f2a91c", "bowl-3F2A91C4", "nothing-3f2a91c4", "../bowl-3f2a91c4"]
)
def test_there_is_no_other_picture(name):
    assert picture(name) is None


def test_most_of_the_demo_has_a_motif_of_its_own():
    catalogue = tomllib.loads(Path(demo).with_name("catalogue.toml").read_text(encoding="utf-8"))
    products = [product["name"] for category in catalogue["category"] for product in category["product"]]
    categories = [category["name"] for category in catalogue["category"]]

    assert [name for name in (*products, *categories) if motif_for(name) == FALLBACK] == []


@pytest.mark.parametrize("name", ["Quux", "", "1234", "  ", "Überraschung", "<script>", "a" * 120])
def test_any_name_has_a_picture(name):
    assert picture(name_of(str(uuid4()), name)) is not None
