"""The dashboard: today's activity, matters that need attention, and that none of its figures contradict each other."""

import re
from datetime import UTC, datetime

import pytest

from tests.web.support.fake_gateway import BOWL, KITCHEN, order, page_of, product
from tests.web.support.managing import LETTER, Manager, counts, revenue
from tests.web.support.visiting import words


@pytest.fixture
def manager():
    return Manager()


def test_the_dashboard_shows_what_needs_attention(manager):
    manager.gateway.on(
        "GET", "/v1/products", page_of(product(units=2), product(id_=KITCHEN["id"], name="Lamp", units=9))
    )

    said = words(manager.get("/"))

    assert "1 order today" in said
    assert "accounting: issue_invoice" in said.replace("Accounting", "accounting")
    assert "Stoneware Bowl 2" in said
    assert "Lamp" not in said


def test_stuck_orders_are_those_that_wait_for_more_than_a_minute(manager):
    manager.get("/")

    (asked,) = [call for call in manager.gateway.asked("GET", "/v1/orders") if "placed_before" in call.query]
    assert asked.query["status"] == "placed"


def test_an_empty_shop_has_a_dashboard_too(manager):
    for path in ("/v1/orders", "/v1/products", "/v1/dead-letters"):
        manager.gateway.on("GET", path, page_of())
    manager.gateway.on("GET", "/v1/orders/counts", counts())
    manager.gateway.on("GET", "/v1/revenue", revenue())

    said = words(manager.get("/"))

    assert "No orders yet." in said
    assert "No products are low on stock." in said


def stat(answer, text):
    """The number at the top that stands before this text, and where it leads."""
    page = answer.get_data(as_text=True)
    found = re.search(rf'<a href="([^"]+)"><span class="stat-number">([^<]+)</span> {text}', page)
    assert found, f"there is no number for {text!r}"
    return found[2], found[1].replace("&amp;", "&")


def listed(answer):
    """How many things the part about attention names, and how many more it says there are."""
    part = answer.get_data(as_text=True).split('id="attention"')[1].split("</section>")[0]
    more = [int(number.replace(",", "")) for number in re.findall(r"and ([\d,]+) more", part)]
    return part.count("<li>") - len(more) + sum(more)


def goods(*units):
    return page_of(*(product(units=number) for number in units))


@pytest.mark.parametrize(
    ("stuck", "letters", "units", "number"),
    [
        (0, 0, (0, 1, 5, 6), "3"),
        (0, 0, (6,), "0"),
        (2, 0, (9,), "2"),
        (1, 3, (0,), "5"),
        (30, 0, (), "30"),
        (12, 40, (0,) * 20, "72"),
    ],
)
def test_as_many_need_attention_as_are_listed(manager, stuck, letters, units, number):
    manager.gateway.on("GET", "/v1/orders", page_of(*[order()] * stuck))
    manager.gateway.on("GET", "/v1/dead-letters", page_of(*[LETTER] * letters))
    manager.gateway.on("GET", "/v1/products", goods(*units))

    answer = manager.get("/")

    assert stat(answer, "issues?") == (number, "#attention")
    assert listed(answer) == int(number)
    assert ("stat-bad" in answer.get_data(as_text=True)) == (number != "0")


def test_more_than_can_be_counted_is_said_to_be_more(manager):
    manager.gateway.on("GET", "/v1/orders", page_of(*[order()] * 100, after="onwards"))
    manager.gateway.on("GET", "/v1/dead-letters", page_of())
    manager.gateway.on("GET", "/v1/products", goods(9))

    answer = manager.get("/")

    assert stat(answer, "issues")[0] == "100+"
    assert "and more" in words(answer)


def test_what_is_listed_is_not_too_much_to_look_at(manager):
    manager.gateway.on("GET", "/v1/products", goods(*[0] * 50))

    part = manager.text("/").split('id="attention"')[1].split("</section>")[0]

    assert part.count("/products/" + BOWL) == 8
    assert "/products?sort=units" in part


def test_a_figure_that_is_shown_twice_is_the_same(manager):
    manager.gateway.on("GET", "/v1/orders/counts", counts(approved=17, placed=2, shipped=5))

    answer = manager.get("/")
    chart = re.search(r'<title id="status-chart">([^<]+)', answer.get_data(as_text=True))[1]

    assert stat(answer, "ready to ship")[0] in chart.split("Approved ")[1].split(",")
    assert stat(answer, "revenue this month")[0] == "€12.50" if datetime.now(UTC).month == 11 else True


def test_the_numbers_lead_to_lists_of_just_those(manager):
    answer = manager.get("/")

    _, today = stat(answer, "order today")
    manager.get(today)
    counted = manager.gateway.asked("GET", "/v1/orders/counts")[-1].query
    assert manager.gateway.asked("GET", "/v1/orders")[-1].query["placed_from"] == counted["placed_from"]
    _, approved = stat(answer, "ready to ship")
    manager.get(approved)
    assert manager.gateway.asked("GET", "/v1/orders")[-1].query["status"] == "approved"


@pytest.mark.parametrize(("units", "badge"), [(0, "bad"), (5, "warn"), (6, None)])
def test_every_page_has_the_same_idea_of_low_stock(manager, units, badge):
    manager.gateway.on("GET", "/v1/products", goods(units))

    marked = [re.findall(rf"badge-(\w+)\">{units}<", manager.text(path)) for path in ("/", "/products")]

    assert marked == [[badge] if badge else []] * 2
