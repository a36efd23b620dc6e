from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brain.core.types import EventKind, Finding, Severity, Zone
from brain.rules.base import UNKNOWN, Moment
from brain.rules.conditions import parse_condition
from brain.rules.lifecycle import Lifecycle, LifecycleState, Raise, Transition

ZONE = Zone("z", "no_parking")
HIDDEN = Finding(active=None, since_s=0.0, lasted_s=50.0)
ABSENT = Finding(active=False)


def present(lasted: float = 100.0, needed: float = 0.0, measure: float = 0.0) -> Finding:
    return Finding(active=True, since_s=0.0, lasted_s=lasted, needed_s=needed, measure=measure)


def run(lifecycle: Lifecycle, findings: list[Finding], every: float = 2.0) -> list[Transition]:
    state, found = lifecycle.start(), []
    for index, finding in enumerate(findings):
        at = index * every
        state, transitions = lifecycle.step(state, finding, Moment(at, at), ZONE)
        found += transitions
    return found


def signs(text: str) -> list[Finding]:
    """``+`` present, ``-`` absent, ``h`` hidden, ``?`` unknown."""
    return [{"+": present(), "-": ABSENT, "h": HIDDEN, "?": UNKNOWN}[sign] for sign in text]


def happened(found: list[Transition]) -> str:
    return " ".join(f"{item.kind.value}@{item.at_s:g}" for item in found)


@pytest.mark.parametrize(
    ("at_least", "of", "text", "expected"),
    [
        (1, 1, "+", "raised@0"),
        (3, 5, "++-+", "raised@6"),
        (3, 5, "++--+", "raised@8"),
        (3, 5, "++---+", ""),
        (3, 5, "++---++", ""),
        (3, 5, "++---+++", "raised@14"),
        (8, 10, "+" * 8, "raised@14"),
        (8, 10, "+" * 7 + "--+", "raised@18"),
        (8, 10, "+" * 7 + "---+", ""),
        # hidden samples count against, unknown ones do not count at all
        (3, 4, "++hh+", ""),
        (3, 4, "++h+", "raised@6"),
        (3, 3, "+?+??+", "raised@10"),
        # the sample that raises shows it
        (2, 3, "++-", "raised@2"),
    ],
)
def test_confirm(at_least: int, of: int, text: str, expected: str) -> None:
    assert happened(run(Lifecycle(of=of, at_least=at_least, clear_s=600), signs(text))) == expected


@pytest.mark.parametrize(("needed", "expected"), [(4.0, "raised@4"), (4.1, "raised@6"), (5.9999999, "raised@6")])
def test_judged_once_the_dwell_is_reached(needed: float, expected: str) -> None:
    findings = [present(lasted=2.0 * index, needed=needed) for index in range(5)]
    found = run(Lifecycle(of=2, at_least=1, clear_s=60), findings)
    assert happened(found) == expected
    assert found[0].began_s == 0.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+---", "raised@0"),
        ("+----", "raised@0 ended@8"),
        ("+--+---", "raised@0"),
        ("+--+----", "raised@0 ended@14"),
        # hidden and unknown samples stop the clock of the clear
        ("+--hh--", "raised@0"),
        ("+--hh---", "raised@0 ended@14"),
        ("+-------+", "raised@0 ended@8"),
    ],
)
def test_clear_after_six_seconds(text: str, expected: str) -> None:
    assert happened(run(Lifecycle(of=1, at_least=1, clear_s=6), signs(text))) == expected


def test_cooldown_then_a_new_event() -> None:
    found = run(Lifecycle(of=1, at_least=1, clear_s=0, cooldown_s=10), signs("+-+++++++-"))
    assert happened(found) == "raised@0 ended@2 raised@12 ended@18"


def test_renotify() -> None:
    found = run(Lifecycle(of=1, at_least=1, clear_s=60, renotify_s=6), signs("+++++-++"))
    assert happened(found) == "raised@0 updated@6 updated@12"
    assert {item.severity for item in found} == {Severity.LOW}


