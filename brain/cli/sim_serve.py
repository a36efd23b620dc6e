"""``brain sim serve``: drawn cameras over real RTSP."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from brain.cli.sim_options import drawing_bar, read_choice
from brain.runtime.pool import cores

if TYPE_CHECKING:
    from brain.sim.serve_cameras import DrawnCamera


def command(
    cameras: Annotated[int, typer.Option(help="how many, 1 … 2000")] = 4,
    scenes: Annotated[str, typer.Option(metavar="A,B|all", help="see `brain sim list`")] = "all",
    seed: Annotated[int, typer.Option(help="the clips take it and the numbers after it")] = 1,
    clips: Annotated[int | None, typer.Option(help="different clips; left out = one a camera, 12 at most")] = None,
    seconds: Annotated[float, typer.Option(help="length of a clip, which is shown in a loop")] = 60.0,
    size: Annotated[str, typer.Option(metavar="WxH", help="160x90 … 1920x1080")] = "640x360",
    fps: Annotated[float, typer.Option(help="pictures a second")] = 12.0,
    light: Annotated[str, typer.Option(metavar="A,B|all", help="drawn from these")] = "all",
    weather: Annotated[str, typer.Option(metavar="A,B|all", help="drawn from these")] = "all",
    host: Annotated[str, typer.Option(help="anyone who reaches another address may watch")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 = any that is free")] = 8554,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object with every address and its truth")] = False,
) -> None:
    """Serves drawn cameras over RTSP (TCP, no password) until Ctrl-C; each clip is drawn once and kept. 仿真摄像机。"""
    from brain.sim.serve_cameras import drawn_cameras
    from brain.sim.serve_port import check_free

    choice = read_choice(seed, size, scenes, light, weather)
    check_free(host, port)
    with drawing_bar("drawing") as tell:
        drawn = drawn_cameras(choice, cameras, seconds, fps, clips, cores(), tell)
    asyncio.run(_serve(drawn, host, port, as_json))


async def _serve(drawn: list[DrawnCamera], host: str, port: int, as_json: bool) -> None:
    from brain.sim.serve import RtspServer

    server = RtspServer([camera.stream for camera in drawn], host, port)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await server.start()
    try:
        cameras = [camera.plain(server) for camera in drawn]
        if as_json:
            print(json.dumps({"port": server.port, "cameras": cameras}, ensure_ascii=False), flush=True)
        else:
            _show(cameras)
        await stop.wait()
    finally:
        await server.close()


def _show(cameras: list[dict[str, object]]) -> None:
    """A line a camera, as long as it is: an address is to be copied whole, from a pipe as well."""
    rows = [[str(one[key]) for key in ("url", "scene", "light", "weather")] for one in cameras]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for one, row in zip(cameras, rows, strict=True):
        about = f"shows {one['shows']}" if one["shows"] else f"taken for {one['confuses']}"
        print("  ".join([*map(str.ljust, row, widths), about]), flush=True)
    print("serving; Ctrl-C ends it", file=sys.stderr, flush=True)
