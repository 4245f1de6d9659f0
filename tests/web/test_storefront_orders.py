"""Orders on their way, the list of them, and their invoices, with a gateway made up for the test."""

import pytest

from shop.http.client import HttpReply, Problem
from tests.web.support.fake_gateway import BOWL, NOW, UNAVAILABLE, eur, invoice, order, page_of
from tests.web.support.visiting import Visitor, words

ID = order()["id"]
LATER = "2026-11-24T10:00:00.000Z"
HELD = {"stock": "reserved", "credit": "reserved"}


@pytest.fixture
def visitor() -> Visitor:
    return Visitor().log_in()


def entry(event, detail=None, at=NOW):
    return {"at": at, "event": event, "state": "placed", "detail": detail or {}}


def show(visitor, *history, **more):
    visitor.gateway.on("GET", f"/v1/orders/{ID}", order(**more))
    visitor.gateway.on("GET", f"/v1/orders/{ID}/history", page_of(entry("OrderPlaced"), *history))
    return visitor.get(f"/orders/{ID}")


def steps(answer):
    """How each step stands, by the name of its light."""
    page = answer.get_data(as_text=True)
    return [part.split('"')[0] for part in page.split('class="step step-')[1:]]


def times(answer):
    """When each step came to its state, by its title; those that have a time."""
    parts = [part.split("</li>")[0] for part in answer.get_data(as_text=True).split('class="step step-')[1:]]
    titles = [part.split('step-title">')[1].split("<")[0] for part in parts]
    return {
        title: part.split('datetime="')[1].split('"')[0]
        for title, part in zip(titles, parts, strict=True)
        if "datetime" in part
    }


def test_a_step_that_waits_shows_no_time_even_if_the_history_knows_more(visitor):
    everything = ("StockReserved", "CreditReserved", "OrderApproved", "InvoiceIssued", "OrderShipped")

    answer = show(visitor, *(entry(event) for event in everything))

    assert steps(answer).count("waiting") == 5
    assert times(answer) == {"Order placed": NOW}


def test_a_new_order_waits_for_stock_and_credit_and_renews_itself(visitor):
    answer = show(visitor)

    assert steps(answer) == ["done", "waiting", "waiting", "waiting", "waiting", "waiting"]
    assert "We are processing your order." in words(answer)
    assert 'hx-trigger="every' in answer.get_data(as_text=True)
    assert '<noscript><meta http-equiv="refresh"' in answer.get_data(as_text=True)


def test_an_approved_order_waits_for_its_invoice(visitor):
    answer = show(visitor, status="approved", **HELD)

    assert steps(answer) == ["done", "done", "done", "done", "waiting", "waiting"]
    assert "hx-trigger" in answer.get_data(as_text=True)


def test_an_order_with_its_invoice_has_come_to_rest(visitor):
    answer = show(visitor, status="approved", invoice="2026-000001", **HELD)

    assert steps(answer) == ["done", "done", "done", "done", "done", "waiting"]
    assert "hx-trigger" not in answer.get_data(as_text=True)
    assert "http-equiv" not in answer.get_data(as_text=True)
    assert 'href="/invoices/2026-000001"' in answer.get_data(as_text=True)
    assert "Cancel order" in words(answer)


def test_a_shipped_order_is_complete_and_cannot_be_cancelled(visitor):
    answer = show(visitor, entry("OrderShipped"), status="shipped", invoice="2026-000001", **HELD)

    assert set(steps(answer)) == {"done"}
    assert "Cancel order" not in words(answer)


@pytest.mark.parametrize(
    ("status", "stock", "credit"),
    [
        ("placed", "All items are reserved for you.", "€37.00 of your credit is reserved."),
        ("approved", "All items are reserved for you.", "€37.00 was charged to your credit."),
        ("shipped", "All items were in stock.", "€37.00 was charged to your credit."),
    ],
)
def test_what_was_set_aside_is_not_for_ever(visitor, status, stock, credit):
    said = words(show(visitor, status=status, **HELD))

    assert (stock in said, credit in said) == (True, True)


