"""The page of a comparison in a real browser: nothing from outside, a picture of every change, no harm by names."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser

from brain.evaluation.comparison import compare, scenario_pairs
from brain.evaluation.comparison_page import Material, build_page, changes_of, chosen_changes
from brain.evaluation.comparison_pairs import RunSide
from brain.evaluation.judging import judge
from brain.evaluation.report.page import write_page
from brain.replay.run import Run
from brain.video.encode import H264, EncoderPlan, write_mp4

from .browser import chromium, opened

HARM = "<script>alert(1)</script>\"'><img src=http://evil.example/x onerror=alert(2)>"
ZONES = ({"name": "pavement", "kind": "public", "polygon": [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]},)
SECONDS, FPS = 60, 5
BOX = [{"label": "bag", "score": 0.8, "box": [0.3, 0.4, 0.5, 0.6]}]
Make = Callable[..., Any]


@pytest.fixture(scope="module")
def material(
    tmp_path_factory: pytest.TempPathFactory,
    make_run: Make,
    make_truth: Make,
    make_clip: Make,
    make_event: Make,
    make_scenario: Make,
) -> Material:
    """B finds what A missed and loses what A found, a false alarm of A is gone, one of B is new; a file is gone."""
    folder = tmp_path_factory.mktemp("comparison")
    path = folder / "street.mp4"
    pictures = (_street(number) for number in range(SECONDS * FPS))
    write_mp4(path, pictures, EncoderPlan(H264, 640, 360, Fraction(FPS), gop=25, options={"preset": "ultrafast"}))
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    scenarios = [make_scenario(dwell_s=4.0, inherited_dwell_s=4.0, window_s=5.0)]
    clips = [
        make_clip("street", path=str(path), sha256=sha256, seconds=float(SECONDS), zones=ZONES),
        make_clip("lost", seconds=60.0),
    ]
    troubles = [{"began_s": 2.0, "ended_s": 15.0, "note": HARM}, {"began_s": 20.0, "ended_s": 30.0}]
    truth = make_truth(
        folder / "truth.yaml",
        [
            {"file": "street.mp4", "sha256": sha256, "events": troubles},
            {"file": "lost.mp4", "events": [{"began_s": 2.0, "ended_s": 15.0}]},
        ],
    )

    def run(name: str, raised: list[float], **more: Any) -> Run:
        events = [make_event(at_s, at_s + 4, began_s=at_s - 4, boxes=BOX) for at_s in raised]
        own = {"street": events, "lost": [make_event(6.5, 12.0)] if name == "after" else []}
        run: Run = make_run(folder / name, scenarios, clips, own, **more)
        return run

    before, after = run("before", [24.5, 40.0]), run("after", [6.5, 50.0], product="0.2.0")
    sides = [RunSide(item.header, item.digest, judge(item, truth)) for item in (before, after)]
    return Material(before, after, sides[0], sides[1], truth, compare(sides[0], sides[1], "truth.yaml"))


def _street(number: int) -> Any:
    picture = np.full((360, 640, 3), 120, np.uint8)
    cv2.circle(picture, (20 + 2 * number % 600, 180), 30, (40, 90, 200), -1)
    return picture


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def test_every_change_once_what_got_worse_first(material: Material) -> None:
    (pair,) = scenario_pairs(material.side_a, material.side_b)
    changes = changes_of(pair)
    shown = [(item.kind, item.shown.clip, item.shown.at_s, item.of_b) for item in changes]
    assert shown == [
        ("lost", "street", 24.5, False),
        ("new", "street", 50.0, True),
        ("won", "street", 6.5, True),
        ("won", "lost", 6.5, True),
        ("gone", "street", 40.0, False),
    ]
    assert [item.kind for item in chosen_changes(changes, 1)] == ["lost", "new", "won", "gone"]
    assert chosen_changes(changes, 0) == ()


def test_page_in_a_browser(material: Material, browser: Browser, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    path = write_page(tmp_path, build_page(material, lambda done, total: told.append((done, total))))
    assert told[-1] == (5, 5)
    with opened(browser, path) as found:
        page = found.page
        assert page.locator(".card").count() == 5
        assert page.locator(".card img").count() == 4
        assert page.locator(".card video").count() == 4
        assert "no longer where it was" in page.locator(".card .placeholder").inner_text()
        sizes = page.eval_on_selector_all(".card img", "all => all.map(one => one.naturalWidth)")
        assert all(size >= 320 for size in sizes)
        page.locator('[data-filter="won"]').click()
        assert page.locator(".card:visible").count() == 2
        assert "too few cameras" in page.locator("#result").inner_text()
        assert "product" in page.locator("#differences").inner_text()
        assert HARM in page.locator("#changes").inner_text()
        page.locator("button.language").click()
        assert "摄像机太少" in page.locator("#result").inner_text()
        page.locator('[data-filter="all"]').click()
        page.screenshot(path=str(tmp_path / "page.png"), full_page=True)
        assert found.outside == []
        assert found.problems == []


def test_page_of_a_run_with_itself(material: Material) -> None:
    same = compare(material.side_a, material.side_a, "truth.yaml")
    html = build_page(Material(material.run_a, material.run_a, material.side_a, material.side_a, material.truth, same))
    assert "The two runs agree on every event." in html
    assert 'class="panel card' not in html


def test_page_without_pictures(material: Material) -> None:
    few = Material(
        material.run_a, material.run_b, material.side_a, material.side_b, material.truth, material.comparison, items=0
    )
    html = build_page(few)
    assert "5 changes, none with a picture." in html
    assert "data:image" not in html
