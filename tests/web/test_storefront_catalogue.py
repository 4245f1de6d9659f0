"""The catalogue at the storefront, with a gateway made up for the test."""

import pytest

from tests.web.support.fake_gateway import KITCHEN, page_of
from tests.web.support.visiting import Visitor, words


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


def heading(page: str) -> str:
    return page.split("<h1>")[1].split("</h1>", maxsplit=1)[0]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "All products"),
        ("?sort=price", "All products"),
        (f"?category={KITCHEN['id']}", "Kitchen"),
        ("?q=tea", "Search for “tea”"),
        (f"?q=tea&category={KITCHEN['id']}", "Search for “tea” in Kitchen"),
        ("?q=tea%00%C2%A0%20cup%0A", "Search for “tea cup”"),
        ("?q=%20", "All products"),
    ],
)
@pytest.mark.parametrize("found", [True, False])
def test_the_heading_says_what_is_listed_also_where_there_is_nothing(visitor, query, said, found):
    if not found:
        visitor.gateway.on("GET", "/v1/products", page_of())

    page = visitor.get(f"/products{query}")

    assert heading(page.get_data(as_text=True)) == said
    assert ("No products found." in words(page)) is not found
    assert "Found for" not in words(page)


def test_a_search_without_result_leads_on(visitor):
    visitor.gateway.on("GET", "/v1/products", page_of())

    everywhere = visitor.text(f"/products?q=tea&category={KITCHEN['id']}")
    sold_out = visitor.text("/products?q=tea&in_stock=true")

    assert '<a href="/products?q=tea">Search all categories</a>' in everywhere
    assert '<a href="/products?q=tea">Include sold-out products</a>' in sold_out
    assert '<a href="/products">View all products</a>' in everywhere


def test_a_sort_that_applies_itself_has_a_button_for_those_without_scripts_alone(visitor):
    page = visitor.text("/products")

    assert "<noscript><button" in page.split('name="in_stock"')[1].split("</form>")[0]
    head = page.split('id="catalogue"')[0]
    assert head.count("button-primary") == 0, "the search is not the loudest thing on every page"
