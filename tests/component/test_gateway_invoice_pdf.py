"""Invoices in the form that the client asks for."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from tests.component.support.gateway_client import CUSTOMER, problem
from tests.component.support.gateway_notes import NOTES
from tests.component.support.gateway_samples import NUMBER

PATH = f"/v1/invoices/{NUMBER}"


def ask(gateway, accept, path=PATH, token=CUSTOMER):
    return gateway("GET", path, token=token, headers={"Accept": accept})


def test_an_invoice_comes_as_a_pdf_to_those_who_ask_for_one(gateway):
    response = ask(gateway, "application/pdf")

    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"] == f'inline; filename="invoice-{NUMBER}.pdf"'
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert f"Invoice {NUMBER}" in PdfReader(BytesIO(response.content)).pages[0].extract_text()


def test_the_same_invoice_is_the_same_file(gateway):
    assert ask(gateway, "application/pdf").content == ask(gateway, "application/pdf").content


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/pdf;q=0.3, application/json;q=0.4"])
def test_everybody_else_gets_json(gateway, accept):
    response = ask(gateway, accept)

    assert response.headers["Content-Type"] == "application/json"
    assert response.json()["number"] == NUMBER


def test_what_it_does_not_come_in_is_not_acceptable(gateway):
    NOTES.clear()

    told = problem(ask(gateway, "image/png"), 406)

    assert told["detail"] == "Available: application/json, application/pdf."


def test_a_pdf_needs_a_session_and_an_invoice(gateway):
    problem(ask(gateway, "application/pdf", token=None), 401)
    problem(ask(gateway, "application/pdf", "/v1/invoices/2026-000999"), 404)
