"""Signatures of messages in the form of Standard Webhooks 1.0, on raw bytes.

Signed content is ``id.timestamp.body``; the signature is HMAC-SHA256 under the decoded secret. A secret reads
``whsec_`` + base64 of 24–64 bytes. Header ``webhook-signature`` lists one or more ``v1,<base64>``, split by spaces.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence

from brain.core.errors import ConfigError, DeliveryError

PREFIX = "whsec_"
ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"
TOLERANCE_S = 300.0
_LONGEST_HEADER = 4096


class SignatureError(DeliveryError):
    """A message that is not signed, is signed by somebody else, or is too old."""


def parse_secret(text: str, *, what: str = "signing secret") -> bytes:
    """Key bytes of a secret.

    Args:
        text: ``whsec_`` + base64 of 24–64 bytes.
        what: how an error names the secret; its text is never repeated.

    Raises:
        ConfigError: another form or length.
    """
    remedy = "write whsec_ + base64 of 24 to 64 random bytes, e.g. echo whsec_$(openssl rand -base64 32)"
    if not text.startswith(PREFIX):
        raise ConfigError(f"{what} does not begin with {PREFIX}", remedy=remedy)
    try:
        key = base64.b64decode(text.removeprefix(PREFIX).encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise ConfigError(f"{what} is not base64 after {PREFIX}", remedy=remedy) from None
    if not 24 <= len(key) <= 64:
        raise ConfigError(f"{what} has {len(key)} bytes, 24 to 64 are needed", remedy=remedy)
    return key


def sign(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """Signature ``v1,<base64>`` of one message.

    Args:
        key: of :func:`parse_secret`.
        message_id: stays the same over retries.
        timestamp: Unix seconds of this try.
        body: the bytes as they are sent.
    """
    content = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode("ascii")


def verify(
    keys: Sequence[bytes], headers: Mapping[str, str], body: bytes, *, now: float, tolerance_s: float = TOLERANCE_S
) -> str:
    """Id of a message, once one of its signatures fits one of the keys; compares in constant time.

    Args:
        keys: several while a secret is being changed.
        headers: with names in small letters, or a mapping that does not mind.
        body: raw bytes as received.
        now: Unix seconds of the receiver's clock.
        tolerance_s: largest difference of the clocks.

    Raises:
        SignatureError: a header is missing or malformed, the time is off, or no signature fits.
    """
    message_id = headers.get(ID_HEADER, "")
    stamp = headers.get(TIMESTAMP_HEADER, "")
    listed = headers.get(SIGNATURE_HEADER, "")
    if not message_id or not stamp or not listed:
        raise SignatureError("webhook-id, webhook-timestamp and webhook-signature are needed")
    if max(len(message_id), len(listed)) > _LONGEST_HEADER:
        raise SignatureError("a webhook header is too long")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise SignatureError("webhook-timestamp is not a number of Unix seconds")
    if abs(now - int(stamp)) > tolerance_s:
        raise SignatureError("webhook-timestamp is too far from this clock", remedy="set the clocks of both sides")
    expected = [sign(key, message_id, int(stamp), body).encode() for key in keys]
    given = [item.encode("utf-8", "replace") for item in listed.split(" ")]
    # Every pair is compared, so that time tells nothing about which key or which signature was near.
    fits = sum(hmac.compare_digest(one, other) for one in expected for other in given)
    if not fits:
        raise SignatureError("no signature fits", remedy="use the same secret on both sides")
    return message_id
