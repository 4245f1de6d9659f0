"""The texts of a form on a page."""

import re
from html import unescape

FORM = re.compile(r'<form\b[^>]*\baction="([^"]*)"[^>]*>(.*?)</form>', re.DOTALL)
INPUT = re.compile(r"<input\b[^>]*>")
AREA = re.compile(r'<textarea\b[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', re.DOTALL)
SELECT = re.compile(r'<select\b[^>]*name="([^"]*)"[^>]*>(.*?)</select>', re.DOTALL)
CHOSEN = re.compile(r'<option\b[^>]*\bselected\b[^>]*value="([^"]*)"|<option\b[^>]*value="([^"]*)"[^>]*\bselected\b')
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


def value_of(answer, name):
    """The value in a text field."""
    page = answer.get_data(as_text=True)
    (field,) = [part for part in page.split("<input")[1:] if f'name="{name}"' in part.split(">")[0]]
    return field.split('value="')[1].split('"')[0]


def errors_of(answer, name):
    """The errors under a field."""
    page = answer.get_data(as_text=True)
    return [part.split("<")[0] for part in page.split(f'id="{name}-errors"')[1].split("</ul>")[0].split("<li>")[1:]]


def note_of(answer, name):
    """The note about a value that another user has changed; empty where there is none."""
    _, there, rest = answer.get_data(as_text=True).partition(f'id="{name}-theirs"')
    return (
        " ".join(unescape(re.sub(r"<[^>]+>", "", rest.partition(">")[2].partition("</div>")[0])).split())
        if there
        else ""
    )


def fields_of(answer, action):
    """All that a browser would send with a form, as it stands on the page."""
    (form,) = [inner for target, inner in FORM.findall(answer.get_data(as_text=True)) if unescape(target) == action]
    return fields_in(form)


def fields_in(form):
    """Likewise, from its text."""
    tags = [dict(ATTRIBUTE.findall(tag)) for tag in INPUT.findall(form)]
    values = {tag["name"]: tag.get("value", "") for tag in tags if tag.get("type") not in ("submit", "checkbox")}
    values |= {name: text.removeprefix("\r\n").removeprefix("\n") for name, text in AREA.findall(form)}
    for name, options in SELECT.findall(form):
        found = CHOSEN.search(options)
        values[name] = (found[1] or found[2] or "") if found else ""
    return {name: unescape(value) for name, value in values.items()}
