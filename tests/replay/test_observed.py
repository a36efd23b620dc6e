"""Rules from observations: the same events as from the video, and clear words where that cannot be."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from brain.core.errors import ConfigError
from brain.replay.observed import (
    events_of,
    judge_observed,
    observed_samples,
    read_observations,
    stream_observations,
)
from brain.replay.plan import change_plan, check_observed, plan_as_run
from brain.replay.run import OBSERVATIONS, RESULT, Run


@pytest.fixture
def copy(recorded: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(recorded, tmp_path / "copy"))


def test_the_rules_raise_the_same_from_observations(recorded: Path) -> None:
    run = Run(recorded)
    (clip,) = run.header.clips
    plan = plan_as_run(run)
    every_s = check_observed(plan, run).every_s
    events = events_of(judge_observed(plan.tasks(clip.camera, (), None), observed_samples(run, clip), every_s))
    result = run.result(clip.id)
    assert result is not None
    assert len(events) == 1
    assert events == result.events
    later = change_plan(plan, {"left_object": {"rule.change.for": "11s"}})
    (event,) = events_of(judge_observed(later.tasks("c", (), None), observed_samples(run, clip), every_s))
    assert event.raised_s > events[0].raised_s
    never = change_plan(plan, {"left_object": {"rule.change.for": "30s"}})
    assert events_of(judge_observed(never.tasks("c", (), None), observed_samples(run, clip), every_s)) == ()


def test_samples_carry_time_size_and_who_looked(recorded: Path) -> None:
    run = Run(recorded)
    (clip,) = run.header.clips
    samples = list(stream_observations(run, clip))
    assert len(samples) == 40
    assert [item.observations.pts_s for item in samples] == [seen.pts_s for _, seen in read_observations(run, clip)]
    for item in samples:
        assert item.sample.size == item.observations.size == (480, 270)
        assert (item.sample.time - clip.start).total_seconds() == pytest.approx(item.sample.pts_s)
        assert item.asked == {"stationary_change"}
    # The algorithm learns the view first; that is neither presence nor absence.
    assert "stationary_change" not in samples[0].observations.by_algorithm
    assert "stationary_change" in samples[-1].observations.by_algorithm


def test_a_rarer_cadence_takes_a_part_of_the_samples(recorded: Path) -> None:
    run = Run(recorded)
    (clip,) = run.header.clips
    plan = change_plan(
        plan_as_run(run), {"left_object": {"sample.every": "4s", "confirm.at_least": 1, "confirm.of": 1}}
    )
    outcomes = list(judge_observed(plan.tasks("c", (), None), observed_samples(run, clip), 1.0))
    judged = [outcome.sample.pts_s for outcome in outcomes if outcome.steps]
    assert judged == [4.0 * number for number in range(10)]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda file: file.write_text("nonsense\n"), "not a recorded sample"),
        (lambda file: file.write_bytes(file.read_bytes()[:-40]), "not a recorded sample"),
        (lambda file: file.write_text("".join(file.read_text().splitlines(True)[:-1])), "damaged: it holds 39 samples"),
        (lambda file: file.write_text('{"pts_s": 1e300, "detections": {}}\n'), "not a recorded sample"),
        (lambda file: file.write_bytes(b"\xff\xfe\n"), "not a recorded sample"),
        (lambda file: file.unlink(), "cannot be read"),
        (lambda file: shutil.rmtree(file.parent), "not finished"),
        (lambda file: (file.parent / RESULT).write_text("{}"), "broken"),
    ],
)
def test_a_damaged_run_is_named(copy: Path, spoil: object, said: str) -> None:
    run = Run(copy)
    (clip,) = run.header.clips
    spoil(run.clip_folder(clip.id) / OBSERVATIONS)  # type: ignore[operator]
    with pytest.raises(ConfigError, match=said) as caught:
        observed_samples(run, clip)
    assert str(copy) in caught.value.where
    assert caught.value.remedy


def test_a_bad_line_is_named_with_its_number(copy: Path) -> None:
    run = Run(copy)
    (clip,) = run.header.clips
    file = run.clip_folder(clip.id) / OBSERVATIONS
    lines = file.read_text("utf-8").splitlines()
    lines[6] = json.dumps({"pts_s": "soon"})
    file.write_text("\n".join(lines), "utf-8")
    with pytest.raises(ConfigError) as caught:
        list(stream_observations(run, clip))
    assert caught.value.where == f"{file}:7"
