"""Only cameras in allowed networks are opened, whatever their address looks like."""

from __future__ import annotations

import socket
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.core.errors import AddressError, SourceError, UnreachableError
from brain.video.address import is_allowed, pin_address, resolve_host

DEFAULT = ("private", "loopback")


@pytest.mark.parametrize(
    ("address", "allow", "expected"),
    [
        # private
        ("10.1.2.3", ("private",), True),
        ("172.16.0.1", ("private",), True),
        ("172.32.0.1", ("private",), False),
        ("192.168.255.255", ("private",), True),
        ("fd00::1", ("private",), True),
        ("8.8.8.8", ("private",), False),
        ("2606:4700::1111", ("private",), False),
        ("127.0.0.1", ("private",), False),
        ("::1", ("private",), False),
        ("255.255.255.255", ("private",), False),
        ("240.0.0.1", ("private",), False),
        # loopback
        ("127.0.0.1", ("loopback",), True),
        ("127.255.0.9", ("loopback",), True),
        ("::1", ("loopback",), True),
        ("10.1.2.3", ("loopback",), False),
        # networks
        ("203.0.113.7", ("203.0.113.0/24",), True),
        ("203.0.114.7", ("203.0.113.0/24",), False),
        ("203.0.113.7", ("203.0.113.7",), True),
        ("2001:db8::7", ("2001:db8::/32",), True),
        ("203.0.113.7", ("2001:db8::/32", "203.0.113.0/24"), True),
        ("203.0.113.7", ("2001:db8::/32",), False),
        ("203.0.113.7", (), False),
        # any
        ("8.8.8.8", ("any",), True),
        ("2606:4700::1111", ("any",), True),
        # IPv4 within IPv6 counts as what it is
        ("::ffff:10.1.2.3", ("private",), True),
        ("::ffff:8.8.8.8", ("private",), False),
        ("::ffff:127.0.0.1", ("loopback",), True),
        ("::ffff:127.0.0.1", ("private",), False),
        ("::ffff:203.0.113.7", ("203.0.113.0/24",), True),
    ],
)
def test_networks(address: str, allow: Sequence[str], expected: bool) -> None:
    assert is_allowed(address, allow) is expected


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.0.1",
        "fe80::1",
        "fe80::1%eth0",
        "::ffff:169.254.169.254",
        "64:ff9b::169.254.169.254",
        "2002:a9fe:a9fe::1",
        "fd00:ec2::254",
        "100.100.100.200",
        "168.63.129.16",
        "224.0.0.1",
        "ff02::1",
        "0.0.0.0",
        "::",
        "::ffff:0.0.0.0",
    ],
)
@pytest.mark.parametrize("allow", [("any",), DEFAULT, ("0.0.0.0/0", "::/0"), ("169.254.0.0/16", "fe80::/10")])
def test_never_allowed(address: str, allow: Sequence[str]) -> None:
    assert is_allowed(address, allow) is False


@given(st.ip_addresses(), st.lists(st.ip_addresses(v=4), max_size=3))
def test_any_allows_what_the_others_allow(address: object, networks: list[object]) -> None:
    allow = [*DEFAULT, *(f"{network}/32" for network in networks)]
    if is_allowed(str(address), allow):
        assert is_allowed(str(address), ["any"])
    assert not is_allowed(str(address), [])


class Names:
    """A resolver that counts, and gives another answer each time it is asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        return self.answers[min(len(self.asked), len(self.answers)) - 1]


def test_a_name_is_resolved_once_and_pinned() -> None:
    names = Names(["10.1.2.3"], ["8.8.8.8"])
    assert pin_address("rtsp://camera.example/live?x=1", DEFAULT, names) == "rtsp://10.1.2.3:554/live?x=1"
    assert names.asked == ["camera.example"]


@pytest.mark.parametrize(
    ("url", "answer", "expected"),
    [
        ("rtsp://10.1.2.3/s", ["10.1.2.3"], "rtsp://10.1.2.3:554/s"),
        ("rtsp://10.1.2.3:8554/s", ["10.1.2.3"], "rtsp://10.1.2.3:8554/s"),
        ("rtsps://cam/s", ["10.1.2.3"], "rtsps://10.1.2.3:322/s"),
        ("rtsp://CAM/S", ["10.1.2.3"], "rtsp://10.1.2.3:554/S"),
        ("rtsp://[fd00::1]:8554/s", ["fd00::1"], "rtsp://[fd00::1]:8554/s"),
        ("rtsp://cam", ["10.1.2.3"], "rtsp://10.1.2.3:554"),
        ("rtsp://cam/s", ["8.8.8.8", "10.1.2.3"], "rtsp://10.1.2.3:554/s"),
        ("rtsp://cam/a%20b", ["10.1.2.3"], "rtsp://10.1.2.3:554/a%20b"),
    ],
)
def test_pinned(url: str, answer: list[str], expected: str) -> None:
    assert pin_address(url, DEFAULT, Names(answer)) == expected


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://10.1.2.3/s", "protocol 'http' is not opened"),
        ("file:///etc/passwd", "protocol 'file' is not opened"),
        ("concat:a|b", "protocol 'concat' is not opened"),
        ("10.1.2.3", "protocol '' is not opened"),
        ("rtsp:///s", "no host"),
        ("rtsp://:554/s", "no host"),
        ("rtsp://10.1.2.3:0x22/s", "cannot be read"),
        ("rtsp://10.1.2.3:99999/s", "cannot be read"),
        ("rtsp://[fd00::1/s", "cannot be read"),
        ("rtsp://[zz]/s", "cannot be read"),
        ("rtsp://a\u2100b/s", "cannot be read"),
    ],
)
def test_addresses_that_are_none(url: str, words: str) -> None:
    with pytest.raises(AddressError, match=words) as caught:
        pin_address(url, DEFAULT, Names(["10.1.2.3"]))
    assert caught.value.remedy


@pytest.mark.parametrize("answer", [["8.8.8.8"], ["169.254.169.254"], ["::ffff:8.8.8.8", "2606:4700::1"], []])
def test_outside(answer: list[str]) -> None:
    with pytest.raises(AddressError, match=r"cam is outside the allowed networks \(private, loopback\)") as caught:
        pin_address("rtsp://cam/s", DEFAULT, Names(answer))
    assert "network.allow" in caught.value.remedy


@pytest.mark.parametrize("url", ["rtsp://localhost/s", "rtsp://2130706433/s", "rtsp://127.1/s", "rtsp://[::1]/s"])
def test_other_spellings_of_loopback_are_pinned_as_loopback(url: str) -> None:
    host = pin_address(url, ("loopback",)).removeprefix("rtsp://").removesuffix(":554/s")
    assert host in ("127.0.0.1", "[::1]")
    with pytest.raises(AddressError):
        pin_address(url, ("private",))


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".example", "a\0b", "nothing.invalid", "-"])
def test_unknown_names(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def offline(name: str, *rest: object, **named: object) -> object:
        # The encoding of the name is the real one; only the question to a name server is not asked.
        if name in ("nothing.invalid", "-"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(name, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", offline)
    with pytest.raises(UnreachableError, match="is not known") as caught:
        resolve_host(host)
    assert caught.value.remedy


@given(st.text(max_size=30))
def test_any_text_is_pinned_or_refused(text: str) -> None:
    for url in (text, f"rtsp://{text}", f"rtsp://host{text}"):
        try:
            pinned = pin_address(url, DEFAULT, lambda host: ["10.1.2.3"])
        except SourceError:
            continue
        assert pinned.startswith(("rtsp://10.1.2.3:", "rtsps://10.1.2.3:"))
