"""``brain cases``: beside a writer that is at work, as text and as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from brain.cli.cases import app
from brain.core.errors import StoreError, UsageError
from brain.core.types import EventKind, EvidenceKind

NUMBER = "53011120261124000001"
CONFIG = """
state: state
city: {admin_code: "530111"}
cameras:
  - {id: c1, source: a.mp4}
assignments:
  - {scenario: illegal_parking}
"""


@pytest.fixture
def state(city: Any, kit: Any, tmp_path: Path) -> Path:
    """The state folder of a writer that goes on while the command reads."""
    raised = kit.change()
    picture = city.folder.write(raised.event_id, b"jpeg", EvidenceKind.PICTURE, "image/jpeg", raised.at)
    city.report(raised, proof=(picture,))
    city.report(kit.change(zone="z2"), kit.change(EventKind.ENDED, zone="z2", at_s=99))
    return tmp_path / "state"


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_the_list_as_json_by_state_and_limit(state: Path) -> None:
    both = json.loads(run("list", "--state-dir", state, "--json"))
    assert {(case["zone"], case["state"]) for case in both} == {("z1", "reported"), ("z2", "closed")}
    [reported] = json.loads(run("list", "--state-dir", state, "--state", "reported", "--json"))
    assert (reported["number"], reported["opened"]) == (NUMBER, "2026-11-24T01:31:00.000Z")
    assert len(json.loads(run("list", "--state-dir", state, "--limit", 1, "--json"))) == 1


def test_the_list_as_text_with_the_citys_time(state: Path) -> None:
    config = state.parent / "config.yaml"
    config.write_text(CONFIG, "utf-8")
    text = run("list", "--config", config)
    assert NUMBER in text
    assert "机动车乱停放" in text
    assert "09:31" in text


def test_one_case_as_text_names_its_evidence_on_disk(state: Path) -> None:
    text = run("show", NUMBER, "--state-dir", state)
    [path] = [line.split()[-1] for line in text.splitlines() if line.strip().startswith("picture")]
    assert Path(path).read_bytes() == b"jpeg"
    assert "by engine: raised by the camera" in text


def test_one_case_as_json(state: Path) -> None:
    case = json.loads(run("show", NUMBER, "--state-dir", state, "--json"))
    assert Path(case["evidence"][0]["path"]).read_bytes() == b"jpeg"
    assert case["events"][0]["boxes"][0]["label"] == "car"
    assert [step["revision"] for step in case["transitions"]] == [1]


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        (["show", "530111"], UsageError, "no case '530111'"),
        (["list"], UsageError, "say where"),
        (["list", "--state-dir", "nowhere"], StoreError, "no database here yet"),
    ],
)
def test_mistakes_are_said(state: Path, arguments: list[str], error: type[Exception], says: str) -> None:
    if arguments[0] == "show":
        arguments = [*arguments, "--state-dir", str(state)]
    with pytest.raises(error, match=says):
        CliRunner().invoke(app, arguments, catch_exceptions=False)


def test_an_empty_list_says_so(city: Any, tmp_path: Path) -> None:
    assert "no cases" in run("list", "--state-dir", tmp_path / "state")
