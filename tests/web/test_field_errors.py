"""Errors of a field are said to users who hear a page, too: in every form of both websites."""

import re
from pathlib import Path

import pytest

from shop.http.client import Problem
from tests.web.support.fake_gateway import BOWL, KITCHEN, page_of
from tests.web.support.managing import Manager
from tests.web.support.visiting import Visitor

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted([*ROOT.glob("*_web/templates/*.html"), *ROOT.glob("shop/web/templates/web/*.html")])
FORM = re.compile(r"""<form\b[^>]*method="post"[^>]*action="{{ url_for\('([\w.]+)'.*?</form>""", re.DOTALL)
FIELD = re.compile(r"<(?:input|select|textarea)\b[^>]*>")
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
REFUSED = {
    "/login": ("visitor", {}),
    "/register": ("visitor", {}),
    f"/cart/products/{BOWL}": ("visitor", {"quantity": "-1"}),
    "/cart": ("cart", {f"quantity-{BOWL}": "-1"}),
    "/profile": ("customer", {}),
    "/profile/address": ("customer", {}),
    "/profile/password": ("customer", {}),
    "/products/new": ("manager", {}),
    f"/products/{BOWL}": ("manager", {}),
    f"/products/{BOWL}/stock": ("manager", {}),
    "/categories": ("manager", {}),
    f"/categories/{KITCHEN['id']}": ("manager", {}),
    "/customers/alice": ("manager", {}),
    "/customers/alice/credit-changes": ("manager", {}),
}
"""Forms, who sends them, and something that is wrong in each."""
ASKED = {"/history?kind=product&key=nothing": "key", "/orders?customer=nobody": "customer"}
"""Pages for managers whose address has something wrong, and the field that it came from."""


def wrong_fields(page):
    """The fields that are marked as wrong."""
    tags = [dict(ATTRIBUTE.findall(tag)) for tag in FIELD.findall(page)]
    return [tag for tag in tags if tag.get("aria-invalid") == "true"]


def is_announced(page):
    return 'role="alert"' in page.split("<main")[1]


def explanation(page, field):
    """The texts of the elements that a field refers to."""
    ids = field.get("aria-describedby", "").split()
    assert all(page.count(f'id="{id_}"') == 1 for id_ in ids), "each is there, once"
    return [
        re.sub(r"<[^>]+>", " ", page.split(f'id="{id_}"')[1].split(">", 1)[1].split("</div>")[0]).strip() for id_ in ids
    ]


def send(path):
    who, fields = REFUSED[path]
    if who == "manager":
        return Manager().send(path, fields)
    visitor = Visitor()
    if who == "customer":
        visitor.log_in()
    if who == "cart":
        visitor.fill_cart()
    return visitor.send(path, fields)


@pytest.mark.parametrize("path", REFUSED)
def test_what_is_wrong_is_announced_and_belongs_to_its_field(path):
    answer = send(path)
    page = answer.get_data(as_text=True)

    assert answer.status_code == 422
    assert is_announced(page)
    assert wrong_fields(page)
    assert all(any(explanation(page, field)) for field in wrong_fields(page))
    assert len(wrong_fields(page)) == page.count("field-wrong"), "none is marked for eyes only"


@pytest.mark.parametrize(("path", "name"), ASKED.items())
def test_what_is_wrong_with_a_search_is_announced_and_belongs_to_its_field(path, name):
    manager = Manager()
    for list_ in ("/v1/customers", "/v1/products", "/v1/orders"):
        manager.gateway.on("GET", list_, page_of())

    page = manager.text(path)

    assert is_announced(page)
    assert [field["name"] for field in wrong_fields(page)] == [name]
    assert all(any(explanation(page, field)) for field in wrong_fields(page))


def test_every_form_that_can_be_filled_in_is_tried():
    """A POST route whose form has fields to fill in is in the list above."""
    filled = {
        found[1]
        for template in TEMPLATES
        for found in FORM.finditer(template.read_text())
        if re.search(r"{{ (quantity_)?field\(|<input(?![^>]*hidden)|<select|<textarea", found[0])
    }
    sites = {"manager": Manager().client.application, "visitor": Visitor().client.application}
    tried = {
        sites["manager" if who == "manager" else "visitor"].url_map.bind("").match(path, "POST")[0]
        for path, (who, _) in REFUSED.items()
    }

    assert "account.register" in filled
    assert filled - tried == set()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: f"{path.parts[-3]}-{path.name}")
def test_a_list_stays_a_list(template):
    """With another role, its items would belong to nothing."""
    assert re.findall(r"<[uo]l\b[^>]*\brole=", template.read_text()) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: f"{path.parts[-3]}-{path.name}")
def test_no_template_marks_a_field_without_saying_why(template):
    marked = [
        tag for tag in re.findall(r"<(?:input|select|textarea)\b.*?>\n", template.read_text()) if "aria-invalid" in tag
    ]

    assert [tag for tag in marked if "aria-describedby" not in tag] == []


def test_a_refusal_of_the_gateway_is_announced():
    manager = Manager()
    manager.gateway.on("POST", "/v1/categories", Problem(422, "invalid-request", errors={"name": ["No."]}))

    page = manager.send("/categories", {"name": "x"}).get_data(as_text=True)

    assert is_announced(page)
    assert explanation(page, wrong_fields(page)[0]) == ["No."]
