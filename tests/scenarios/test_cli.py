from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from brain.cli.scenarios import app
from brain.core.errors import ConfigError

RUNNER = CliRunner()


def test_list() -> None:
    result = RUNNER.invoke(app, ["list"])
    assert result.exit_code == 0
    for text in ("illegal_parking", "crowd_gathering", "left_object", "机动车乱停放", "09009"):
        assert text in result.output


def test_list_json_shows_broken_ones(tmp_path: Path) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "scenario.yaml").write_text("id: bad\n", "utf-8")
    result = RUNNER.invoke(app, ["list", "--json", "--folder", str(tmp_path)])
    found = {item["id"]: item for item in json.loads(result.output)}
    assert found["illegal_parking"]["broken"] is None
    assert found["illegal_parking"]["rule"]["stationary"]["for"] == 300
    assert "key 'name' is missing" in found["bad"]["broken"]
    text = RUNNER.invoke(app, ["list", "--folder", str(tmp_path)]).output
    assert "broken: bad" in text
    assert "key 'name' is missing" in text


def test_show() -> None:
    result = RUNNER.invoke(app, ["show", "illegal_parking"])
    assert result.exit_code == 0
    for text in (
        "机动车乱停放",
        "rule.stationary.for",
        "8 of 10 samples",
        "2 work_hour",
        "medium when duration >= 30min",
    ):
        assert text in result.output
    assert json.loads(RUNNER.invoke(app, ["show", "left_object", "--json"]).output)["case"]["class"] == "06036"


@pytest.mark.parametrize("name", ["ilegal_parking", "nothing"])
def test_show_unknown(name: str) -> None:
    result = RUNNER.invoke(app, ["show", name])
    assert isinstance(result.exception, ConfigError)
    assert "illegal_parking" in result.exception.remedy
