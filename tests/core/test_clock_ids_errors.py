"""Times, identifiers and the words of errors."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.core import errors
from brain.core.clock import from_epoch, iso, monotonic_s, parse_iso, utc_now
from brain.core.errors import AuthError, BrainError, ConfigError, SourceError, UsageError
from brain.core.ids import derived_id, event_id, is_identifier, sha256_hex
from brain.core.types import Severity

texts = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=20)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-24T08:00:00+08:00", "2026-11-24T00:00:00.000Z"),
        ("2026-11-24T00:00:00Z", "2026-11-24T00:00:00.000Z"),
        ("2026-11-24T00:00:00.123456-05:30", "2026-11-24T05:30:00.123Z"),
        ("2024-02-29T23:59:59.999999Z", "2024-02-29T23:59:59.999Z"),
    ],
)
def test_iso_times(text: str, expected: str) -> None:
    assert iso(parse_iso(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24T08:00:00",
        "2026-11-24",
        "yesterday",
        "",
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "0001-01-01T00:00:00+08:00",  # before the first day in UTC
        "9999-12-31T23:59:59-08:00",
    ],
)
def test_no_times(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_iso(text)


@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1)),
    st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
def test_iso_there_and_back(naive: datetime, zone: timezone) -> None:
    moment = naive.replace(tzinfo=zone)
    back = parse_iso(iso(moment))
    assert back.utcoffset() == timedelta(0)
    assert timedelta(0) <= moment - back < timedelta(milliseconds=1)


def test_iso_refuses_a_time_without_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        iso(datetime(2026, 11, 24, 8))


@given(st.integers(0, 4_000_000_000), st.integers(0, 999_999))
def test_epoch(seconds: int, micros: int) -> None:
    moment = from_epoch(seconds + micros / 1e6)
    assert abs((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() - (seconds + micros / 1e6)) < 2e-6


def test_now() -> None:
    before, now = monotonic_s(), utc_now()
    assert now.utcoffset() == timedelta(0)
    assert abs(now.timestamp() - utc_now().timestamp()) < 5
    assert monotonic_s() >= before


def test_an_event_id_is_the_same_for_ever() -> None:
    # Written down: cases in the store are found by it after every update of the program.
    assert (
        event_id("illegal_parking", "c1", "main", "kerb", "2026-11-24T00:00:00.000Z")
        == "312ec167-677c-5173-b0a9-df9e3ade3307"
    )


@given(st.tuples(texts, texts, texts, texts, texts), st.tuples(texts, texts, texts, texts, texts))
def test_event_ids_tell_things_apart(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert event_id(*one) == event_id(*one)
    assert (event_id(*one) == event_id(*other)) == (one == other)
    assert uuid.UUID(event_id(*one)).version == 5


@given(st.lists(texts, min_size=1, max_size=4), st.lists(texts, min_size=1, max_size=4))
def test_derived_ids_tell_parts_apart(one: list[str], other: list[str]) -> None:
    assert (derived_id(*one) == derived_id(*other)) == (one == other)


def test_ids_of_two_kinds_do_not_meet() -> None:
    assert event_id("a", "b", "c", "d", "e") != derived_id("a", "b", "c", "d", "e")


def test_sha256_of_nothing() -> None:
    assert sha256_hex(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cam-1", True),
        ("A", True),
        ("0.x_y-z", True),
        ("x" * 64, True),
        ("x" * 65, False),
        ("", False),
        ("..", False),
        ("-x", False),
        ("a b", False),
        ("a/b", False),
        ("a\n", False),
        ("摄像机", False),
    ],
)
def test_identifiers(text: str, expected: bool) -> None:
    assert is_identifier(text) is expected


@pytest.mark.parametrize(
    ("error", "text", "line"),
    [
        (BrainError("broken"), "broken", "broken"),
        (BrainError("broken", where="a.yaml:3"), "a.yaml:3: broken", "a.yaml:3: broken"),
        (BrainError("broken", remedy="mend it"), "broken\n  remedy: mend it", "broken – mend it"),
        (
            ConfigError("one\nb.yaml:4: two", where="b.yaml:2", remedy="mend both"),
            "b.yaml:2: one\nb.yaml:4: two\n  remedy: mend both",
            "b.yaml:2: one b.yaml:4: two – mend both",
        ),
    ],
)
def test_what_errors_say(error: BrainError, text: str, line: str) -> None:
    assert str(error) == text
    assert error.line == line
    assert "\n" not in error.line


def test_the_tree_of_errors() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, BrainError)]
    assert len(kinds) >= 11
    for kind in kinds:
        error = kind("what", where="where", remedy="remedy")
        assert (error.what, error.where, error.remedy) == ("what", "where", "remedy")
        assert error.exit_code == (2 if kind in (UsageError, ConfigError) else 1)
    assert issubclass(AuthError, SourceError)


def test_severity_ranks() -> None:
    assert sorted(Severity, key=lambda severity: severity.rank) == [
        Severity.LOW,
        Severity.MEDIUM,
        Severity.HIGH,
        Severity.CRITICAL,
    ]
