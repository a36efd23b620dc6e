"""A wall of RTSP cameras in one worker, many of them ill in one way each: every illness is named, and none spreads.

One run of the product serves all tests of this file, in their order; each first waits for what it builds on.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from .harness import Product, is_alive, wait_until
from .harness_rtsp import USER, Gate, RtspServer, bare, cut, growing, need_gstreamer

pytestmark = [pytest.mark.rtsp, pytest.mark.clips, pytest.mark.slow]

WALL = [f"wall{number}" for number in range(8)]
PULLED, KEPT = WALL[7], WALL[:7]
ALONE = ("hevc", "resized", "growing", "clockless", "ending")
ZONE = {"name": "ground", "kind": "public", "polygon": [[0.05, 0.5], [0.95, 0.5], [0.95, 0.95], [0.05, 0.95]]}
RIGHT, WRONG = "quartz-lane-4711", "basalt&lane-0815"
WINDOW_S = 20.0
SHORT_CLIP_S = 15


@dataclass
class Wall:
    """The servers, the gates before some of them, and the product."""

    servers: dict[str, RtspServer]
    gates: dict[str, Gate]
    product: Product
    began: float

    def reports(self) -> dict[str, Any]:
        """All cameras as ``/api/status`` shows them."""
        cameras: dict[str, Any] = self.product.status()["cameras"]
        return cameras

    def over_window(self) -> dict[str, tuple[int, int]]:
        """Samples made and due of each camera over some twenty seconds."""
        before, since = self.reports(), time.monotonic()
        wait_until(lambda: time.monotonic() - since >= WINDOW_S, WINDOW_S + 5, "the window is over")
        after = self.reports()
        return {
            name: (after[name]["samples"] - before[name]["samples"], after[name]["due"] - before[name]["due"])
            for name in after
        }


def servers_in(folder: Path, videos: Path) -> dict[str, RtspServer]:
    """All servers, not yet started."""
    long = cut(videos / "street_parking.mp4", folder / "long.mp4", times=4)
    short = cut(videos / "street_parking.mp4", folder / "short.mp4", seconds=SHORT_CLIP_S)
    grown = growing(videos / "street_parking.mp4", folder / "growing.mp4", [(640, 360, 60), (480, 270, 400)])
    plain = growing(videos / "street_parking.mp4", folder / "plain.mp4", [(480, 270, 600)])
    return {
        "wall": RtspServer("wall", folder, long),
        "pulled": RtspServer("pulled", folder, long),
        "hevc": RtspServer("hevc", folder, videos / "street_quiet.mp4", "hevc"),
        "locked": RtspServer("locked", folder, long, password=RIGHT),
        "resized": RtspServer("resized", folder, long),
        "growing": RtspServer("growing", folder, grown),
        "clockless": RtspServer("clockless", folder, bare(plain, folder / "plain.h264")),
        "ending": RtspServer("ending", folder, short),
    }


def sources(servers: dict[str, RtspServer], gates: dict[str, Gate]) -> dict[str, dict[str, str]]:
    """The cameras' settings."""
    wall, locked = servers["wall"], f"rtsp://{USER}:{WRONG}@127.0.0.1:{gates['locked'].port}/cam0"
    found = {name: {"source": wall.url(number)} for number, name in enumerate(KEPT)}
    found[PULLED] = {"source": servers["pulled"].url()}
    found |= {name: {"source": servers[name].url()} for name in ALONE}
    found |= {name: {"source": wall.url(9, gates[name].port)} for name in ("silent", "trickle", "mute")}
    found["udp"] = {"source": wall.url(10), "transport": "udp"}
    found["locked"] = {"source": locked}
    found["lost"] = {"source": wall.url(99)}
    return found


