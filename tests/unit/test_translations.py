"""Every text of the translated websites in every language: none missing, none left over, and compiled."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
LANGUAGES = ("de",)
SITES = [ROOT / "shop" / "web", *sorted(ROOT.glob("*_web"))]
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
OPTIONS = {"**/templates/**.html": {"extensions": "jinja2.ext.do"}}
KEYWORDS = {"_": None, "_l": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")

pytestmark = [
    pytest.mark.parametrize("language", LANGUAGES),
    pytest.mark.parametrize("site", SITES, ids=lambda site: site.name),
]


def texts_in(site):
    """The texts that the site's code and templates ask for; with their plural, where they have one."""
    found = extract_from_dir(site, METHODS, OPTIONS, keywords=KEYWORDS, callback=None)
    return {text if isinstance(text, tuple) else (text,) for _, _, text, _, _ in found}


def catalogue(site, language):
    with (site / "translations" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def forms(text):
    return text if isinstance(text, tuple) else (text,)


def test_every_text_is_translated_and_no_other(site, language):
    messages = [message for message in catalogue(site, language) if message.id]

    translated = {forms(message.id) for message in messages if all(forms(message.string)) and not message.fuzzy}

    assert texts_in(site) - translated == set(), "run `make translations` and translate what is empty"
    assert translated - texts_in(site) == set(), "run `make translations`"


def test_translations_say_the_same_numbers_and_names(site, language):
    messages = [message for message in catalogue(site, language) if message.id]

    differing = [
        message.id
        for message in messages
        if {*PLACEHOLDER.findall(forms(message.id)[-1])} != {*PLACEHOLDER.findall(forms(message.string)[-1])}
    ]

    assert differing == []


def test_what_is_translated_is_compiled(site, language):
    compiled = BytesIO()
    write_mo(compiled, catalogue(site, language))
    compiled.seek(0)

    with (site / "translations" / language / "LC_MESSAGES" / "messages.mo").open("rb") as shown:
        assert texts_of(shown) == texts_of(compiled), "run `make translations`"


def texts_of(compiled):
    return {str(message.id): str(message.string) for message in read_mo(compiled) if message.id}
