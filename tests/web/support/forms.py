"""What a form on a page says."""


def value_of(answer, name):
    """What stands in a text field."""
    page = answer.get_data(as_text=True)
    (field,) = [part for part in page.split("<input")[1:] if f'name="{name}"' in part.split(">")[0]]
    return field.split('value="')[1].split('"')[0]


def errors_of(answer, name):
    """What stands under a field."""
    page = answer.get_data(as_text=True)
    return [part.split("<")[0] for part in page.split(f'id="{name}-errors"')[1].split("</ul>")[0].split("<li>")[1:]]
