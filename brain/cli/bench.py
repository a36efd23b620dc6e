"""``brain bench``: what the product costs on this machine, beside bare loops."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from brain.bench.product import run_product
from brain.bench.replay import bare_hour, draw_hour, hour_subject, replay_hour
from brain.bench.sim import NAMED, measure_sim
from brain.bench.subject import Subject, choose, draw_clip
from brain.bench.sweep import sweep_hour
from brain.cli import bench_weights
from brain.cli.sim_options import progress_bar
from brain.config.paths import cache
from brain.core.errors import BrainError
from brain.video.demux import check_file

app = typer.Typer(no_args_is_help=True, help="What the product costs on this machine, beside bare loops.")
app.command("weights")(bench_weights.command)

CamerasOption = Annotated[int, typer.Option(min=1, max=2000, help="paced copies of the clip")]
SecondsOption = Annotated[float, typer.Option(min=5, max=3600, help="measured time, after a warm-up")]
ClipOption = Annotated[Path | None, typer.Option("--clip", help="H.264 or H.265 file; default: a drawn 1080p street")]
WeightsOption = Annotated[str | None, typer.Option("--weights", metavar="ID|FILE", help="default: what is at hand")]
JsonOption = Annotated[bool, typer.Option("--json", help="one JSON object")]


@app.command()
def floor(
    cameras: CamerasOption = 16,
    seconds: SecondsOption = 60.0,
    clip: ClipOption = None,
    weights: WeightsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compares `brain run` with a bare loop that does the same demux, decode, shrink and inference."""
    with _subject(clip, weights) as (subject, folder):
        few = min(2, cameras)
        small = run_product(subject, few, 5.0, folder / "few", _say)
        product = run_product(subject, cameras, seconds, folder / "all", _say)
        _say("bare loop on as many paced copies …")
        # As many pictures as the product analysed, so that the edges of its measured time favour neither side.
        media_s = product.samples / cameras * subject.every_s
        bare = _bare("floor", subject, seconds=media_s, cameras=cameras)
    more = max(1, cameras - few)
    result = {
        "cameras": cameras,
        "floor_cpu_s": round(bare["cpu_s"], 2),
        "product_cpu_s": round(product.cpu_s, 2),
        "ratio": round(product.cpu_s / bare["cpu_s"], 3),
        "rss_mb_per_camera": round((product.worker_mb - small.worker_mb) / more, 1),
    }
    _say(
        f"{subject.scenario}, {product.samples} of {product.due} due samples made, bare loop {bare['samples']}; "
        f"{1000 * product.cpu_s / product.wall_s / cameras:.1f} CPU ms per camera-second"
    )
    _show(result, as_json)


@app.command()
def loop(
    cameras: CamerasOption = 8,
    seconds: SecondsOption = 30.0,
    clip: ClipOption = None,
    weights: WeightsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compares `brain run` with the usual loop: `VideoCapture` decodes all, a detector sees five frames a second."""
    with _subject(clip, weights) as (subject, folder):
        product = run_product(subject, cameras, seconds, folder, _say)
        _say("usual loop …")
        usual = _bare("loop", subject, seconds=seconds)
    ours = product.cpu_s / product.wall_s / cameras
    theirs = usual["cpu_s"] / usual["media_s"]
    result = {
        "loop_cpu_ms_per_camera_second": round(1000 * theirs, 1),
        "product_cpu_ms_per_camera_second": round(1000 * ours, 1),
        "ratio": round(theirs / ours, 1),
    }
    _show(result, as_json)


@app.command()
def replay(
    minutes: Annotated[int, typer.Option(min=1, max=600, help="how often the drawn minute is repeated")] = 60,
    weights: WeightsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Replays a drawn hour of 1080p beside a bare loop over the same samples; then tries 2,000 settings on the record.

    The ratio is that of CPU seconds, start and loading of weights left out on both sides: the replay decodes in a
    second thread, so wall seconds would flatter it.
    """
    with tempfile.TemporaryDirectory(prefix="brain-bench-") as name:
        folder = Path(name)
        subject = hour_subject(draw_hour(cache() / "bench", folder, minutes, _say), weights)
        if not subject.weights:
            _say("no weights at hand: left_object alone, which needs none")
        _say(f"{minutes} min of 1080p, {', '.join(subject.scenarios)} …")
        done = replay_hour(subject, folder / "run")
        _say("bare loop …")
        bare = bare_hour(subject)
        _say("sweep …")
        swept = sweep_hour(folder / "run")
    result = {
        "hours": round(done.seconds / 3600, 3),
        "scenarios": len(subject.scenarios),
        "samples": done.samples,
        "bare_samples": bare.samples,
        "replay_s": round(done.wall_s, 2),
        "replay_cpu_s": round(done.cost.cpu_s, 2),
        "bare_s": round(bare.wall_s, 2),
        "bare_cpu_s": round(bare.cpu_s, 2),
        "ratio": round(done.cost.cpu_s / bare.cpu_s, 3),
        "peak_mb": done.cost.peak_mb,
        "sweep_scenario": swept.scenario,
        "sweep_settings": swept.settings,
        "sweep_s": round(swept.wall_s, 2),
    }
    _show(result, as_json)


@app.command()
def sim(
    weights: Annotated[Path | None, typer.Option("--weights", metavar="FILE", help="of the judge, e.g. YOLOX")] = None,
    every_scene: Annotated[bool, typer.Option("--all", help="every scene by day, in rain, in fog: minutes")] = False,
    as_json: JsonOption = False,
) -> None:
    """Draws 640x360 on one core without encoding; with weights also asks what a detector of real pictures sees.

    `--all` measures each scene by day, at night in rain and at night in fog, and names the slowest.
    """
    if weights is None:
        _say("no --weights: no judge")
    with progress_bar() as bar:
        task = bar.add_task("measuring", total=None, visible=every_scene)
        figures = measure_sim(
            weights, every_scene=every_scene, progress=lambda done, of: bar.update(task, completed=done, total=of)
        )
    result = figures.plain()
    slowest = () if as_json or figures.scenes is None else figures.scenes[:NAMED]
    if slowest:
        del result["slowest"]
    _show(result, as_json)
    for speed in slowest:
        print(f"{speed.pictures_per_s:8.1f} pictures/s  {speed.scene}, {speed.light}, {speed.weather}")


@contextmanager
def _subject(clip: Path | None, weights: str | None) -> Iterator[tuple[Subject, Path]]:
    if clip is not None:
        check_file(clip)
    with tempfile.TemporaryDirectory(prefix="brain-bench-") as name:
        folder = Path(name)
        yield choose(clip or draw_clip(cache() / "bench", _say), weights), folder


def _bare(what: str, subject: Subject, **rest: Any) -> dict[str, Any]:
    plain = asdict(subject) | {"clip": str(subject.clip.absolute())}
    asked = json.dumps({"what": what, "subject": plain, **rest})
    done = subprocess.run(
        [sys.executable, "-P", "-m", "brain.bench.bare"], input=asked, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BrainError("the bare loop failed", remedy=done.stderr.strip().splitlines()[-1])
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _show(result: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:36} {value}")
