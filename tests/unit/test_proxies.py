"""Trusted proxies: the peers that are believed about where a request comes from."""

import pytest

from shop.http.proxies import LOOPBACK, Proxies

CLIENT = "203.0.113.9"


@pytest.mark.parametrize(
    ("networks", "peer", "said", "client"),
    [
        (LOOPBACK, "127.0.0.1", CLIENT, CLIENT),
        (LOOPBACK, "::1", "2001:db8::9", "2001:db8::9"),
        (LOOPBACK, "127.0.0.1", f"6.6.6.6, {CLIENT}", CLIENT),
        (LOOPBACK, "192.0.2.7", CLIENT, "192.0.2.7"),
        ("172.16.0.0/12", "172.20.0.5", CLIENT, CLIENT),
        ("172.16.0.0/12", "127.0.0.1", CLIENT, "127.0.0.1"),
        (LOOPBACK, "127.0.0.1", "nonsense", "127.0.0.1"),
        (LOOPBACK, "127.0.0.1", "", "127.0.0.1"),
        (LOOPBACK, "", CLIENT, ""),
    ],
)
def test_a_known_proxy_is_believed_about_the_client_and_nobody_else_is(networks, peer, said, client):
    assert Proxies.parse(networks).client_of(peer, said) == client


@pytest.mark.parametrize("text", ["10.0.0.0/33", "10.0.0.1/8", "proxy", "10.0.0.0/8,::1/128"])
def test_what_is_no_network_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - the standard library's, with texts of its own
        Proxies.parse(text)
