"""``brain sim render``: one scene into a video file, and its truth beside it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from brain.cli.sim_options import check_file, drawing_bar, read_size
from brain.sim.spec import LIGHTS, WEATHERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from brain.sim.encode import Encoded
    from brain.sim.export import Wishes
    from brain.sim.instances import Seen
    from brain.sim.render import Scene
    from brain.sim.spec import SceneSpec

VIDEO = (".mp4", ".m4v", ".mov")
TRUTH = (".yaml", ".yml", ".json")


def command(
    name: Annotated[str, typer.Argument(metavar="SCENE", help="see `brain sim list`")],
    output: Annotated[Path, typer.Option("--output", "-o", help="MP4 file")],
    seconds: Annotated[float | None, typer.Option(help="length; left out = the scene's own")] = None,
    seed: Annotated[int, typer.Option(help="another seed is another street")] = 1,
    size: Annotated[str, typer.Option(metavar="WxH", help="160x90 … 1920x1080")] = "640x360",
    fps: Annotated[float, typer.Option(help="pictures a second")] = 12.0,
    light: Annotated[str, typer.Option(help=", ".join(LIGHTS))] = "day",
    weather: Annotated[str, typer.Option(help=", ".join(WEATHERS))] = "dry",
    truth: Annotated[Path | None, typer.Option(help="truth file (.yaml or .json) for `brain evaluate`")] = None,
    yolo: Annotated[Path | None, typer.Option(metavar="DIR", help="new folder: pictures and YOLO labels")] = None,
    masks: Annotated[Path | None, typer.Option(metavar="DIR", help="new folder: 16-bit PNG of instances")] = None,
    force: Annotated[bool, typer.Option("--force", help="replace a video and a truth that are there")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
) -> None:
    """Draws a scene into a video file, and its truth beside it; the same seed gives the same pixels."""
    from brain.sim.export import Wishes
    from brain.sim.scenes import scene

    width, height = read_size(size)
    spec = scene(name, seed, seconds=seconds, fps=fps, width=width, height=height, light=light, weather=weather)
    wishes = Wishes(truth, yolo, masks)
    check_file(output, VIDEO)
    if truth is not None:
        check_file(truth, TRUTH)
    wishes.check(output, force=force)
    written, told = _draw(spec, output, wishes)
    if written.note:
        print(f"brain: {written.note}", file=sys.stderr)
    if told not in (None, truth):
        print(f"brain: too many boxes for YAML: the truth is in {told}", file=sys.stderr)
    plain = {"file": str(output), "pictures": written.pictures, "bytes": written.size, "encoder": written.encoder}
    print(json.dumps(plain) if as_json else f"{output}: {written.pictures} pictures, {written.size / 1e6:.1f} MB")


def _draw(spec: SceneSpec, output: Path, wishes: Wishes) -> tuple[Encoded, Path | None]:
    """The video that was written, and where its truth is."""
    from brain.sim.encode import encode
    from brain.sim.export import Recorder

    recorders: list[Recorder] = []
    told: list[Path | None] = []

    def record(drawn: Scene) -> Callable[[int, Seen], None]:
        recorders.append(Recorder(drawn, output, wishes))
        return recorders[0].take

    def finish() -> None:
        told.extend(recorder.finish() for recorder in recorders)

    try:
        with drawing_bar(spec.scene) as tell:
            recording = record if wishes.needs_numbers else None
            written = encode(spec, output, progress=tell, record=recording, finish=finish)
    finally:
        for recorder in recorders:
            recorder.close()
    return written, told[0] if told else None