def test_a_rejected_order_says_why_with_the_numbers(visitor):
    shortage = {"product_id": BOWL, "requested": 2, "available": 1, "reason": "out_of_stock"}
    history = (
        entry("StockRejected", {"shortages": [shortage]}),
        entry("CreditRejected", {"amount": eur("37.00"), "available": eur("12.00")}),
    )
    reasons = ["out_of_stock", "insufficient_credit"]

    answer = show(visitor, *history, status="rejected", stock="rejected", credit="rejected", reason=reasons)

    assert steps(answer) == ["done", "refused", "refused", "refused", "skipped", "skipped"]
    assert "Stoneware Bowl: 2 ordered, only 1 in stock." in words(answer)
    assert "Your available credit of €12.00 does not cover the total of €37.00." in words(answer)
    assert "hx-trigger" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ("out_of_stock", "Not enough items in stock."),
        ("insufficient_credit", "Your available credit does not cover the total of €37.00."),
        ("not_on_sale", "A product in your order is no longer available."),
        ("timed_out", "The checks took too long."),
    ],
)
def test_each_reason_has_a_sentence_also_without_its_numbers(visitor, reason, says):
    answer = show(visitor, status="rejected", stock="released", credit="released", reason=[reason])

    assert says in words(answer)


def test_an_order_is_under_way_until_nothing_is_held(visitor):
    answer = show(visitor, status="rejected", stock="rejected", credit="reserved", reason=["out_of_stock"])

    assert "hx-trigger" in answer.get_data(as_text=True)


def test_a_cancelled_order_shows_what_went_back(visitor):
    released = {"stock": "released", "credit": "released"}

    history = (entry("InvoiceIssued"), entry("OrderCancelled"), entry("CreditNoteIssued", at=LATER))
    answer = show(visitor, *history, status="cancelled", invoice="2026-000001", **released)

    assert steps(answer) == ["done", "returned", "returned", "refused", "returned", "skipped"]
    assert times(answer)["Invoice"] == LATER, "not that of the invoice"


def test_an_invoice_that_is_not_taken_back_yet_waits_for_it(visitor):
    released = {"stock": "released", "credit": "released"}

    answer = show(visitor, entry("InvoiceIssued"), entry("OrderCancelled"), status="cancelled", invoice="1", **released)

    assert steps(answer)[4] == "waiting"
    assert "Invoice 1 is being cancelled." in words(answer)
    assert "hx-trigger" in answer.get_data(as_text=True)


def test_an_order_cancelled_before_it_was_checked_waits_for_nothing_more(visitor):
    answer = show(visitor, entry("OrderCancelled"), status="cancelled", stock="pending", credit="released")

    assert steps(answer) == ["done", "skipped", "returned", "refused", "skipped", "skipped"]


def test_the_moving_part_comes_only_when_it_has_changed(visitor):
    page = show(visitor).get_data(as_text=True)
    address = page.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")

    unchanged = visitor.get(address, headers={"HX-Request": "true"})
    show(visitor, status="approved", **HELD)
    changed = visitor.get(address, headers={"HX-Request": "true"})

    assert (unchanged.status_code, unchanged.data) == (204, b"")
    assert steps(changed)[1] == "done"
    assert 'hx-swap-oob="true">Your order is confirmed.' in changed.get_data(as_text=True)
    assert "<html" not in changed.get_data(as_text=True)


def test_a_log_in_that_ended_while_waiting_leads_the_whole_page_to_the_log_in(visitor):
    visitor.gateway.on("GET", f"/v1/orders/{ID}", Problem(401, "unauthenticated"))
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://localhost/orders/{ID}"}

    answer = visitor.get(f"/orders/{ID}/progress", headers=headers)

    assert answer.headers["HX-Redirect"] == f"/login?next=/orders/{ID}"


def test_an_order_of_somebody_else_is_not_there(visitor):
    assert visitor.get(f"/orders/{ID}").status_code == 404
    assert visitor.get("/orders/nonsense").status_code == 404


def test_cancelling_says_so_on_the_orders_page(visitor):
    visitor.gateway.on("POST", f"/v1/orders/{ID}/cancellation", order(status="cancelled"))

    answer = visitor.send(f"/orders/{ID}/cancellation", {"key": "abc"})

    assert answer.headers["Location"] == f"/orders/{ID}"
    assert "Your order has been cancelled." in words(visitor.get("/cart"))
    assert (
        visitor.gateway.asked("POST", f"/v1/orders/{ID}/cancellation")[0].headers["Idempotency-Key"].startswith("abc-")
    )