@pytest.fixture(scope="module")
def wall(tmp_path_factory: pytest.TempPathFactory, shared_dir: Path) -> Iterator[Wall]:
    need_gstreamer()
    folder = tmp_path_factory.mktemp("wall")
    servers = servers_in(folder, shared_dir / "material" / "videos")
    gates = {
        "locked": Gate("pass", servers["locked"].port),
        "silent": Gate("silent"),
        "trickle": Gate("trickle", servers["wall"].port),
        "mute": Gate("mute", servers["wall"].port),
    }
    cameras = [{"id": name, "zones": [ZONE]} | source for name, source in sources(servers, gates).items()]
    assignments = [{"scenario": "left_object", "set": {"sample.every": "1s"}}]
    product = Product.prepare(folder, {"workers": 1, "cameras": cameras, "assignments": assignments})
    try:
        for server in servers.values():
            server.begin()
        product.run()
        yield Wall(servers, gates, product, time.time())
    finally:
        product.kill()
        for gate in gates.values():
            gate.close()
        for server in servers.values():
            server.kill()


def test_every_camera_that_can_gives_samples(wall: Wall) -> None:
    able = [*WALL, *ALONE, "udp"]

    def all_there() -> bool:
        reports = wall.reports()
        return all(reports.get(name, {}).get("samples", 0) >= 3 for name in able)

    wait_until(all_there, 40, "three samples of each camera, with H.265, over UDP and without a clock among them")


def test_udp_is_udp(wall: Wall) -> None:
    wait_until(lambda: wall.reports().get("udp", {}).get("samples", 0) >= 1, 40, "a sample over UDP")
    (worker,) = wall.product.worker_pids()
    table = Path(f"/proc/{worker}/net/udp").read_text("utf-8").splitlines()[1:]
    ours = {str(path.readlink()) for path in Path(f"/proc/{worker}/fd").iterdir() if path.is_symlink()}
    assert sum(f"socket:[{line.split()[9]}]" in ours for line in table) >= 2, "one socket for RTP, one for RTCP"


def test_another_picture_size_after_a_restart(wall: Wall, shared_dir: Path) -> None:
    wait_until(lambda: wall.reports().get("resized", {}).get("samples", 0) >= 1, 40, "a sample")
    assert size_of(wall.product, "resized") == (640, 360)
    server = wall.servers["resized"]
    server.kill()
    server.play(shared_dir / "material" / "videos" / "motorway_pedestrian.mp4")
    server.begin()
    back = time.time()
    live = wall.product.wait_state("resized", "live", 15, back)
    wait_until(lambda: size_of(wall.product, "resized") == (320, 240), 15, "a sample of the new size")
    print(f"other size: live {live.at - back:.1f} s after the server was back")
    assert all(wall.reports()[name]["failures"] == 0 for name in KEPT)


def test_one_pulled_camera_leaves_the_others_alone(wall: Wall) -> None:
    wait_until(lambda: all(wall.reports().get(n, {}).get("samples", 0) for n in WALL), 40, "samples of the wall")
    before = wall.over_window()
    pulled = time.time()
    wall.servers["pulled"].kill()
    after = wall.over_window()
    print("made/due before:", {name: before[name] for name in WALL}, "after:", {name: after[name] for name in WALL})
    for window in (before, after):
        for name in KEPT:
            made, due = window[name]
            assert due >= 0.9 * WINDOW_S
            assert made + 1 >= 0.95 * due, "one may be on its way when the window ends"
    assert after[PULLED][0] <= 3
    assert wall.product.wait_state(PULLED, "stalled", 1, pulled).reason
    assert wall.reports()[PULLED]["state"] in ("stalled", "unreachable")
    assert all(wall.reports()[name]["failures"] == 0 for name in KEPT)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("silent", "no answer in time"),
        ("trickle", "no answer in time"),
        ("mute", "it answers, but no picture comes"),
    ],
)
def test_a_server_that_gives_nothing_is_unreachable(wall: Wall, name: str, reason: str) -> None:
    change = wall.product.wait_state(name, "unreachable", 45)
    assert change.at - wall.began <= 30
    assert change.reason == reason
    assert change.remedy
    assert wall.gates[name].connections >= 1
    print(f"{name}: told after {change.at - wall.began:.1f} s")
    # The state stays as it is while the camera is tried again, and is said once.
    assert [c.state for c in wall.product.changes(name)] == ["unreachable"]


def test_a_wrong_path_is_named(wall: Wall) -> None:
    change = wall.product.wait_state("lost", "unreachable", 30)
    assert change.reason == "no such stream on this camera"
    assert "path" in change.remedy


