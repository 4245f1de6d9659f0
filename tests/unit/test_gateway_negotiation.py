"""Which form of a thing the client gets."""

import pytest

from gateway_svc.negotiation import NotAcceptable, preferred

JSON, PDF = "application/json", "application/pdf"


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (PDF, PDF),
        ("Application/PDF", PDF),
        ("application/pdf, */*;q=0.1", PDF),
        ("application/pdf;q=0.5, application/json", JSON),
        ("application/pdf;q=0.9, application/json;q=0.8", PDF),
        ("application/json;q=0, */*", PDF),
        ("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", JSON),
        ("text/html, application/pdf;q=0.2", PDF),
    ],
)
def test_the_client_gets_the_form_that_it_likes_best(accept, form):
    assert preferred(accept, [JSON, PDF]) == form


@pytest.mark.parametrize("accept", ["text/html", "image/*", "application/pdf;q=0", "nonsense"])
def test_what_there_is_not_is_refused(accept):
    with pytest.raises(NotAcceptable, match="Available: application/json, application/pdf"):
        preferred(accept, [JSON, PDF])