def test_what_cannot_be_cancelled_any_more_says_so(visitor):
    visitor.gateway.on("POST", f"/v1/orders/{ID}/cancellation", Problem(409, "order-not-cancellable"))

    visitor.send(f"/orders/{ID}/cancellation")

    assert "This order can no longer be cancelled." in words(visitor.get("/cart"))


def test_orders_are_listed_with_what_a_customer_looks_for(visitor):
    visitor.gateway.on("GET", "/v1/orders", page_of(order(status="approved", invoice="2026-000007")))

    page = words(visitor.get("/orders"))

    assert "23 Nov 2026, 09:30 UTC" in page
    assert "2 \N{MULTIPLICATION SIGN} Stoneware Bowl €37.00 Confirmed 2026-000007" in page


def test_orders_are_filtered_by_status_and_paged(visitor):
    visitor.gateway.on("GET", "/v1/orders", page_of(order(), after="further"))

    page = visitor.text("/orders?status=rejected&after=here")

    asked = visitor.gateway.asked("GET", "/v1/orders")[0]
    assert (asked.query["status"], asked.query["after"]) == ("rejected", "here")
    assert "/orders?status=rejected&amp;after=further" in page
    assert 'href="/orders?status=rejected">Newest orders' in page


def test_filters_that_make_no_sense_count_as_none(visitor):
    visitor.gateway.on("GET", "/v1/orders", page_of())

    assert "You have not placed any orders yet." in words(visitor.get("/orders?status=rubbish"))
    assert "status" not in visitor.gateway.asked("GET", "/v1/orders")[0].query


def test_a_cursor_that_is_none_leads_to_the_first_page(visitor):
    visitor.gateway.on("GET", "/v1/orders", Problem(422, errors={"after": ["Not a cursor of this list."]}))

    assert visitor.get("/orders?after=rubbish").headers["Location"] == "/orders"


# Invoices


def test_an_invoice_has_everything_that_is_on_paper(visitor):
    address = {"street": "14 Harbour Street", "city": "Gothenburg", "postcode": "411 05", "country": "SE"}
    visitor.gateway.on("GET", "/v1/invoices/2026-000001", invoice(address=address))

    page = words(visitor.get("/invoices/2026-000001"))

    for part in (
        "Invoice 2026-000001",
        "23 Nov 2026",
        "Nameko Shop",
        "DE000000000",
        "alice",
        "Sweden",
        "Stoneware Bowl",
    ):
        assert part in page
    assert "The total includes 19% tax (€5.91)." in page


def test_an_invoice_that_was_taken_back_says_so(visitor):
    visitor.gateway.on("GET", "/v1/invoices/2026-000001", invoice(credited_by="CN-2026-000001"))

    assert "cancelled by credit note CN-2026-000001" in words(visitor.get("/invoices/2026-000001"))


def test_the_pdf_is_the_gateways(visitor):
    visitor.gateway.on(
        "GET", "/v1/invoices/2026-000001", HttpReply(status=200, content_type="application/pdf", body=b"%PDF-1.4")
    )

    answer = visitor.get("/invoices/2026-000001.pdf")

    assert (answer.content_type, answer.data) == ("application/pdf", b"%PDF-1.4")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="2026-000001.pdf"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert visitor.gateway.calls[-1].headers["Accept"] == "application/pdf"


@pytest.mark.parametrize("number", ["..", "2026-000001%2f..", "2026-000001?x=y", "%00", "é", "a b"])
def test_a_number_that_is_none_asks_the_gateway_for_nothing(visitor, number):
    before = len(visitor.gateway.calls)

    assert visitor.get(f"/invoices/{number}").status_code == 404
    assert visitor.gateway.calls[before:] == [] or number == "2026-000001?x=y"


def test_an_invoice_that_cannot_be_had_now_says_so(visitor):
    visitor.gateway.on("GET", "/v1/invoices/2026-000001", UNAVAILABLE)

    assert visitor.get("/invoices/2026-000001.pdf").status_code == 503
