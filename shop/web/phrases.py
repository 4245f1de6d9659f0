"""Translates the gateway's messages, which are in English, into the visitor's language."""

import re
from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from shop.http.client import Problem
from shop.web.amounts import example, shown
from shop.web.formats import money, number, wait

KINDS = {
    "category-in-use": _l("The category still contains products. Move or discontinue them first."),
    "command-reused": _l(
        "This form has already been submitted with different values. Check the result before you submit it again."
    ),
    "conflict": _l("The current state does not allow this."),
    "credit-below-zero": _l("Available credit cannot be negative."),
    "credit-moved": _l(
        "The available credit has changed since you opened this page. Check it and submit the form again."
    ),
    "edit-conflict": _l("Someone else has changed this since you opened it. Check the values and save again."),
    "forbidden": _l("You do not have permission to do this."),
    "invalid-request": _l("Some values are invalid."),
    "log-in-failed": _l("Incorrect username or password."),
    "log-not-empty": _l("The event log is not empty. A backup can only be restored into an empty log."),
    "not-found": _l("Not found."),
    "order-not-cancellable": _l("This order can no longer be cancelled."),
    "order-not-shippable": _l("Only approved orders can be shipped."),
    "stock-below-zero": _l("Stock cannot be negative."),
    "total-moved": _l("Prices have changed. Please check the new total."),
    "unauthenticated": _l("Your session has expired. Please log in again."),
    "unknown-category": _l("Category not found."),
    "unknown-customer": _l("Customer not found."),
    "unknown-dead-letter": _l("Dead letter not found."),
    "unknown-invoice": _l("Invoice not found."),
    "unknown-order": _l("Order not found."),
    "unknown-product": _l("Product not found."),
    "unknown-stream": _l("Stream not found."),
    "username-taken": _l("This username is already taken."),
}
"""By the kind of problem: all that the gateway may refuse."""

SENTENCES = (
    (
        r"(?:Missing data for required field|Field may not be null|Must not be blank|Required)\.",
        _l("This field is required."),
    ),
    (r"Current password is incorrect\.", _l("Current password is incorrect.")),
    (r"Not a valid email address\.", _l("Enter a valid email address.")),
    (r"Must not contain control characters\.", _l("Remove invisible characters.")),
    (
        r"Must not contain (?P<code>U\+[0-9A-F]+), which cannot be displayed\.",
        _l("Remove the character %(code)s: it cannot be displayed."),
    ),
    (r"Longer than maximum length (?P<most>\d+)\.", _l("Use at most %(most)s characters.")),
    (r"Shorter than minimum length (?P<least>\d+)\.", _l("Use at least %(least)s characters.")),
    (r"Length must be between (?P<least>\d+) and (?P<most>\d+)\.", _l("Use %(least)s to %(most)s characters.")),
    (
        r"Must be greater than or equal to (?P<least>-?\d+) and less than or equal to (?P<most>-?\d+)\.",
        _l("Enter a whole number between %(least)s and %(most)s."),
    ),
    (
        r"Must be an integer from (?P<least>-?\d+) to (?P<most>\d+)\.",
        _l("Enter a whole number between %(least)s and %(most)s."),
    ),
    (r"Must be at least (?P<least>[\d.]+)\.", _l("Enter at least %(least)s.")),
    (r"Must be at most (?P<most>[\d.]+)\.", _l("Enter at most %(most)s.")),
    (
        r"Must have at most (?P<decimals>\d) decimal places\.",
        _l("Use at most %(decimals)s decimal places, as in %(example)s."),
    ),
    (r'Must be a decimal amount such as "(?P<example>[\d.]+)"\.', _l("Enter an amount such as %(example)s.")),
    (
        r"Must be 3 to 32 letters, digits, dots, hyphens and underscores, starting with a letter or digit\.",
        _l("Use 3 to 32 characters: letters, digits, dots, hyphens and underscores. Start with a letter or digit."),
    ),
    (r"Must be an ISO 3166-1 alpha-2 country code such as DE\.", _l("Choose a country.")),
    (r"Available credit must not exceed (?P<most>.+)\.", _l("Available credit cannot exceed %(most)s.")),
    (r"Stock must not exceed (?P<most>.+) units\.", _l("Stock cannot exceed %(most)s units.")),
    (r"The order total must not exceed (?P<most>.+)\.", _l("An order cannot exceed %(most)s.")),
    (r"Must have (?P<least>\d+) to (?P<most>\d+) lines\.", _l("Order %(least)s to %(most)s different products.")),
    (r"Product not available\.", _l("This product is no longer available.")),
    (r"Category not found\.", _l("Category not found.")),
    (r"Currency must be (?P<currency>.+)\.", _l("The currency must be %(currency)s.")),
    (r"Must not exceed (?P<last>.+), the number of events in the stream\.", _l("There are only %(last)s events.")),
    (r"Must be an ISO 8601 time with a time zone, such as .+\.", _l("Enter a date and time.")),
    (
        r"Must be (?:a JSON object|one of: .+|an integer of at least 0)\.|Unknown field\.|Not a valid .*|Invalid .*",
        _l("Invalid value."),
    ),
    (
        r"Must not (?:be repeated|have more than .+)\.|Specify either version or at, not both\.",
        _l("Invalid value."),
    ),
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
    """An amount or a large number in the page's notation; any other value unchanged."""
    if found := re.fullmatch(r"(-?\d+\.\d+) ([A-Z]{3})", value):
        return money({"amount": found[1], "currency": found[2]})
    if re.fullmatch(r"\d+(?:,\d+)+", value):
        return number(int(value.replace(",", "")))
    return shown(value) if re.fullmatch(r"-?\d+\.\d+", value) else value
