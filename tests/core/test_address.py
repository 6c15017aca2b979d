"""The rule against requests into the house: which addresses are public, which URLs are harmless in form."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperwire.core.address import Target, is_loopback, is_public, target

PRIVATE = [
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.1.2.3", "224.0.0.1"),
    *("240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "192.88.99.1", "::", "::1", "fe80::1", "fc00::1"),
    *("ff02::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:93.184.216.34", "64:ff9b::7f00:1", "64:ff9b:1::1"),
    *("2002:7f00:1::", "2001::1", "fec0::1", "2001:db8::1", "fe80::1%eth0", "2606:4700::1%1", "example.org", ""),
    *("127.1", "0x7f.1", "2130706433", "017700000001"),
    *("::ffff:0:7f00:1", "::ffff:0:808:808", "100::1", "3fff::1", "3fff:fff:ffff::1", "4000::1", "5f00::1", "fbff::1"),
    *("2001:2::1", "2001:10::1", "2001:1ff::1", "2620:4f:8000::1", "192.0.0.9", "192.31.196.1", "198.51.100.1"),
]


@pytest.mark.parametrize("literal", PRIVATE)
def test_what_is_not_on_the_public_internet(literal):
    assert not is_public(literal)


@pytest.mark.parametrize("literal", PRIVATE)
def test_no_version_of_python_is_relied_on(literal, monkeypatch):
    for kind in (ipaddress.IPv4Address, ipaddress.IPv6Address):
        monkeypatch.setattr(kind, "is_global", True)
        monkeypatch.setattr(kind, "is_multicast", False)
    assert not is_public(literal)


@pytest.mark.parametrize("literal", ["93.184.216.34", "8.8.8.8", "2606:4700:4700::1111", "2a00:1450:4001::200e"])
def test_what_is_public(literal):
    assert is_public(literal)


@given(
    st.ip_addresses(v=4, network="127.0.0.0/8"), st.sampled_from(["::ffff:{}", "::{}", "64:ff9b::{}", "2002:{:x}::"])
)
def test_loopback_in_no_disguise_is_public(address, disguise):
    number = int(address) >> 16 if "x" in disguise else str(address)
    assert not is_public(str(ipaddress.ip_address(disguise.format(number))))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://example.org", Target("example.org", 80)),
        ("https://Example.ORG./feed?x=1#y", Target("example.org", 443)),
        ("https://example.org:443/", Target("example.org", 443)),
        ("http://example.org:443/", Target("example.org", 443)),
        ("https://bücher.example/", Target("xn--bcher-kva.example", 443)),
        ("https://a_b.example/", Target("a_b.example", 443)),
        ("http://8.8.8.8/", Target("8.8.8.8", 80)),
        ("http://[2606:4700:4700::1111]/", Target("2606:4700:4700::1111", 80)),
    ],
)
def test_harmless_addresses(url, expected):
    assert target(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.org", "ftp://example.org", "file:///etc/passwd", "javascript:alert(1)", "http://", "http:///x"),
        *("http://localhost", "http://intranet/", "http://.example/", "http://a..b/", "http://[::1]/", "http://[::]/"),
        *("http://127.0.0.1/", "http://127.1/", "http://0x7f.1/", "http://2130706433/", "http://017700000001/"),
        *(
            "http://0/",
            "http://①②⑦.⓪.⓪.①/",
            "http://１２７.0.0.1/",
            "http://example.org:22/",
            "http://example.org:0x50/",
            "http://example.org:0/",
            "https://8.8.8.8:0/",
            "http://example.org:65536/",
        ),
        *("http://ok@127.0.0.1/", "http://user:pass@example.org/", "http://@example.org/", "http://exa mple.org/"),
        *(
            "http://example.org\\@evil.example/",
            "http://example.org/\r\nX: y",
            "http://exa\x7fmple.org/",
            "http://[::1/",
        ),
        *(
            "http://[fe80::1%25eth0]/",
            "https://" + "a" * 3000 + ".example/",
            "http://%31%32%37.0.0.1/",
            "http://ex*.org/",
        ),
        *("http://example.org:99999/", "http://" + "ü" * 80 + ".example/"),
    ],
)
def test_addresses_refused_for_their_form(url):
    with pytest.raises(ValueError, match=r"."):
        target(url)


@given(st.text(max_size=60))
def test_any_text_is_a_target_or_a_value_error(text):
    for url in (text, f"http://{text}/"):
        try:
            found = target(url)
        except ValueError:
            continue
        assert found.port in {80, 443}
        assert found.host.isascii()


def test_what_works_on_this_machine_alone():
    assert all(map(is_loopback, ["http://127.0.0.1:8000", "http://[::1]/x", "http://localhost", "http://a.localhost"]))
    assert not any(map(is_loopback, ["https://papers.example.org", "http://10.0.0.1", "nothing"]))
