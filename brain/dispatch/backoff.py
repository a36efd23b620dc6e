"""When to try again: full jitter, ``Retry-After`` and the age at which a message is given up. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

RETRY_AFTER_MAX_S = 3600.0


@dataclass(frozen=True, slots=True)
class Policy:
    """Pauses between tries of one desk.

    Attributes:
        base_s: upper limit of the first pause.
        cap_s: upper limit of every pause.
        give_up_after_s: age at which a message becomes a dead letter.
    """

    base_s: float = 1.0
    cap_s: float = 600.0
    give_up_after_s: float = 30 * 86400.0


def full_jitter(n: int, base_s: float, cap_s: float, rng: random.Random) -> float:
    """Pause in seconds before try ``n + 2``: random(0, min(cap, base · 2^n)).

    Source: "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015), variant *full jitter*.

    Args:
        n: failed tries before the one that just failed, from 0.
        base_s: limit for ``n`` = 0.
        cap_s: limit for all.
        rng: source of chance.
    """
    return rng.uniform(0.0, min(cap_s, base_s * 2.0 ** min(max(n, 0), 60)))


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds asked for by a ``Retry-After`` header, 0–3600; ``None`` when absent or malformed.

    Args:
        value: whole seconds or an HTTP date (RFC 9110 §10.2.3).
        now: UTC now, for dates.
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), RETRY_AFTER_MAX_S)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(0.0, (moment - now).total_seconds()), RETRY_AFTER_MAX_S)


def pause(tries: int, policy: Policy, rng: random.Random, asked_s: float | None = None) -> float:
    """Seconds until the next try: the jittered pause, or what the desk asked for when that is longer.

    Args:
        tries: failed tries so far, this one included (from 1).
        policy: of the desk.
        rng: source of chance.
        asked_s: of :func:`retry_after`.
    """
    own = full_jitter(tries - 1, policy.base_s, policy.cap_s, rng)
    return own if asked_s is None else max(own, asked_s)


def expired(created: datetime, now: datetime, policy: Policy) -> bool:
    """Whether a message that just failed is too old to be tried again."""
    return (now - created).total_seconds() >= policy.give_up_after_s