def test_a_wrong_password_is_said_once_and_not_tried_again(wall: Wall) -> None:
    change = wall.product.wait_state("locked", "refused", 30)
    assert change.reason == "wrong user name or password"
    assert "username and password" in change.remedy
    report = wall.product.camera("locked")
    assert (report["state"], report["reason"], report["remedy"]) == ("refused", change.reason, change.remedy)
    wait_until(lambda: wall.gates["locked"].connections >= 2, 10, "a second try")
    # Twenty seconds after the second refusal: the usual back-off would have tried four times more by now.
    wait_until(lambda: time.time() >= change.at + 22, 30, "twenty seconds have passed")
    assert wall.gates["locked"].connections == 2
    assert [c.state for c in wall.product.changes("locked")] == ["refused"]


def test_the_wrong_password_is_nowhere_outside(wall: Wall) -> None:
    wall.product.wait_state("locked", "refused", 30)
    seen = {path: wall.product.get(path).text for path in ("/", "/api/status", "/metrics")}
    for pid in (wall.product.pid, *wall.product.worker_pids()):
        for name in ("cmdline", "environ"):
            seen[f"/proc/{pid}/{name}"] = Path(f"/proc/{pid}/{name}").read_text("utf-8", errors="replace")
    for path in (wall.product.log, *(wall.product.folder / "state").rglob("*")):
        with suppress(FileNotFoundError):
            if path.is_file():
                seen[str(path)] = path.read_text("utf-8", errors="replace")
    forms = (WRONG, WRONG.replace("&", "%26"), WRONG.replace("&", "&amp;"))
    assert [name for name, text in seen.items() if any(form in text for form in forms)] == []


def test_a_camera_that_ends_its_stream_is_opened_again_each_time(wall: Wall) -> None:
    def rounds() -> list[float]:
        """How long it took each time from the end of the stream until it was live again."""
        changes = wall.product.changes("ending")
        pairs = pairwise(changes)
        return [late.at - early.at for early, late in pairs if (early.state, late.state) == ("stalled", "live")]

    wait_until(lambda: len(rounds()) >= 3, 80, "three ends and new beginnings")
    print("ended and opened again after", [round(seconds, 1) for seconds in rounds()], "s")
    assert max(rounds()) <= 4.5, "the pause does not grow while the camera is well in between"
    reasons = {change.reason for change in wall.product.changes("ending") if change.state == "stalled"}
    assert reasons == {"the camera ended the stream"}


def test_another_picture_size_in_mid_stream_opens_that_camera_again(wall: Wall) -> None:
    def told() -> bool:
        return any(change.reason == "the picture changed its size" for change in wall.product.changes("growing"))

    wait_until(told, 40, "the change of size is told")
    at = next(c.at for c in wall.product.changes("growing") if c.reason == "the picture changed its size")
    wall.product.wait_state("growing", "live", 15, at)
    assert wall.reports()["growing"]["skipped"]["resized"] >= 1
    assert all(wall.reports()[name]["failures"] == 0 for name in KEPT)


def test_no_illness_has_cost_the_worker(wall: Wall) -> None:
    (worker,) = wall.product.status()["workers"]
    assert (worker["alive"], worker["starts"], worker["trouble"]) == (True, 1, "")
    assert wall.product.get("/health").status_code == 200
    page = wall.product.get("/").text
    assert all(name in page for name in wall.reports())


def test_it_ends_in_time_whatever_its_cameras_do(wall: Wall) -> None:
    workers = wall.product.worker_pids()
    code, took = wall.product.end(signal.SIGTERM)
    print(f"SIGTERM with hanging cameras: ended after {took:.1f} s")
    assert code == 0
    assert took <= 10
    assert not any(map(is_alive, workers))


def size_of(product: Product, camera: str) -> tuple[int, int]:
    """Width and height of a camera's last picture; zeros when there is none just now."""
    answer = product.get(f"/api/cameras/{camera}/picture")
    picture = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR) if answer.is_success else None
    return (0, 0) if picture is None else (picture.shape[1], picture.shape[0])
