"""Signatures against the foreign ``standardwebhooks`` package, and what is refused."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from brain.core.errors import ConfigError
from brain.dispatch.signing import SignatureError, parse_secret, sign, verify

KEY = bytes(range(40))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
NOW = 1_795_000_000


def headers(body: bytes, key: bytes = KEY, stamp: int = NOW, message_id: str = "m1") -> dict[str, str]:
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(stamp),
        "webhook-signature": sign(key, message_id, stamp, body),
    }


@given(st.text(), st.uuids())
def test_same_signature_as_the_foreign_package(body, message_id):
    moment = datetime.fromtimestamp(NOW, UTC)
    foreign = Webhook(SECRET).sign(str(message_id), moment, body)
    assert sign(parse_secret(SECRET), str(message_id), NOW, body.encode()) == foreign


@given(st.binary(), st.binary(min_size=24, max_size=64))
def test_verifies_its_own_on_any_bytes(body, key):
    assert verify([key], headers(body, key), body, now=NOW) == "m1"


def test_takes_what_the_foreign_package_signs():
    signature = Webhook(SECRET).sign("m1", datetime.fromtimestamp(NOW, UTC), "{}")
    made = {"webhook-id": "m1", "webhook-timestamp": str(NOW), "webhook-signature": signature}
    assert verify([KEY], made, b"{}", now=NOW) == "m1"


def test_rotation_takes_either_key_and_either_signature():
    old, new = bytes(24), bytes([7] * 24)
    both = headers(b"x", old)
    both["webhook-signature"] = f"v1a,zzz {sign(new, 'm1', NOW, b'x')} garbage"
    assert verify([old, new], both, b"x", now=NOW) == "m1"
    assert verify([new], both, b"x", now=NOW) == "m1"
    with pytest.raises(SignatureError):
        verify([old], both, b"x", now=NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": ""},
        {"webhook-id": "m2"},
        {"webhook-id": "m" * 5000},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "-1"},
        {"webhook-timestamp": "１７"},
        {"webhook-timestamp": str(NOW + 301)},
        {"webhook-timestamp": str(NOW - 301)},
        {"webhook-timestamp": str(NOW + 1)},
        {"webhook-signature": ""},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,é\udcff"},
        {"webhook-signature": "v1," + "A" * 44},
    ],
)
def test_refuses(change):
    with pytest.raises(SignatureError):
        verify([KEY], headers(b"body") | change, b"body", now=NOW)


def test_refuses_another_body_and_no_keys():
    with pytest.raises(SignatureError):
        verify([KEY], headers(b"body"), b"body ", now=NOW)
    with pytest.raises(SignatureError):
        verify([], headers(b"body"), b"body", now=NOW)


@pytest.mark.parametrize("edge", [NOW - 300, NOW + 300])
def test_five_minutes_are_allowed(edge):
    assert verify([KEY], headers(b"", stamp=edge), b"", now=NOW) == "m1"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "whsec_"),
        ("sk_abcdefgh", "whsec_"),
        ("whsec_not base64!", "base64"),
        ("whsec_ä", "base64"),
        ("whsec_" + base64.b64encode(bytes(23)).decode(), "23 bytes"),
        ("whsec_" + base64.b64encode(bytes(65)).decode(), "65 bytes"),
    ],
)
def test_bad_secrets_are_named_but_not_repeated(text, word):
    with pytest.raises(ConfigError, match=word) as error:
        parse_secret(text, what="desk city: secret")
    assert "desk city: secret" in str(error.value)
    tail = text.removeprefix("whsec_")
    assert not tail or tail not in str(error.value)


@pytest.mark.parametrize("size", [24, 64])
def test_allowed_lengths(size):
    assert parse_secret("whsec_" + base64.b64encode(bytes(size)).decode()) == bytes(size)