def test_severity_rises_at_once_and_never_falls() -> None:
    raises = (
        Raise(parse_condition("measure >= 3"), Severity.MEDIUM),
        Raise(parse_condition("measure >= 9"), Severity.CRITICAL),
    )
    lifecycle = Lifecycle(of=1, at_least=1, clear_s=0, cooldown_s=0, raises=raises)
    measures = [1, 2, 3, 1, 9, 3]
    found = run(lifecycle, [*(present(measure=value) for value in measures), ABSENT, present(measure=1)])
    assert [(item.kind, item.severity, item.at_s) for item in found] == [
        (EventKind.RAISED, Severity.LOW, 0),
        (EventKind.UPDATED, Severity.MEDIUM, 4),
        (EventKind.UPDATED, Severity.CRITICAL, 8),
        (EventKind.ENDED, Severity.CRITICAL, 12),
        (EventKind.RAISED, Severity.LOW, 14),
    ]


FINDINGS = st.one_of(
    st.just(UNKNOWN),
    st.just(ABSENT),
    st.just(HIDDEN),
    st.builds(present, st.floats(0, 100), st.sampled_from([0.0, 20.0]), st.floats(0, 10)),
)
STREAM = st.lists(st.tuples(FINDINGS, st.floats(0, 20)), max_size=60)
LIFECYCLE = st.builds(
    lambda of, share, clear, cooldown, renotify: Lifecycle(
        of=of,
        at_least=max(1, round(of * share)),
        clear_s=clear,
        cooldown_s=cooldown,
        renotify_s=renotify,
        raises=(
            Raise(parse_condition("measure >= 4"), Severity.HIGH),
            Raise(parse_condition("measure >= 8"), Severity.CRITICAL),
        ),
    ),
    st.integers(1, 8),
    st.floats(0, 1),
    st.floats(0, 30),
    st.floats(0, 30),
    st.one_of(st.none(), st.floats(1, 30)),
)


@settings(deadline=None, max_examples=200)
@given(LIFECYCLE, STREAM)
def test_invariants(lifecycle: Lifecycle, stream: list[tuple[Finding, float]]) -> None:
    state, kept, watched = lifecycle.start(), lifecycle.start(), 0.0
    is_open, severity, last_present, ended_at = False, Severity.LOW, 0.0, None
    for finding, step in stream:
        watched += step
        now = Moment(watched, watched)
        state, found = lifecycle.step(state, finding, now, ZONE)
        kept, again = lifecycle.step(LifecycleState.model_validate_json(kept.model_dump_json()), finding, now, ZONE)
        assert (kept, again) == (state, found)
        assert len(state.window) <= lifecycle.of
        assert len(found) <= 1
        if finding is UNKNOWN:
            assert found == ()
        for item in found:
            if item.kind is EventKind.RAISED:
                assert not is_open
                assert finding.active is True
                assert ended_at is None or watched - ended_at >= lifecycle.cooldown_s - 1e-5
                is_open, severity = True, item.severity
            else:
                assert is_open
                assert item.severity.rank >= severity.rank
                severity = item.severity
            if item.kind is EventKind.ENDED:
                assert finding.active is False
                assert watched - last_present >= lifecycle.clear_s - 1e-5
                is_open, ended_at = False, watched
        if finding.active is True:
            last_present = watched
        assert (state.open is not None) is is_open


@pytest.mark.parametrize(("of", "at_least"), [(3, 4), (3, 0)])
def test_numbers(of: int, at_least: int) -> None:
    with pytest.raises(ValueError, match="at_least"):
        Lifecycle(of=of, at_least=at_least, clear_s=1)


def test_a_presence_carried_on_over_the_end_of_an_event_makes_a_second_event_that_begins_later() -> None:
    """A rule may bridge a gap longer than ``clear``; the second event must not take the identity of the first."""
    fold = Lifecycle(of=2, at_least=2, clear_s=2.0, cooldown_s=0.0)
    state, told = fold.start(), []
    for second in range(20):
        seen = second < 5 or second >= 11
        finding = Finding(active=seen, since_s=0.0 if seen else None, lasted_s=float(second), needed_s=2.0)
        state, transitions = fold.step(state, finding, Moment(float(second), float(second)), Zone("z", "crowd"))
        told += [(item.kind, item.began_s, item.at_s) for item in transitions]
    assert told == [
        (EventKind.RAISED, 0.0, 2.0),
        (EventKind.ENDED, 0.0, 7.0),
        (EventKind.RAISED, 11.0, 13.0),
    ]
