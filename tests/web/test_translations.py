"""Every text of the websites has a translation, and what is compiled is what is written."""

from gettext import GNUTranslations
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
FOLDERS = ["backoffice_web", "shop/web", "storefront_web"]
KEYWORDS = {"_": None, "_l": None, "gettext": None, "ngettext": (1, 2)}

with (ROOT / "babel.cfg").open() as mapping:
    METHODS, OPTIONS = parse_mapping_cfg(mapping)


def texts_in(folder):
    """What the code and the templates say, in the singular."""
    found = extract_from_dir(ROOT / folder, METHODS, OPTIONS, KEYWORDS)
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def written(folder):
    """The catalogue: translations by text, those of plurals as a tuple."""
    with (ROOT / folder / "translations/de/LC_MESSAGES/messages.po").open("rb") as catalogue:
        messages = [message for message in read_po(catalogue) if message.id]
    return {message.id if isinstance(message.id, str) else message.id[0]: message.string for message in messages}


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_text_is_translated(folder):
    translated = {text for text, translation in written(folder).items() if all(translation) and translation}

    assert texts_in(folder) - translated == set()


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_is_compiled_is_what_is_written(folder):
    with (ROOT / folder / "translations/de/LC_MESSAGES/messages.mo").open("rb") as compiled:
        catalogue = GNUTranslations(compiled)

    for text, translation in written(folder).items():
        if isinstance(translation, str):
            assert catalogue.gettext(text) == translation
        else:
            assert (catalogue.ngettext(text, "", 1), catalogue.ngettext(text, "", 2)) == translation
