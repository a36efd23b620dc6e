"""Addresses that are never allowed, names, and what a message's bytes are."""

from __future__ import annotations

import json

import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.dispatch.network import Deadline, ForbiddenAddressError, check_address, resolve
from brain.dispatch.webhook import clean


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254", "169.254.0.1", "fe80::1", "fe80::1%eth0", "::ffff:169.254.169.254", "2002:a9fe:a9fe::1",
        "64:ff9b::a9fe:a9fe", "100.100.100.200", "fd00:ec2::254", "0.0.0.0", "::", "224.0.0.1", "ff02::1",
    ],
)  # fmt: skip
def test_forbidden(address):
    with pytest.raises(ForbiddenAddressError):
        check_address(address)
    with pytest.raises(ForbiddenAddressError):
        resolve(f"[{address}]" if ":" in address else address, 80, 1.0)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.1.2.3", "192.168.1.1", "203.0.113.9", "2001:db8::1"])
def test_allowed(address):
    assert resolve(address, 80, 1.0) == [address]


def test_a_name_is_resolved_and_checked():
    assert set(resolve("localhost", 80, 5.0)) <= {"127.0.0.1", "::1"}


def test_an_unknown_name_cannot_be_reached():
    with pytest.raises((httpcore.ConnectError, httpcore.ConnectTimeout)):
        resolve("no-such-host.invalid", 80, 5.0)


def test_deadline_is_of_the_whole_try():
    deadline = Deadline()
    deadline.start(0.0)
    assert not deadline.sent
    with pytest.raises(httpcore.ReadTimeout):
        deadline.left(httpcore.ReadTimeout)
    deadline.start(5.0)
    assert 4.5 < deadline.left(httpcore.ReadTimeout) <= 5.0


@given(st.text())
def test_foreign_text_becomes_one_short_line(text):
    shown = clean(text)
    assert len(shown) <= 160
    assert len(shown.splitlines()) <= 1
    assert "\x1b" not in shown
    json.dumps(shown)
