"""A real street over RTSP, from camera to desk: one case a kerb, and no second one whatever fails in between.

One run of the product serves all tests of this file, in their order; each first waits for what it builds on.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import av
import pytest

from .harness import Desk, Product, is_alive, wait_until
from .harness_rtsp import USER, RtspServer, cut, need_gstreamer

pytestmark = [pytest.mark.rtsp, pytest.mark.clips, pytest.mark.slow, pytest.mark.timed]

CAMERA = "street"
KERBS = {"kerb_west", "kerb_east"}
# The shortest clear and cooldown: an outage that counted as absence would end the event and raise it anew at once.
QUICK = {"rule.stationary.for": "5s", "sample.every": "1s", "clear.after": "10s", "cooldown": "10s"}
PASSWORD = "Tor:7/kerb@quartz%41 lane"
SETTLE_SAMPLES = 12
CLIP_S = 30


@dataclass
class Street:
    """A camera with a log-in, the product, and its desk."""

    server: RtspServer
    desk: Desk
    product: Product

    def both_cases(self) -> list[dict[str, object]]:
        """The messages of both opened cases."""
        limit = 60
        wait_until(lambda: len(self.desk.received("case.opened")) >= len(KERBS), limit, "a case for each kerb")
        return [self.desk.message(entry) for entry in self.desk.received("case.opened")]

    def both_clips(self) -> list[dict[str, object]]:
        """The clips that followed, as the messages describe them."""

        def clips() -> list[dict[str, object]]:
            entries = self.desk.received("case.updated")
            items = [item for entry in entries for item in self.desk.message(entry)["evidence"]]
            found = [item for item in items if item["kind"] == "clip"]
            return found if len(found) >= len(KERBS) else []

        return wait_until(clips, 40, "a clip of each case")

    def wait_live(self) -> None:
        """Waits until the camera is shown as live."""
        wait_until(lambda: self.product.camera(CAMERA).get("state") == "live", 30, "the camera is live")

    def assert_nothing_new(self) -> None:
        """After enough samples for a second event: still the same two cases, both open, each told once."""
        self.product.wait_samples(CAMERA, SETTLE_SAMPLES, 60)
        opened = [self.desk.message(entry)["zone"] for entry in self.desk.received("case.opened")]
        assert sorted(opened) == sorted(KERBS)
        assert self.desk.received("case.closed") == []
        assert {entry["effect"] for entry in self.desk.received()} == {"new"}
        assert {entry["order"] for entry in self.desk.received()} == {"ok"}
        totals = self.product.status()["totals"]
        assert (totals["cases_opened"], totals["cases_open"], totals["cases_closed"]) == (2, 2, 0)
        assert (totals["events"], totals["events_open"]) == (2, 2)


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory, shared_dir: Path) -> Iterator[Street]:
    need_gstreamer()
    folder = tmp_path_factory.mktemp("street")
    videos = shared_dir / "material" / "videos"
    clips = json.loads((videos / "manifest.json").read_text("utf-8"))["clips"]
    zones = next(clip["zones"] for clip in clips if clip["file"] == "street_parking.mp4")
    (folder / "camera.password").write_text(PASSWORD, "utf-8")
    clip = cut(videos / "street_parking.mp4", folder / "street.mp4", seconds=CLIP_S)
    server = RtspServer("camera", folder, clip, password=PASSWORD)
    camera = {"id": CAMERA, "source": server.url(), "username": USER, "password_file": "camera.password"}
    desk = Desk.begin(folder)
    settings = {
        "workers": 1,
        "runtime": "onnxruntime",
        "weights": {"vehicle_detection": str(shared_dir / "material" / "weights" / "yolox_nano.onnx")},
        "cameras": [camera | {"zones": zones}],
        "assignments": [{"scenario": "illegal_parking", "set": QUICK}],
        "desks": [desk.setting()],
    }
    product = Product.prepare(folder, settings)
    try:
        server.begin()
        product.run()
        yield Street(server, desk, product)
    finally:
        for child in (product, desk, server):
            child.kill()


def test_each_kerb_gets_one_case_with_pictures(street: Street) -> None:
    messages = street.both_cases()
    assert {message["zone"] for message in messages} == KERBS
    for message in messages:
        assert message["scenario"]["id"] == "illegal_parking"
        assert message["camera"] == CAMERA
        assert message["boxes"], "the vehicle is marked"
        kinds = {item["kind"]: item for item in message["evidence"]}
        assert set(kinds) == {"picture", "picture_marked"}
        for item in kinds.values():
            data = street.desk.file(item).read_bytes()
            assert hashlib.sha256(data).hexdigest() == item["sha256"]
            assert data.startswith(b"\xff\xd8")
            assert len(data) == item["size"]


def test_a_clip_follows_that_plays(street: Street) -> None:
    street.both_cases()
    for item in street.both_clips():
        path = street.desk.file(item)
        assert hashlib.sha256(path.read_bytes()).hexdigest() == item["sha256"]
        with av.open(str(path)) as clip:
            video = clip.streams.video[0]
            times = [frame.time for frame in clip.decode(video)]
        assert (video.codec_context.width, video.codec_context.height) == (640, 360)
        # Three seconds before the moment and five after, at ten pictures a second; it begins at a key frame.
        assert len(times) >= 75
        steps = [after - before for before, after in pairwise(times)]
        assert 0.05 <= min(steps) <= max(steps) <= 0.15, "every picture is in its place"
        assert 7.5 <= times[-1] - times[0] <= 25


def test_pages_and_counters_show_it(street: Street) -> None:
    street.both_clips()
    health = street.product.get("/health")
    assert (health.status_code, health.json()["ok"]) == (200, True)
    street.wait_live()
    camera = street.product.camera(CAMERA)
    assert camera["samples"] >= 0.95 * camera["due"] - 1

    def while_live() -> str:
        text = street.product.get("/metrics").text
        return text if 'brain_camera_state{camera="street",state="live"} 1.0' in text else ""

    metrics = wait_until(while_live, 30, "metrics of a live camera")
    figures = dict(re.findall(r"^(brain_\S+(?:\{.*\})?) (\S+)$", metrics, re.MULTILINE))
    assert float(figures['brain_samples_total{camera="street"}']) >= 10
    assert float(figures['brain_samples_due_total{camera="street"}']) >= 10
    assert 'brain_camera_failures_total{camera="street"}' in figures
    assert figures['brain_worker_alive{shard="0"}'] == "1.0"
    assert figures['brain_cases{state="open"}'] == "2.0"
    assert float(figures['brain_messages_sent_total{desk="desk"}']) == 4
    assert figures['brain_outbox_waiting{desk="desk"}'] == "0.0"
    assert figures['brain_desk_ok{desk="desk"}'] == "1.0"
    page = street.product.get("/").text
    assert CAMERA in page
    assert all(zone in page for zone in KERBS)
    pictures = re.findall(r"src='(/api/[^']+)'", page)
    assert len(pictures) == 3, "the camera's last picture and a proof of each case"
    for path in pictures:
        answer = street.product.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
        assert answer.content.startswith(b"\xff\xd8")
    clips = re.findall(r"href='(/api/evidence/[^']+)'", page)
    assert [street.product.get(path).headers["content-type"] for path in clips] == ["video/mp4"] * 2


def test_stream_ends_and_begins_anew(street: Street) -> None:
    street.both_cases()
    ended = street.product.wait_state(CAMERA, "stalled", CLIP_S + 10)
    assert ended.reason == "the camera ended the stream"
    live = street.product.wait_state(CAMERA, "live", 6, ended.at)
    print(f"stream ended: live again after {live.at - ended.at:.1f} s")
    street.assert_nothing_new()


def test_server_away_for_five_seconds(street: Street) -> None:
    street.both_cases()
    began = time.time()
    street.server.kill()
    lost = street.product.wait_state(CAMERA, "stalled", 10, began)
    assert lost.reason
    assert lost.remedy
    wait_until(lambda: time.time() >= began + 5, 10, "five seconds are over")
    assert street.product.camera(CAMERA)["state"] in ("stalled", "unreachable")
    street.server.begin()
    back = time.time()
    live = street.product.wait_state(CAMERA, "live", 15, back)
    print(f"away 5 s: told after {lost.at - began:.1f} s, live {live.at - back:.1f} s after the server was back")
    street.assert_nothing_new()


def test_frozen_server(street: Street) -> None:
    street.both_cases()
    street.wait_live()
    began = time.time()
    street.server.freeze()
    lost = street.product.wait_state(CAMERA, "stalled", 12, began)
    assert lost.reason == "no answer in time"
    wait_until(lambda: time.time() >= began + 15, 20, "fifteen seconds are over")
    assert street.product.camera(CAMERA)["state"] in ("stalled", "unreachable")
    street.server.thaw()
    back = time.time()
    live = street.product.wait_state(CAMERA, "live", 15, back)
    print(f"frozen: told after {lost.at - began:.1f} s, live {live.at - back:.1f} s after it went on")
    street.assert_nothing_new()


@pytest.mark.full
@pytest.mark.timeout(400)
def test_server_away_for_ninety_seconds(street: Street) -> None:
    street.both_cases()
    began = time.time()
    street.server.kill()
    street.product.wait_state(CAMERA, "unreachable", 20, began)
    wait_until(lambda: time.time() >= began + 90, 100, "ninety seconds are over")
    street.server.begin()
    back = time.time()
    live = street.product.wait_state(CAMERA, "live", 60, back)
    print(f"away 90 s: live {live.at - back:.1f} s after the server was back")
    street.assert_nothing_new()


def test_killed_worker_comes_back_with_its_camera(street: Street) -> None:
    street.both_cases()
    street.wait_live()
    (old,) = street.product.worker_pids()
    began = time.time()
    os.kill(old, signal.SIGKILL)
    wait_until(lambda: [pid for pid in street.product.worker_pids() if pid != old], 5, "another worker")
    live = street.product.wait_state(CAMERA, "live", 10, began)
    print(f"worker killed: camera live after {live.at - began:.1f} s")
    assert live.at - began <= 5
    assert 'brain_workers_replaced_total{reason="died"} 1.0' in street.product.get("/metrics").text
    street.assert_nothing_new()


def test_password_is_nowhere_outside(street: Street) -> None:
    street.both_clips()
    forms = [PASSWORD, quote(PASSWORD, safe=""), quote(PASSWORD)]
    product, folder = street.product, street.product.folder
    seen = {path: product.get(path).text for path in ("/", "/api/status", "/api/cases", "/metrics", "/health")}
    for pid in (product.pid, *product.worker_pids()):
        for name in ("cmdline", "environ"):
            seen[f"/proc/{pid}/{name}"] = Path(f"/proc/{pid}/{name}").read_text("utf-8", errors="replace")
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            if path.is_file() and path.name != "camera.password":
                seen[str(path)] = path.read_text("utf-8", errors="replace")
    assert any(name.endswith("brain.db") for name in seen)
    assert any(name.endswith("run.log") for name in seen)
    assert [name for name, text in seen.items() if any(form in text for form in forms)] == []


def test_sigterm_drains_and_a_new_start_goes_on(street: Street) -> None:
    street.both_clips()
    workers = street.product.worker_pids()
    code, took = street.product.end(signal.SIGTERM)
    print(f"SIGTERM: ended after {took:.1f} s")
    assert code == 0
    assert took <= 10
    assert not any(map(is_alive, workers))
    street.product.run()
    street.product.wait_state(CAMERA, "live", 20, time.time() - 1)
    street.assert_nothing_new()


def test_killed_service_leaves_no_worker(street: Street) -> None:
    street.wait_live()
    workers = street.product.worker_pids()
    assert workers
    os.kill(street.product.pid, signal.SIGKILL)
    began = time.monotonic()
    wait_until(lambda: not any(map(is_alive, workers)), 2, "every worker has ended with its service")
    print(f"service killed: workers ended after {time.monotonic() - began:.1f} s")
    street.product.wait(5)
    street.product.run()
    street.product.wait_state(CAMERA, "live", 20, time.time() - 1)
    street.assert_nothing_new()


def test_sigint_drains(street: Street) -> None:
    street.wait_live()
    workers = street.product.worker_pids()
    code, took = street.product.end(signal.SIGINT)
    print(f"SIGINT: ended after {took:.1f} s")
    assert code == 0
    assert took <= 10
    assert not any(map(is_alive, workers))
