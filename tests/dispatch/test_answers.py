"""The table of answers, back-off and the breaker: pure rules."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.dispatch import backoff
from brain.dispatch.answers import Action, Outcome, Reach, decide
from brain.dispatch.breaker import PAUSE_S, TRIP_AFTER, Breaker, LineState

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "action", "cause"),
    [
        *((s, Action.SENT, "sent") for s in (200, 201, 202, 204, 226)),
        *((s, Action.DEAD, "moved") for s in (300, 301, 302, 303, 304, 307, 308)),
        *((s, Action.DEAD, "rejected") for s in (400, 402, 404, 405, 406, 415, 421, 422, 451)),
        *((s, Action.PAUSE, "credentials") for s in (401, 403)),
        *((s, Action.RETRY, "busy") for s in (408, 425, 429)),
        *((s, Action.RETRY, "desk_error") for s in (500, 501, 502, 503, 504, 507, 599, 600, 999)),
        (409, Action.DEAD, "conflict"),
        (410, Action.PAUSE, "gone"),
        (413, Action.RETRY_BARE, "too_large"),
    ],
)
def test_status(status, action, cause):
    decision = decide(Outcome(Reach.ANSWERED, status=status))
    assert (decision.action, decision.cause) == (action, cause)
    assert (str(status) in decision.reason) == (action is not Action.SENT)


@pytest.mark.parametrize(
    ("outcome", "action", "cause"),
    [
        (Outcome(Reach.ANSWERED, status=409, ours=True), Action.SENT, "exists"),
        (Outcome(Reach.ANSWERED, status=413, bare=True), Action.DEAD, "too_large"),
        (Outcome(Reach.UNREACHABLE), Action.RETRY, "unreachable"),
        (Outcome(Reach.UNKNOWN), Action.RETRY, "no_answer"),
        (Outcome(Reach.TLS), Action.PAUSE, "tls"),
        (Outcome(Reach.FORBIDDEN), Action.PAUSE, "address"),
        (Outcome(Reach.UNREADABLE), Action.DEAD, "damaged"),
    ],
)
def test_other_outcomes(outcome, action, cause):
    decision = decide(outcome)
    assert (decision.action, decision.cause) == (action, cause)


@given(st.integers(0, 1000), st.booleans(), st.booleans())
def test_every_status_has_one_meaning_and_only_2xx_or_our_409_counts_as_delivered(status, bare, ours):
    decision = decide(Outcome(Reach.ANSWERED, status=status, bare=bare, ours=ours))
    assert (decision.action is Action.SENT) == (200 <= status < 300 or (status == 409 and ours))
    assert decision.action is Action.SENT or decision.reason


@given(st.integers(-5, 10_000), st.floats(0.01, 100), st.floats(0.01, 10_000), st.integers())
def test_jitter_stays_within_base_times_two_to_the_n_and_cap(n, base, cap, seed):
    value = backoff.full_jitter(n, base, cap, random.Random(seed))
    assert 0 <= value <= min(cap, base * 2 ** min(max(n, 0), 60))


def test_jitter_uses_all_of_its_range():
    values = [backoff.full_jitter(3, 1.0, 600.0, random.Random(seed)) for seed in range(400)]
    assert min(values) < 0.4
    assert max(values) > 7.6
    assert 3.5 < sum(values) / len(values) < 4.5


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("0", 0),
        (" 7 ", 7),
        ("999999999999", 3600),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90),
        (format_datetime(NOW - timedelta(seconds=90), usegmt=True), 0),
        (format_datetime(NOW + timedelta(days=90), usegmt=True), 3600),
        ("Tue, 24 Nov 2026 08:00:30 -0000", 30),
        ("Tue, 99 Nov 2026 08:00:30 GMT", None),
    ],
)
def test_retry_after(text, seconds):
    assert backoff.retry_after(text, NOW) == seconds


@given(st.text())
def test_retry_after_bears_any_text(text):
    value = backoff.retry_after(text, NOW)
    assert value is None or 0 <= value <= backoff.RETRY_AFTER_MAX_S


def test_longer_of_own_pause_and_retry_after():
    policy = backoff.Policy(base_s=1.0, cap_s=600.0)
    assert backoff.pause(1, policy, random.Random(1), 30.0) == 30.0
    own = backoff.pause(12, policy, random.Random(1))
    assert own > 30
    assert backoff.pause(12, policy, random.Random(1), 30.0) == own


@pytest.mark.parametrize(("age_s", "gone"), [(0, False), (59.9, False), (60, True), (-3600, False)])
def test_expiry(age_s, gone):
    assert backoff.expired(NOW - timedelta(seconds=age_s), NOW, backoff.Policy(give_up_after_s=60)) is gone


def test_breaker_trips_after_five_probes_alone_and_starts_slowly():
    breaker = Breaker.fresh(6)
    for n in range(TRIP_AFTER):
        assert breaker.state is (LineState.FAILING if n else LineState.OK)
        assert breaker.allowed(0, 100.0) == 6
        breaker = breaker.failed("down", 100.0, 8.0)
    assert breaker.state is LineState.TRIPPED
    assert breaker.allowed(0, 107.9) == 0
    assert breaker.allowed(0, 108.0) == 1
    assert breaker.allowed(1, 108.0) == 0

    windows = []
    breaker = breaker.succeeded()
    while not windows or windows[-1] < 6:  # a round: all that may be under way succeeds
        windows.append(breaker.window)
        for _ in range(breaker.window):
            breaker = breaker.succeeded()
    assert windows == [2, 4, 6]
    assert breaker.state is LineState.OK


def test_retry_after_holds_the_line_before_it_trips():
    breaker = Breaker.fresh(6).failed("busy", 10.0, 99.0, 5.0)
    assert (breaker.state, breaker.allowed(0, 14.9), breaker.allowed(0, 15.0)) == (LineState.FAILING, 0, 6)
    assert breaker.failed("busy", 11.0, 99.0).closed_until == 15.0


def test_pause_lets_one_probe_pass_later_or_on_request():
    breaker = Breaker.fresh(6).stopped("credentials", 0.0)
    assert (breaker.state, breaker.allowed(0, PAUSE_S - 1), breaker.allowed(0, PAUSE_S)) == (LineState.PAUSED, 0, 1)
    asked = breaker.resumed()
    assert (asked.state, asked.allowed(0, 1.0), asked.allowed(1, 1.0)) == (LineState.PAUSED, 1, 0)
    assert asked.succeeded().state is LineState.OK


@given(st.lists(st.sampled_from(["ok", "fail", "pause", "resume"]), max_size=60))
def test_breaker_always_lets_something_pass_sooner_or_later(steps):
    breaker, now = Breaker.fresh(6), 0.0
    for step in steps:
        now += 1.0
        match step:
            case "ok":
                breaker = breaker.succeeded()
            case "fail":
                breaker = breaker.failed("x", now, 60.0, 30.0)
            case "pause":
                breaker = breaker.stopped("x", now)
            case _:
                breaker = breaker.resumed()
        assert 1 <= breaker.window <= 6
        assert breaker.allowed(0, now + 3600) >= 1
        assert breaker.allowed(6, now + 3600) == 0
        assert bool(breaker.reason) == (breaker.state is not LineState.OK)
