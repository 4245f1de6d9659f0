"""Invoices on paper, from a running shop."""

from io import BytesIO

from pypdf import PdfReader


def on_paper(client, number):
    return client.request("GET", f"/v1/invoices/{number}", headers={"Accept": "application/pdf"})


def words(response):
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(response.content)).pages).split())


def invoiced(shop):
    """A customer, and an order of theirs that is invoiced."""
    customer = shop.new_customer(credit="500.00")
    address = {"street": "Łąkowa 5", "city": "Łódź", "postcode": "90-001", "country": "PL"}
    customer.write("PATCH", "/v1/customers/me", {"address": address})
    product = shop.as_manager().add_product(price="12.50", name="茶碗 “Północ” श्री 🎉")
    return customer, customer.wait_for_end(customer.place_order({product["id"]: 3}))


def test_a_customer_gets_their_invoice_as_a_pdf(shop):
    customer, order = invoiced(shop)

    response = on_paper(customer, order["invoice"])

    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/pdf")
    told = words(response)
    assert f"Invoice {order['invoice']}" in told
    assert f"{customer.username} Łąkowa 5 90-001 Łódź PL" in told
    assert "茶碗 “Północ” " in told
    assert " (party popper) 3 12.50 EUR 37.50 EUR" in told
    assert "Total 37.50 EUR" in told
    assert on_paper(shop.as_manager(), order["invoice"]).content == response.content


def test_nobody_else_gets_it(shop):
    _, order = invoiced(shop)

    assert on_paper(shop.new_customer(), order["invoice"]).status_code == 404
    assert on_paper(shop.visitor(), order["invoice"]).status_code == 401


def test_an_invoice_that_was_taken_back_says_so(shop):
    customer, order = invoiced(shop)
    customer.cancel(order)
    customer.wait_for_end(order)

    assert "Cancelled by credit note C" in words(on_paper(customer, order["invoice"]))
