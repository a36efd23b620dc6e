"""The wheel, installed by plain pip into an empty environment outside the checkout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WHO_HAS_CV2 = """
from importlib.metadata import distributions
print([d.name for d in distributions() if any(str(f).startswith("cv2/") for f in d.files or ())])
"""


def run(*command: object, folder: Path, code: int = 0) -> str:
    """Without what the user's own folder holds: weights in it would make the demo show more."""
    plain = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    plain["BRAIN_HOME"] = str(folder / "home")
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, env=plain, capture_output=True, text=True, check=False, timeout=500
    )
    assert done.returncode == code, f"{command}: {done.stdout[-2000:]} {done.stderr[-2000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The environment's bin folder."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", folder / "dist", ROOT, folder=folder)
    (wheel,) = (folder / "dist").glob("*.whl")
    made = subprocess.run([sys.executable, "-m", "venv", folder / "env"], capture_output=True, check=False)
    if made.returncode:
        shutil.rmtree(folder / "env", ignore_errors=True)
        run("uv", "venv", "--seed", "--python", sys.executable, folder / "env", folder=folder)
    run(folder / "env" / "bin" / "python", "-m", "pip", "install", "--quiet", wheel, folder=folder)
    return folder / "env" / "bin"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_installed_wheel_does_the_main_job(installed: Path, tmp_path: Path) -> None:
    python, brain = installed / "python", installed / "brain"
    assert run(python, "-c", WHO_HAS_CV2, folder=tmp_path).strip() == "['opencv-python-headless']"
    place = run(python, "-c", "import brain; print(brain.__file__)", folder=tmp_path)
    assert str(installed.parent) in place
    listed = {item["id"] for item in json.loads(run(brain, "scenarios", "list", "--json", folder=tmp_path))}
    assert {"illegal_parking", "crowd_gathering", "left_object"} <= listed
    rows = json.loads(run(brain, "models", "list", "--json", folder=tmp_path))
    shipped = {card.parent.name for card in (ROOT / "models" / "weights").glob("*/card.yaml")}
    assert {row["id"] for row in rows if row["where"] == "built in"} == shipped
    examples = run(python, "-c", "from brain.config.paths import assets; print(assets() / 'configs')", folder=tmp_path)
    for example in sorted(Path(examples.strip()).glob("*.yaml")):
        shutil.copy(example, tmp_path)
        assert "ready to run" in run(brain, "check", example.name, folder=tmp_path)
    summary = json.loads(run(brain, "demo", "--json", folder=tmp_path).splitlines()[-1])
    # Weights that ship bring two cameras more, whose cases are told of in test_demo.py.
    assert (summary["cameras"], summary["cases_opened"], summary["cases_closed"]) in ((4, 2, 2), (6, 4, 3))
    assert summary["delivered"] == summary["desk_received"] == 2 * summary["cases_opened"] + summary["cases_closed"]
    assert summary["desk_duplicates"] == 0
