"""Translates the gateway's messages, which are in English, into the visitor's language."""

import re
from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from shop.http.client import Problem
from shop.web.amounts import example, shown

KINDS = {
    "command-reused": _l("This form was already sent with other values. Please check what came of it."),
    "credit-below-zero": _l("The credit would go below zero."),
    "credit-moved": _l("The credit has changed in the meantime. Please check it and send the form again."),
    "edit-conflict": _l("Somebody else has changed this in the meantime. Please check the values and save again."),
    "category-in-use": _l("The category still has products."),
    "forbidden": _l("Your account is not allowed to do this."),
    "log-in-failed": _l("The username or the password is wrong."),
    "order-not-cancellable": _l("The order cannot be cancelled any more."),
    "order-not-shippable": _l("Only an approved order can be shipped."),
    "stock-below-zero": _l("The stock would go below zero."),
    "username-taken": _l("This username is taken."),
}

SENTENCES = (
    (r"(?:Missing data for required field|Field may not be null|May not be blank)\.", _l("Please fill this in.")),
    (r"This is not your password\.", _l("This is not your current password.")),
    (r"Not a valid email address\.", _l("This is not an e-mail address.")),
    (r"Contains control characters\.", _l("This has characters that cannot be seen.")),
    (
        r"Contains a character that cannot be shown: (?P<code>U\+[0-9A-F]+)\.",
        _l("This has a character that cannot be shown: %(code)s."),
    ),
    (r"Longer than maximum length (?P<most>\d+)\.", _l("At most %(most)s characters.")),
    (r"Shorter than minimum length (?P<least>\d+)\.", _l("At least %(least)s characters.")),
    (r"Length must be between (?P<least>\d+) and (?P<most>\d+)\.", _l("%(least)s to %(most)s characters.")),
    (
        r"Must be greater than or equal to (?P<least>-?\d+) and less than or equal to (?P<most>-?\d+)\.",
        _l("A whole number from %(least)s to %(most)s."),
    ),
    (r"At least (?P<least>[\d.]+)\.", _l("At least %(least)s.")),
    (r"At most (?P<most>[\d.]+)\.", _l("At most %(most)s.")),
    (r"At most (?P<decimals>\d) decimals\.", _l("At most %(decimals)s decimals, as in %(example)s.")),
    (r"This is not an amount such as (?P<example>[\d.]+)\.", _l("This is not an amount such as %(example)s.")),
    (
        r"3 to 32 letters, digits, dots, hyphens and underscores, beginning with a letter or digit\.",
        _l("3 to 32 letters, digits, dots, hyphens and underscores, beginning with a letter or digit."),
    ),
    (r"Two capital letters, such as DE \(ISO 3166-1\)\.", _l("Please choose a country.")),
    (r"The credit would be more than (?P<most>.+)\.", _l("The credit would be more than %(most)s.")),
    (r"The stock would be more than (?P<most>.+) units\.", _l("The stock would be more than %(most)s units.")),
    (r"An order comes to (?P<most>.+) at most\.", _l("An order comes to %(most)s at most.")),
    (r"Not a valid .*|Invalid .*", _l("This is not valid.")),
)


def told(problem: Problem) -> str:
    """A sentence about the problem."""
    if problem.status == 429:
        return str(_("Too many failed tries. Please wait %(seconds)s seconds.", seconds=problem.retry_after or 60))
    return str(KINDS.get(problem.kind) or problem.detail or _("This could not be done."))


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
