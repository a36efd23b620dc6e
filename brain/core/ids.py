"""Identifiers that come out the same whenever the same thing is seen again."""

from __future__ import annotations

import hashlib
import re
import uuid
from pathlib import PurePath

NAMESPACE = uuid.UUID("6f1d8a52-6a8b-5c0e-9d9e-3b0f4f1c2a77")
IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def event_id(scenario: str, camera: str, view: str, zone: str, began: str) -> str:
    """Deterministic id of an event: the same scenario, camera, view, zone and begin give the same id.

    Args:
        began: UTC begin as ``brain.core.clock.iso`` writes it.
    """
    return str(uuid.uuid5(NAMESPACE, "\x1f".join((scenario, camera, view, zone, began))))


def derived_id(*parts: str) -> str:
    """Deterministic id of anything that is named by ``parts``, e.g. one message of one case."""
    return str(uuid.uuid5(NAMESPACE, "\x1e".join(parts)))


def sha256_hex(data: bytes) -> str:
    """sha256 of bytes as 64 hex digits."""
    return hashlib.sha256(data).hexdigest()


def is_identifier(text: str) -> bool:
    """Whether a text may name a camera, zone, desk or scenario: letters, digits, ``_ . -``; 64 at most."""
    return IDENTIFIER.fullmatch(text) is not None


def safe_name(path: PurePath, length: int = 56) -> str:
    """An identifier made of a file's name without its ending; room is left to number names that come out the same."""
    name = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "._-") else "_" for letter in path.stem
    )
    return name[:length].lstrip("._-") or "clip"
