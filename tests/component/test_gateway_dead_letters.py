"""Dead letters, as managers see them, and their retry."""

import pytest

from tests.component.support.gateway_client import MANAGER, problem
from tests.component.support.gateway_notes import NOTES
from tests.component.support.gateway_samples import LETTER


def test_dead_letters_say_what_went_wrong_without_our_inside(gateway):
    page = gateway("GET", "/v1/dead-letters", token=MANAGER, params={"limit": 1}).json()

    assert page["items"] == [
        {
            **{name: value for name, value in LETTER.items() if name != "subscription"},
            "service": "accounting",
            "error": "the approved order has no invoice",
        }
    ]
    assert page["next"]


def test_dead_letters_come_in_pages(gateway):
    first = gateway("GET", "/v1/dead-letters", token=MANAGER, params={"limit": 1}).json()
    second = gateway("GET", "/v1/dead-letters", token=MANAGER, params={"limit": 1, "after": first["next"]}).json()

    assert [letter["id"] for page in (first, second) for letter in page["items"]] == [7, 8]
    assert second["next"] is None


def test_a_dead_letter_is_retried(gateway):
    response = gateway("POST", "/v1/dead-letters/7/retry", token=MANAGER)

    assert response.status_code == 202
    assert (response.json()["id"], response.json()["state"]) == (7, "retrying")
    assert NOTES.last() == ("retry_dead_letter", ("7",), {})


@pytest.mark.parametrize("letter_id", ["9", "07", "-7", "seven", "7" * 100])
def test_what_is_no_dead_letter_is_not_retried(gateway, letter_id):
    problem(gateway("POST", f"/v1/dead-letters/{letter_id}/retry", token=MANAGER), 404)

    assert NOTES.times("retry_dead_letter") == 0
