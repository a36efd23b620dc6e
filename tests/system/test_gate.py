"""No version may fall below the stored figures: on drawn clips everywhere, on real clips where they are at hand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from brain.sim.encode import encode
from brain.sim.scenes import left_object, left_object_confusers, quiet
from brain.sim.spec import SceneSpec
from brain.sim.truth import truth

ROOT = Path(__file__).resolve().parents[2]
BRAIN = [sys.executable, "-m", "brain.cli.main"]
QUICKER = ("--set", "rule.change.occlusion=2s", "--set", "clear.after=4s")


def run(*arguments: object, timeout: float = 200) -> subprocess.CompletedProcess[str]:
    command = [*BRAIN, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=timeout)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four drawn clips with their truth: two with a left object, one with all that fools one, one quiet."""
    folder = tmp_path_factory.mktemp("drawn")
    scenes = [left_object(seed, seconds=40, fps=4) for seed in (5, 6)]
    scenes += [left_object_confusers(1, seconds=40, fps=4), quiet(3, seconds=40, fps=4)]
    clips = [truth_of(spec, f"{index}.mp4", folder) for index, spec in enumerate(scenes)]
    # JSON is YAML as well.
    (folder / "truth.yaml").write_text(json.dumps({"set": "dev", "labelled": ["left_object"], "clips": clips}))
    return folder


@pytest.fixture(scope="module")
def recorded(drawn: Path) -> Path:
    """The run folder of a replay of the drawn clips."""
    options = ("--truth", drawn / "truth.yaml", "--scenario", "left_object", "--profile", "short", *QUICKER)
    done = run("replay", *options, "--record", drawn / "run")
    assert done.returncode == 0, done.stderr
    return drawn / "run"


def truth_of(spec: SceneSpec, name: str, folder: Path) -> dict[str, Any]:
    encode(spec, folder / name)
    known = truth(spec)
    events = [
        {"scenario": item.scenario, "zone": item.zone, "began_s": item.began_s, "ended_s": item.ended_s}
        for item in known.events
    ]
    zones = [
        {"name": zone.name, "kind": zone.kind, "polygon": [list(point) for point in zone.polygon]}
        for zone in known.zones
    ]
    return {"file": name, "light": "day", "zones": zones, "events": events}


def test_drawn_clips_hold_their_figures_and_a_deaf_rule_falls_below_them(
    drawn: Path, recorded: Path, tmp_path: Path
) -> None:
    gate = ("--truth", drawn / "truth.yaml", "--baseline", ROOT / "tests" / "system" / "drawn_gate.yaml", "--json")
    done = run("evaluate", "gate", recorded, *gate)
    assert done.returncode == 0, done.stdout + done.stderr
    deaf = run("replay", "--from", recorded, *QUICKER, "--set", "rule.change.min_area=0.09",
               "--profile", "short", "--record", tmp_path / "deaf")  # fmt: skip
    assert deaf.returncode == 0, deaf.stderr
    done = run("evaluate", "gate", tmp_path / "deaf", *gate)
    assert done.returncode == 1
    lines = {line["figure"]: line for line in json.loads(done.stdout)["lines"]}
    assert lines["recall"]["result"] == "fell"
    assert lines["recall"]["now"] < lines["recall"]["stored"]


def test_the_setting_that_a_sweep_found_is_replayed_from_its_file(drawn: Path, recorded: Path, tmp_path: Path) -> None:
    truth_file = ("--truth", drawn / "truth.yaml")
    over = ("--over", "rule.change.for=4s,10s,14s", "--over", "confirm.at_least=6..9", "--due", "10s")
    sweep = run("evaluate", "sweep", recorded, *truth_file, "--scenario", "left_object", *over, "-o", tmp_path)
    assert sweep.returncode == 0, sweep.stdout + sweep.stderr
    best = ("--set-file", tmp_path / "override.yaml")
    wrong = run("replay", "--from", recorded, "--scenario", "left_object", "--profile", "normal", *best)
    assert wrong.returncode == 2
    assert "--profile short" in wrong.stderr
    tuned = run("replay", "--from", recorded, *best, "--record", tmp_path / "tuned")
    assert tuned.returncode == 0, tuned.stderr
    found = run("evaluate", "events", tmp_path / "tuned", *truth_file, "--json")
    figures = json.loads(found.stdout)["scenarios"]["left_object"]
    told = json.loads((tmp_path / "sweep.json").read_text("utf-8"))
    assert (figures["hits"], figures["false"]) == (2, 0), told


@pytest.mark.clips
@pytest.mark.slow
def test_real_clips_hold_their_figures(shared_dir: Path) -> None:
    clips, weights = shared_dir / "material" / "videos", shared_dir / "material" / "weights" / "yolox_nano.onnx"
    command = [sys.executable, ROOT / "scripts" / "real_clips.py", clips / "manifest.json", "--weights", weights]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=220)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout
