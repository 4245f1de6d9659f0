"""Content negotiation (RFC 9110, section 12.5.1)."""

from collections.abc import Sequence

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from gateway_svc.problems import RequestProblem


class NotAcceptable(RequestProblem):
    """No acceptable representation."""

    status = 406

    def __init__(self, detail: str = "No acceptable representation.") -> None:
        super().__init__(detail)


def preferred(accept: str | None, forms: Sequence[str]) -> str:
    """The form that the Accept header prefers, the first of equal ones.

    Raises:
        NotAcceptable: the header accepts none of the forms.
    """
    if not accept or not accept.strip():
        return forms[0]
    wanted = parse_accept_header(accept, MIMEAccept)
    best = max(forms, key=wanted.quality)
    if wanted.quality(best) <= 0:
        raise NotAcceptable(f"Available: {', '.join(forms)}.")
    return best
