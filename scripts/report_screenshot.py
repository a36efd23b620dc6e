"""Makes the picture of the report page that the README shows, on drawn street video only.

    .venv/bin/python scripts/report_screenshot.py [--out docs/images/report.png] [--keep FOLDER]

Five streets are drawn. The rule is set to pass over small things, so one is missed; one thing is a delivery, which the
truth does not count as trouble, so its alarm is false. The long table and the curve are left out of the picture.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from PIL import Image
from playwright.sync_api import sync_playwright

from brain.sim import encode, truth
from brain.sim.scenes import scene

SETTINGS = ("--profile", "short", "--set", "rule.change.min_area=0.0128")
WIDTH, HEIGHT = 1180, 1635
LEFT_OUT = "#figures, #curves, nav.sections { display: none !important }"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True)
class Street:
    """A drawn clip; ``counts`` is false where the thing in it is no trouble to a person."""

    name: str
    scene: str
    seed: int
    counts: bool = True


STREETS = (
    Street("north-gate", "left_object", 5),
    Street("school-lane", "left_object", 7),
    Street("delivery-bay", "left_object", 8, counts=False),
    Street("old-town", "quiet", 9),
    Street("station-square", "left_object_confusers", 10),
)


def main(
    out: Annotated[Path, typer.Option(help="the picture")] = Path("docs/images/report.png"),
    keep: Annotated[Path | None, typer.Option(help="keep clips, run and page in this folder")] = None,
) -> None:
    """Draws, replays, reports, and takes the picture."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("no chromium: sudo apt-get install --no-install-recommends chromium")
    with tempfile.TemporaryDirectory(prefix="brain-report-") as temporary:
        folder = keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        write_set(folder)
        brain(
            "replay",
            "--truth",
            folder / "truth.yaml",
            "--scenario",
            "left_object",
            *SETTINGS,
            "--record",
            folder / "run",
        )
        brain("evaluate", "report", folder / "run", "--truth", folder / "truth.yaml", "-o", folder / "report")
        take_picture(chromium, folder / "report" / "index.html", out)
    print(f"{out}: {out.stat().st_size / 1000:.0f} kB")


def write_set(folder: Path) -> None:
    """Draws the clips and writes their truth."""
    clips: list[dict[str, Any]] = []
    for street in STREETS:
        spec = scene(street.scene, street.seed, seconds=60.0, fps=8.0)
        path = folder / f"{street.name}.mp4"
        if not path.exists():
            encode(spec, path)
        drawn = truth(spec)
        events = [
            {
                "scenario": "left_object",
                "zone": item.zone,
                "began_s": item.began_s,
                "ended_s": item.ended_s,
                "box": item.box,
            }
            for item in drawn.events
            if street.counts
        ]
        zones = [{"name": zone.name, "kind": zone.kind, "polygon": zone.polygon} for zone in drawn.zones]
        own = [zone for zone in zones if zone["kind"] == "public"]
        light = {"light": "day", "labelled": ["left_object"]}
        clips.append({"file": path.name, "camera": street.name, **light, "zones": own, "events": events})
    (folder / "truth.yaml").write_text(json.dumps({"set": "dev", "clips": clips}, indent=1), "utf-8")


def brain(*words: object) -> None:
    """Runs a command of the product."""
    subprocess.run([sys.executable, "-m", "brain.cli.main", *map(str, words)], check=True)


def take_picture(chromium: str, page: Path, out: Path) -> None:
    """The page as a reader sees it, in few colours so that the file stays small."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        view = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, locale="en-US")
        view.goto(f"{page.absolute().as_uri()}?lang=en")
        view.add_style_tag(content=LEFT_OUT)
        view.wait_for_timeout(500)
        out.parent.mkdir(parents=True, exist_ok=True)
        view.screenshot(path=str(out))
        browser.close()
    few = Image.open(out).convert("RGB").quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(out, optimize=True)


if __name__ == "__main__":
    typer.run(main)
