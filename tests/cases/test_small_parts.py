"""Taxonomy, numbers and the table of steps."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from brain.cases.lifecycle import ENGINE, STEPS, CaseState, require_step
from brain.cases.numbers import MAX_SERIAL, next_number
from brain.cases.taxonomy import Taxonomy, taxonomy
from brain.config.yaml_file import load
from brain.core.errors import ConfigError, StoreError
from brain.store.tables import counters

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("code", "zh", "extension"),
    [
        ("09009", "机动车乱停放", False),
        ("06036", "乱堆杂物", False),
        ("10903", "人群聚集", True),
        ("10901", "道路积水", True),
    ],
)
def test_classes_by_code(code: str, zh: str, extension: bool) -> None:
    found = taxonomy().find(code)
    assert (found.zh, found.is_local_extension) == (zh, extension)


def test_the_taxonomy_is_of_the_standard_in_force_and_its_extensions_are_six() -> None:
    assert (taxonomy().standard, taxonomy().kind) == ("GB/T 47678.5-2026", "matter")
    extensions = [item.code for item in taxonomy().classes if item.is_local_extension]
    assert extensions == ["10901", "10902", "10903", "10904", "10905", "10906"]


@pytest.mark.parametrize(("code", "remedy"), [("09008", "09009 机动车乱停放"), ("x", "taxonomy.yaml")])
def test_an_unknown_code_is_refused_with_those_that_there_are(code: str, remedy: str) -> None:
    with pytest.raises(ConfigError, match=f"no class '{code}'") as error:
        taxonomy().find(code)
    assert remedy in error.value.remedy


def test_a_code_that_stands_twice_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "t.yaml"
    line = '  - {code: "09009", zh: 车, en: Car}\n'
    file.write_text(f"standard: S\nkind: matter\nclasses:\n{line}{line}", "utf-8")
    with pytest.raises(ConfigError, match="09009 stands twice"):
        load(file, Taxonomy)


def test_numbers_count_per_day_of_the_city(city: Any) -> None:
    late = datetime(2026, 11, 23, 15, 59, 59, tzinfo=UTC)  # one second before midnight in Shanghai
    next_day = datetime(2026, 11, 23, 16, 0, 0, tzinfo=UTC)
    with city.database.write() as connection:
        numbers = [next_number(connection, "530111", at, ZONE) for at in (late, late, next_day, late, next_day)]
        other = next_number(connection, "110000", late, ZONE)
    assert numbers == [
        "53011120261123000001",
        "53011120261123000002",
        "53011120261124000001",
        "53011120261123000003",
        "53011120261124000002",
    ]
    assert other == "11000020261123000001"


def test_a_number_that_was_rolled_back_is_given_again(city: Any) -> None:
    at = datetime(2026, 11, 24, tzinfo=UTC)

    def fail() -> None:
        with city.database.write() as connection:
            next_number(connection, "530111", at, ZONE)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with city.database.write() as connection:
        assert next_number(connection, "530111", at, ZONE).endswith("000001")


def test_a_day_with_more_cases_than_the_number_has_digits_is_said(city: Any) -> None:
    at = datetime(2026, 11, 24, tzinfo=UTC)
    with city.database.write() as connection:
        next_number(connection, "530111", at, ZONE)
        connection.execute(update(counters).where(counters.c.name.like("case %")).values(value=MAX_SERIAL - 1))
        assert next_number(connection, "530111", at, ZONE).endswith("999999")
        with pytest.raises(StoreError, match="999999 cases on one day"):
            next_number(connection, "530111", at, ZONE)


def test_only_steps_of_the_table_are_allowed() -> None:
    allowed = {(step.source, step.target, step.by) for step in STEPS}
    for source in (None, *CaseState):
        for target in CaseState:
            for by in (ENGINE, "somebody"):
                if (source, target, by) in allowed:
                    require_step(source, target, by)
                else:
                    with pytest.raises(StoreError, match="may not move"):
                        require_step(source, target, by)
    assert (None, CaseState.CLOSED, ENGINE) not in allowed
    assert (CaseState.CLOSED, CaseState.REPORTED, ENGINE) not in allowed
