"""Translates the gateway's messages, which are in English, into the visitor's language."""

import re
from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from shop.http.client import Problem
from shop.web.amounts import example, shown
from shop.web.formats import wait

KINDS = {
    "command-reused": _l(
        "This form has already been submitted with different values. Check the result before you submit it again."
    ),
    "credit-below-zero": _l("Available credit cannot be negative."),
    "credit-moved": _l(
        "The available credit has changed since you opened this page. Check it and submit the form again."
    ),
    "edit-conflict": _l("Someone else has changed this since you opened it. Check the values and save again."),
    "category-in-use": _l("The category still contains products. Move or discontinue them first."),
    "forbidden": _l("You do not have permission to do this."),
    "log-in-failed": _l("Incorrect username or password."),
    "order-not-cancellable": _l("This order can no longer be cancelled."),
    "order-not-shippable": _l("Only approved orders can be shipped."),
    "stock-below-zero": _l("Stock cannot be negative."),
    "username-taken": _l("This username is already taken."),
}

SENTENCES = (
    (r"(?:Missing data for required field|Field may not be null|May not be blank)\.", _l("This field is required.")),
    (r"This is not your password\.", _l("Current password is incorrect.")),
    (r"Not a valid email address\.", _l("Enter a valid email address.")),
    (r"Contains control characters\.", _l("Remove invisible characters.")),
    (
        r"Contains a character that cannot be shown: (?P<code>U\+[0-9A-F]+)\.",
        _l("Remove the character %(code)s: it cannot be displayed."),
    ),
    (r"Longer than maximum length (?P<most>\d+)\.", _l("Use at most %(most)s characters.")),
    (r"Shorter than minimum length (?P<least>\d+)\.", _l("Use at least %(least)s characters.")),
    (r"Length must be between (?P<least>\d+) and (?P<most>\d+)\.", _l("Use %(least)s to %(most)s characters.")),
    (
        r"Must be greater than or equal to (?P<least>-?\d+) and less than or equal to (?P<most>-?\d+)\.",
        _l("Enter a whole number between %(least)s and %(most)s."),
    ),
    (r"At least (?P<least>[\d.]+)\.", _l("Enter at least %(least)s.")),
    (r"At most (?P<most>[\d.]+)\.", _l("Enter at most %(most)s.")),
    (r"At most (?P<decimals>\d) decimals\.", _l("Use at most %(decimals)s decimal places, as in %(example)s.")),
    (r"This is not an amount such as (?P<example>[\d.]+)\.", _l("Enter an amount such as %(example)s.")),
    (
        r"3 to 32 letters, digits, dots, hyphens and underscores, beginning with a letter or digit\.",
        _l("Use 3 to 32 characters: letters, digits, dots, hyphens and underscores. Start with a letter or digit."),
    ),
    (r"Two capital letters, such as DE \(ISO 3166-1\)\.", _l("Choose a country.")),
    (r"The credit would be more than (?P<most>.+)\.", _l("Available credit cannot exceed %(most)s.")),
    (r"The stock would be more than (?P<most>.+) units\.", _l("Stock cannot exceed %(most)s units.")),
    (r"An order comes to (?P<most>.+) at most\.", _l("An order cannot exceed %(most)s.")),
    (r"Not a valid .*|Invalid .*", _l("Invalid value.")),
)


def told(problem: Problem) -> str:
    """A sentence about the problem."""
    if problem.status == 429:
        return str(_("Too many failed attempts. Try again in %(time)s.", time=wait(problem.retry_after or 60)))
    return str(KINDS.get(problem.kind) or problem.detail or _("The request failed."))


def told_of_field(messages: Sequence[str]) -> list[str]:
    """Translated error messages of one field."""
    return [_translated(message) for message in messages]


def _translated(message: str) -> str:
    for pattern, sentence in SENTENCES:
        if found := re.fullmatch(pattern, message):
            values = {name: _written(value) for name, value in found.groupdict().items()}
            if "decimals" in values:
                values["example"] = example(int(values["decimals"]))
            return str(sentence % values if values else sentence)
    return message


def _written(value: str) -> str:
    """An amount in the page's notation; any other value unchanged."""
    return shown(value) if re.fullmatch(r"-?\d+\.\d+", value) else value
