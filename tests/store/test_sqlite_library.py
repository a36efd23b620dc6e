"""Which library versions have the WAL-reset bug."""

from __future__ import annotations

import sqlite3

import pytest

from brain.store.sqlite_library import has_wal_reset_bug, sqlite_report


@pytest.mark.parametrize(
    ("version", "affected"),
    [
        ((3, 6, 23), False),
        ((3, 7, 0), True),
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 53, 0), False),
    ],
)
def test_affected_versions(version: tuple[int, int, int], affected: bool) -> None:
    assert has_wal_reset_bug(version) is affected


def test_the_report_names_the_version_and_what_protects() -> None:
    report = sqlite_report()
    assert report.version == sqlite3.sqlite_version
    assert report.version in report.line
    assert ("one writing connection" in report.line) == report.affected
