"""``brain sim``: drawn street video with exact truth."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from brain.cli import sim_dataset, sim_serve
from brain.cli.sim_options import progress_bar, read_size
from brain.core.errors import UsageError
from brain.sim.scenes import SCENES, scene
from brain.sim.spec import LIGHTS, WEATHERS

app = typer.Typer(
    help="Drawn street video whose truth is known to the pixel. 仿真视频。", no_args_is_help=True, rich_markup_mode=None
)


@app.command("list")
def list_scenes(as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False) -> None:
    """Lists every scene: what it shows, or what it is easily taken for."""
    if as_json:
        rows = [
            {
                "name": kind.name,
                "zh": kind.zh,
                "en": kind.en,
                "stage": kind.stage,
                "shows": kind.shows or None,
                "confuses": kind.confuses or None,
                "seconds": kind.seconds,
            }
            for kind in SCENES.values()
        ]
        print(json.dumps({"scenes": rows, "lights": LIGHTS, "weathers": WEATHERS}, ensure_ascii=False))
        return
    table = Table("scene", "", "", "stage", "shows", "taken for", box=None)
    for kind in SCENES.values():
        table.add_row(kind.name, kind.zh, kind.en, kind.stage, kind.shows or "–", kind.confuses or "–")
    Console().print(table)


@app.command("render")
def render(
    name: Annotated[str, typer.Argument(metavar="SCENE", help="see `brain sim list`")],
    output: Annotated[Path, typer.Option("--output", "-o", help="MP4 file")],
    seconds: Annotated[float | None, typer.Option(help="length; left out = the scene's own")] = None,
    seed: Annotated[int, typer.Option(help="another seed is another street")] = 1,
    size: Annotated[str, typer.Option(metavar="WxH", help="160x90 … 1920x1080")] = "640x360",
    fps: Annotated[float, typer.Option(help="pictures a second")] = 12.0,
    light: Annotated[str, typer.Option(help=", ".join(LIGHTS))] = "day",
    weather: Annotated[str, typer.Option(help=", ".join(WEATHERS))] = "dry",
    truth: Annotated[Path | None, typer.Option(help="truth file (.yaml or .json) for `brain evaluate`")] = None,
    yolo: Annotated[Path | None, typer.Option(metavar="DIR", help="pictures and YOLO labels")] = None,
    masks: Annotated[Path | None, typer.Option(metavar="DIR", help="16-bit PNG masks of instances")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
) -> None:
    """Draws a scene into a video file, and its truth beside it; the same seed gives the same pixels."""
    from brain.sim.encode import encode
    from brain.sim.export import Recorder, Wishes
    from brain.sim.render import Scene

    width, height = read_size(size)
    spec = scene(name, seed, seconds=seconds, fps=fps, width=width, height=height, light=light, weather=weather)
    wishes = Wishes(truth, yolo, masks)
    if truth is not None and not truth.absolute().parent.is_dir():
        raise UsageError("no such folder", where=str(truth.absolute().parent), remedy="make the folder first")
    recorders: list[Recorder] = []

    def record(drawn: Scene) -> object:
        recorders.append(Recorder(drawn, output, wishes))
        return recorders[0].take

    with progress_bar() as bar:
        row = bar.add_task(name, total=spec.pictures)
        written = encode(
            spec,
            output,
            progress=lambda done, _: bar.update(row, completed=done),
            record=record if wishes.needs_numbers else None,  # type: ignore[arg-type]
        )
    for recorder in recorders:
        recorder.finish()
    if written.note:
        print(f"brain: {written.note}", file=sys.stderr)
    plain = {"file": str(output), "pictures": written.pictures, "bytes": written.size, "encoder": written.encoder}
    print(json.dumps(plain) if as_json else f"{output}: {written.pictures} pictures, {written.size / 1e6:.1f} MB")


@app.command("sheet")
def sheet(
    output: Annotated[Path, typer.Option("--output", "-o", help="JPEG or PNG file")],
    seed: Annotated[int, typer.Option(help="another seed is another street")] = 1,
    width: Annotated[int, typer.Option(help="pixels of one picture, 160 … 640")] = 320,
) -> None:
    """Draws every scene by day, by night and in rain onto one contact sheet."""
    from brain.sim.sheet import write_sheet

    with progress_bar() as bar:
        row = bar.add_task("sheet")
        write_sheet(output, seed, width, lambda done, total: bar.update(row, completed=done, total=total))
    print(output)


app.command("dataset")(sim_dataset.command)
app.command("serve")(sim_serve.command)
