"""Pages of lists that a service gives whole."""

import pytest

from gateway_svc.paging import page_by_key, page_by_number
from shop.contracts.errors import InvalidRequest

NAMES = ["cheese", "Ale", "bread", "Éclair", "ale"]
ITEMS = [{"id": str(number), "name": name} for number, name in enumerate(NAMES)]


def by_name(item):
    return item["name"].casefold(), item["id"]


def all_pages(page, limit):
    shown, after = [], None
    while True:
        answer = page(limit=limit, after=after)
        shown.append(answer["items"])
        if (after := answer["next"]) is None:
            return shown


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 100])
def test_pages_in_the_order_of_keys_show_everything_once(limit):
    pages = all_pages(lambda **page: page_by_key(ITEMS, by_name, **page), limit)

    assert [item["name"] for page in pages for item in page] == ["Ale", "ale", "bread", "cheese", "Éclair"]
    assert all(0 < len(page) <= limit for page in pages)


def test_a_page_goes_on_where_the_last_one_ended_though_its_last_item_is_gone():
    first = page_by_key(ITEMS, by_name, limit=3)
    left = [item for item in ITEMS if item["name"] != "bread"]

    second = page_by_key(left, by_name, limit=3, after=first["next"])

    assert [item["name"] for item in second["items"]] == ["cheese", "Éclair"]


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 100, None])
def test_pages_of_a_growing_list_show_everything_once(limit):
    pages = all_pages(lambda **page: page_by_number(ITEMS, **page), limit)

    assert [item for page in pages for item in page] == ITEMS


def test_an_empty_list_is_one_empty_page():
    nothing = {"items": [], "next": None}

    assert page_by_key([], by_name, limit=20) == nothing
    assert page_by_number([]) == nothing


@pytest.mark.parametrize("cursor", ["x", "MQ", "W10", "bnVsbA", "%%%", "é", "W1tdXQ"])
def test_what_is_no_cursor_is_refused_by_name(cursor):
    for page in (
        lambda: page_by_key(ITEMS, by_name, limit=2, after=cursor),
        lambda: page_by_number(ITEMS, after=cursor),
    ):
        with pytest.raises(InvalidRequest) as refused:
            page()
        assert list(refused.value.errors) == ["after"]
