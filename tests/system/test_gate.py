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
    """Six drawn clips with their truth: three with a left object, two with all that fools one, one quiet."""
    folder = tmp_path_factory.mktemp("drawn")
    scenes = [left_object(seed, seconds=40, fps=5) for seed in (5, 6, 7)]
    scenes += [left_object_confusers(seed, seconds=40, fps=5) for seed in (1, 2)] + [quiet(3, seconds=40, fps=5)]
    clips = [truth_of(spec, f"{index}.mp4", folder) for index, spec in enumerate(scenes)]
    # JSON is YAML as well.
    (folder / "truth.yaml").write_text(json.dumps({"set": "dev", "labelled": ["left_object"], "clips": clips}))
    return folder


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


def test_drawn_clips_hold_their_figures_and_a_deaf_rule_falls_below_them(drawn: Path, tmp_path: Path) -> None:
    options = ("--truth", drawn / "truth.yaml", "--scenario", "left_object", "--profile", "short", *QUICKER)
    assert run("replay", *options, "--record", tmp_path / "run").returncode == 0
    gate = ("--truth", drawn / "truth.yaml", "--baseline", ROOT / "tests" / "system" / "drawn_gate.yaml", "--json")
    done = run("evaluate", "gate", tmp_path / "run", *gate)
    assert done.returncode == 0, done.stdout + done.stderr
    deaf = run("replay", "--from", tmp_path / "run", *QUICKER, "--set", "rule.change.min_area=0.09",
               "--profile", "short", "--record", tmp_path / "deaf")  # fmt: skip
    assert deaf.returncode == 0, deaf.stderr
    done = run("evaluate", "gate", tmp_path / "deaf", *gate)
    assert done.returncode == 1
    assert "recall" in done.stdout


@pytest.mark.clips
@pytest.mark.slow
def test_real_clips_hold_their_figures(shared_dir: Path) -> None:
    clips, weights = shared_dir / "material" / "videos", shared_dir / "material" / "weights" / "yolox_nano.onnx"
    command = [sys.executable, ROOT / "scripts" / "real_clips.py", clips / "manifest.json", "--weights", weights]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=220)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout
