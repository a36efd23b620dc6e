"""The scenario of docs/scenarios.md, put where the page says, works as the page says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def brain(home: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "brain.cli.main", *map(str, arguments)]
    environment = os.environ | {"BRAIN_HOME": str(home)}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=60)


def blocks(kind: str) -> list[str]:
    page = (ROOT / "docs" / "scenarios.md").read_text("utf-8")
    return re.findall(rf"```{kind}\n(.*?)```", page, re.DOTALL)


def test_a_copied_manifest_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "scenarios" / "bus_stop_blocked"
    folder.mkdir(parents=True)
    (folder / "scenario.yaml").write_text(blocks("yaml")[0], "utf-8")
    listed = {item["id"]: item for item in json.loads(brain(tmp_path, "scenarios", "list", "--json").stdout)}
    assert listed["bus_stop_blocked"]["zones"]["kinds"] == ["bus_stop"]
    assert not listed["bus_stop_blocked"].get("broken")


def test_a_plug_in_raises_events_on_video(tmp_path: Path) -> None:
    from brain.sim.encode import encode
    from brain.sim.spec import SceneSpec

    folder = tmp_path / "scenarios" / "too_dark"
    folder.mkdir(parents=True)
    manifest = re.sub(r"(?m)^(id|rule|algorithms|zones):.*$", "", blocks("yaml")[0])
    more = "id: too_dark\nalgorithms: [stationary_change]\nzones: {kinds: [lamp], default: whole_picture}\n"
    (folder / "scenario.yaml").write_text(manifest + more, "utf-8")
    source = blocks("python")[0].replace("mean < 25", "mean < 250").replace("needed_s=60", "needed_s=3")
    (folder / "scenario.py").write_text(source, "utf-8")
    clip = encode(SceneSpec(1, 12, fps=4, cars=False, walkers=0), tmp_path / "clip.mp4").path
    sets = ("--set", "confirm.of=2", "--set", "confirm.at_least=2", "--set", "sample.every=1s")
    done = brain(tmp_path, "replay", clip, "--scenario", "too_dark", *sets, "--json")
    assert done.returncode == 0, done.stderr
    (event,) = json.loads(done.stdout)["clips"][0]["events"]
    assert event["scenario"] == "too_dark"
    assert 7 <= event["raised_s"] <= 9  # five seconds in which the algorithm learns the view, then three of dwell
