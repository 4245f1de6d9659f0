"""A shop with hundreds of categories: the content that a visitor looks for is not below all of them."""

import re

import pytest

from tests.web.support.fake_gateway import KITCHEN, page_of
from tests.web.support.managing import Manager
from tests.web.support.visiting import Visitor

MANY = [
    KITCHEN | {"id": f"00000000-0000-4000-8000-{number:012}", "name": f"Category {number}", "products": number % 7 + 1}
    for number in range(200)
]
FOLDED = re.compile(r"<details\b(?![^>]*\bopen).*?</details>", re.DOTALL)
MOST_IN_THE_WAY = 12


def links_in_the_way(page: str, until: str) -> int:
    """How many links to categories a visitor passes on the way to this part of the page; a select is no such thing."""
    return len(re.findall(r'href="/[^"]*categor', FOLDED.sub("", page.split("<main")[1].split(until, maxsplit=1)[0])))


@pytest.fixture
def visitor():
    visitor = Visitor()
    visitor.gateway.on("GET", "/v1/categories", page_of(*MANY))
    return visitor


@pytest.mark.parametrize("path", ["/", "/products", f"/products?category={MANY[150]['id']}", "/products?q=bowl"])
def test_products_come_before_most_categories_and_all_can_be_reached(visitor, path):
    page = visitor.text(path)

    assert links_in_the_way(page, '<ul class="tiles"') <= MOST_IN_THE_WAY
    assert all(f"category={category['id']}" in page for category in MANY)
    assert "All 200 categories" in page


def test_the_category_that_is_looked_at_is_to_be_seen(visitor):
    page = FOLDED.sub("", visitor.text(f"/products?category={MANY[150]['id']}"))

    assert re.search(r'aria-current="true">Category 150<', page)


def test_the_largest_categories_stand_on_the_home_page(visitor):
    page = FOLDED.sub("", visitor.text("/"))

    assert set(re.findall(r'category-name">Category (\d+)<', page)) <= {str(n) for n in range(200) if n % 7 == 6}


@pytest.mark.parametrize("path", ["/", "/products"])
def test_few_categories_are_all_there_at_once(visitor, path):
    visitor.gateway.on("GET", "/v1/categories", page_of(*MANY[:12]))

    page = visitor.text(path).split("<main")[1]

    assert "<details" not in page
    assert all(f"category={category['id']}" in page for category in MANY[:12])


def test_at_the_back_office_a_category_is_added_without_passing_all_others():
    manager = Manager()
    manager.gateway.on("GET", "/v1/categories", page_of(*MANY))

    assert links_in_the_way(manager.text("/categories"), '<form class="form"') == 0
