"""Names that services agree on."""

import pytest

from shop.contracts.catalogue import STREAMS
from shop.contracts.names import KINDS_OF_STREAMS, kind_of_stream


def test_every_kind_of_stream_is_known_with_its_service():
    assert {pattern.partition("-<")[0]: service for pattern, (service, _) in STREAMS.items()} == KINDS_OF_STREAMS


@pytest.mark.parametrize(
    ("stream", "kind"),
    [
        ("order-33333333-3333-4333-8333-333333333333", "order"),
        ("customer-credential-anna", "customer"),
        ("credit-notes-2026", "credit-notes"),
        ("credit-2026", None),
        ("orders-1", None),
        ("order", None),
        ("", None),
    ],
)
def test_a_streams_kind_is_what_its_name_begins_with(stream, kind):
    assert kind_of_stream(stream) == kind
