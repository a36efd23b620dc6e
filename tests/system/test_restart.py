"""A dwell and an open event survive the death of their worker."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from brain.sim.encode import encode
from brain.sim.spec import SceneSpec
from brain.store.database import Database
from brain.store.queries import CaseDetail, find_case, list_cases

from .harness import Product, wait_until

EVERY_S, DWELL_S, CLEAR_S = 1.0, 8.0, 4.0
INHERITED_S = 2 * DWELL_S  # the cars stand there from the first picture on
SLACK_S = 1.0  # of this test's own looking, and of files that wait up to 0.4 s for their pace
BOXES = {"kerb_west": [[0.24, 0.58], [0.475, 0.58], [0.475, 0.9], [0.24, 0.9]]}

pytestmark = [pytest.mark.slow, pytest.mark.clips]


@pytest.fixture
def product(tmp_path: Path, shared_dir: Path) -> Iterator[Product]:
    """One camera on a street where a car is parked; its video can be changed under it."""
    (tmp_path / "camera.mp4").symlink_to(shared_dir / "material" / "videos" / "street_parking.mp4")
    zones = [{"name": name, "kind": "no_parking", "polygon": polygon} for name, polygon in BOXES.items()]
    numbers: dict[str, Any] = {
        "rule.stationary.for": f"{DWELL_S}s",
        "rule.stationary.occlusion": "3s",
        "sample.every": f"{EVERY_S}s",
        "confirm.of": 5,
        "confirm.at_least": 3,
        "clear.after": f"{CLEAR_S}s",
        "cooldown": "600s",
    }
    settings = {
        "runtime": "onnxruntime",
        "weights": {"vehicle_detection": str(shared_dir / "material" / "weights" / "yolox_nano.onnx")},
        "cameras": [{"id": "kerb", "source": "camera.mp4", "loop": True, "zones": zones}],
        "assignments": [{"scenario": "illegal_parking", "set": numbers}],
    }
    made = Product.prepare(tmp_path, settings)
    made.run()
    yield made
    made.kill()


def cases(product: Product) -> list[CaseDetail]:
    with Database.open(product.folder / "state", writer=False) as database, database.read() as connection:
        found = [find_case(connection, case.id) for case in list_cases(connection)]
    return [detail for detail in found if detail is not None]


def kill_worker(product: Product) -> tuple[float, float]:
    """Kills the worker and waits for its successor's first sample: when it died, and how long nothing was seen."""
    (pid,) = product.worker_pids()
    died = time.time()
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: product.worker_pids() not in ([], [pid]), 5, "a new worker within 5 s")
    wait_until(lambda: product.camera("kerb").get("samples", 0) >= 1, 15, "its first sample")
    return died, time.time() - died


def first_sample(product: Product) -> float:
    wait_until(lambda: product.camera("kerb").get("samples", 0) >= 1, 20, "the first sample")
    return float(product.camera("kerb")["pts_s"])


def test_a_dwell_goes_on_after_the_worker_was_killed_at_90_percent(product: Product) -> None:
    began = first_sample(product)
    time.sleep(max(0.0, began + 0.9 * INHERITED_S - time.time()))
    assert cases(product) == []
    died, outage_s = kill_worker(product)
    (detail,) = wait_until(lambda: cases(product), INHERITED_S, "the case is opened")
    raised = detail.events[0].raised.timestamp()
    print(f"outage {outage_s:.1f} s; raised {raised - began:.1f} s after the first sample, dwell {INHERITED_S:g} s")
    assert died < raised <= began + INHERITED_S + outage_s + EVERY_S + SLACK_S
    assert detail.events[0].began.timestamp() == pytest.approx(began, abs=1.5)


def test_an_open_event_ends_once_when_its_object_is_gone_and_not_before(product: Product, tmp_path: Path) -> None:
    wait_until(lambda: cases(product), INHERITED_S + 20, "the case is opened")
    kill_worker(product)
    product.wait_samples("kerb", 8, 30)
    (detail,) = cases(product)
    assert detail.case.closed is None, "the car is still there"
    assert [step.state for step in detail.transitions][-1] != "closed"

    empty = encode(SceneSpec(4, 20, fps=4, cars=False, walkers=0), tmp_path / "empty.mp4").path
    (tmp_path / "new.mp4").symlink_to(empty)
    (tmp_path / "new.mp4").replace(tmp_path / "camera.mp4")
    kill_worker(product)
    wait_until(lambda: cases(product)[0].case.closed is not None, 40, "the case is closed")
    product.wait_samples("kerb", 5, 30)
    (detail,) = cases(product)
    assert [step.state for step in detail.transitions].count("closed") == 1
    assert detail.events[0].ended is not None
    assert len(detail.events) == 1
    assert product.end()[0] == 0
