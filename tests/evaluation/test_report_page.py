"""The page in a real browser: nothing from outside, every picture shown, both languages, names that cannot do harm."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from brain.core.errors import UsageError
from brain.core.types import Picture
from brain.evaluation.judging import judge
from brain.evaluation.ledger import LedgerEntry
from brain.evaluation.measures import figures
from brain.evaluation.report.build import Material, build_page, chosen_items
from brain.evaluation.report.page import write_page
from brain.evaluation.truth import TruthSet
from brain.replay.run import Run
from brain.video.encode import H264, EncoderPlan, write_mp4

from .browser import LOAD_ALL_CLIPS, chromium, opened

HARM = "<script>alert(1)</script>\"'><img src=http://evil.example/x onerror=alert(2)>"
ZONES = ({"name": "pavement", "kind": "public", "polygon": [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]},)
SECONDS, FPS = 80, 5
PLAYS = """async video => {
  for (let i = 0; i < 200 && video.currentTime < 0.2; i++) await new Promise(done => setTimeout(done, 25));
  return video.currentTime >= 0.2;
}"""
BOX = [{"label": "thing", "score": 0.8, "box": [0.3, 0.4, 0.5, 0.6]}]


def street(number: int) -> Picture:
    """A picture in which something moves."""
    picture = np.full((360, 640, 3), 120, np.uint8)
    cv2.circle(picture, (20 + number % 600, 180), 30, (40, 90, 200), -1)
    return picture


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of 80 s."""
    path = tmp_path_factory.mktemp("recordings") / "street.mp4"
    plan = EncoderPlan(H264, 640, 360, Fraction(FPS), gop=25, options={"preset": "ultrafast"})
    write_mp4(path, (street(number) for number in range(SECONDS * FPS)), plan)
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def material(
    tmp_path_factory: pytest.TempPathFactory,
    recording: Path,
    make_run: Callable[..., Run],
    make_truth: Callable[..., TruthSet],
    make_clip: Callable[..., Any],
    make_event: Callable[..., Any],
    make_scenario: Callable[..., Any],
) -> Callable[..., Material]:
    """A judged run with each verdict once, and a clip whose recording is gone; keywords go to ``Material``."""
    sha256 = hashlib.sha256(recording.read_bytes()).hexdigest()

    def make(set_: str = "dev", **more: Any) -> Material:
        tmp_path = tmp_path_factory.mktemp("material")
        here = {"path": str(recording), "seconds": float(SECONDS), "zones": ZONES}
        clips = [
            make_clip("whole", sha256=sha256, outages=((70.0, 74.0),), **here),
            make_clip("gone", path=str(tmp_path / "gone.mp4"), seconds=float(SECONDS), zones=ZONES),
            make_clip("quiet", path=str(tmp_path / "quiet.mp4"), seconds=float(SECONDS)),
        ]
        raised = (5.0, 41.0, 44.0)
        events = {
            "whole": [make_event(at, at + 2, boxes=BOX, score=0.9 - at / 100, began_s=at - 5) for at in raised],
            "gone": [make_event(70.0, None)],
        }
        scenario = make_scenario(dwell_s=10.0, window_s=10.0, en=HARM, manifest={"note": HARM})
        run = make_run(tmp_path / "run", [scenario], clips, events, product=HARM)
        note = {"note": HARM, "box": [0.3, 0.4, 0.5, 0.6]}
        truth = make_truth(
            tmp_path / "truth.yaml",
            [
                {
                    "file": "whole.mp4",
                    "sha256": sha256,
                    "events": [{"began_s": 30.0, "ended_s": 50.0, **note}, {"began_s": 52.0, "ended_s": 68.0, **note}],
                },
                {
                    "file": "gone.mp4",
                    "events": [{"began_s": 20.0, "ended_s": None}],
                    "ignore": [{"from_s": 0.0, "to_s": 4.0}],
                },
                {"file": "quiet.mp4"},
            ],
            set=set_,
        )
        judgement = judge(run, truth)
        return Material(run, truth, judgement, figures(judgement, run, str(truth.path), seed=0), **more)

    return make


@pytest.fixture(scope="module")
def page(material: Callable[..., Material], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole page of ``material``."""
    return write_page(tmp_path_factory.mktemp("page"), build_page(material()))


@pytest.fixture(scope="module")
def short_page(material: Callable[..., Material], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same without pictures."""
    return write_page(tmp_path_factory.mktemp("page"), build_page(material(items=0)))


def test_nothing_from_outside_and_everything_is_shown(browser: Browser, page: Path) -> None:
    with opened(browser, page) as view:
        widths = view.page.evaluate("[...document.images].map(image => image.naturalWidth)")
        assert widths == [640] * 4
        clips = view.page.evaluate(LOAD_ALL_CLIPS)
        assert len(clips) == 4
        for state, seconds, width in clips:
            assert state >= 1
            assert 3 < seconds < 7
            assert width == 480
        assert view.outside == []
        assert view.problems == []
        assert view.page.locator(".card").count() == 5
        placeholder = view.page.locator(".placeholder .en").inner_text()
        assert "no longer where it was" in placeholder
        assert view.page.locator("#timelines .clip-line").count() == 2  # the quiet one is only named
        assert view.page.locator("#timelines rect[fill='url(#hatch-outage)']").count() == 2  # legend and lane
        assert view.page.locator("#timelines rect[fill='url(#hatch-ignored)']").count() == 2


def test_names_from_files_cannot_do_harm(browser: Browser, page: Path) -> None:
    html = page.read_text("utf-8")
    assert "<script>alert" not in html
    assert "<img src=http" not in html
    with opened(browser, page) as view:
        assert HARM in view.page.locator("#result h3 .en").first.inner_text()
        assert view.page.locator(".note").first.inner_text() == HARM
        assert view.page.evaluate("[...document.images].every(image => image.src.startsWith('data:image/jpeg'))")
        assert view.outside == []
        assert view.problems == []


@pytest.mark.parametrize(
    ("locale", "query", "wanted"),
    [
        ("zh-CN", "", "zh"),
        ("en-GB", "", "en"),
        ("de-DE", "", "en"),
        ("en-GB", "?lang=zh", "zh"),
        ("zh-CN", "?lang=en", "en"),
    ],
)
def test_the_language_follows_the_reader(
    browser: Browser, short_page: Path, locale: str, query: str, wanted: str
) -> None:
    words = {"zh": ("事件评测报告", "结论"), "en": ("Event evaluation report", "Result")}
    with opened(browser, short_page, query, locale=locale) as view:
        for language in (wanted, "en" if wanted == "zh" else "zh"):
            title, heading = words[language]
            assert view.page.locator("h1").inner_text() == title
            assert view.page.locator("#result h2").inner_text() == heading
            assert view.page.evaluate("document.documentElement.lang") == language
            assert ("事件" in view.page.title()) == (language == "zh")
            view.page.locator("button.language").press("Enter")
        assert view.problems == []


def test_filters_links_and_clips_by_keyboard(browser: Browser, page: Path) -> None:
    with opened(browser, page) as view:
        cards = view.page.locator(".card:visible")
        view.page.locator("[data-filter=missed]").press("Enter")
        expect(cards).to_have_count(1)
        assert view.page.locator("[data-filter=missed]").get_attribute("aria-pressed") == "true"
        view.page.locator("#timelines a[href^='#item-']:has(.v-false)").focus()
        view.page.keyboard.press("Enter")  # a link to a card that is filtered away
        expect(cards).to_have_count(5)
        card = view.page.locator(".card[data-verdict=hit]")
        card.locator(".play").press("Enter")
        assert card.locator("video").evaluate(PLAYS)
        expect(card.locator("video")).to_be_visible()
        card.locator(".play").press("Enter")
        expect(card.locator("img")).to_be_visible()
        assert view.problems == []


@pytest.mark.parametrize("width", [360, 768, 1920])
def test_no_page_is_wider_than_its_window(browser: Browser, short_page: Path, width: int) -> None:
    with opened(browser, short_page, width=width) as view:
        assert view.page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_same_run_gives_the_same_bytes(material: Callable[..., Material]) -> None:
    made = material()
    assert build_page(made) == build_page(made)


def test_a_test_set_shows_its_uses_and_one_point_only(material: Callable[..., Material]) -> None:
    use = LedgerEntry(
        who="li", moment="2026-06-01T00:00:00Z", command="c", run="ab" * 32, settings="cd" * 32, product="1"
    )
    html = build_page(material("test", uses=(use, use), is_frozen=True, items=0))
    assert "has been used 2 times" in html
    assert 'class="steps"' not in html
    assert 'class="now"' in html
    assert 'class="steps"' in build_page(material("dev", items=0))
    assert "not frozen" in build_page(material("test", items=0))


def test_items_bound_the_pictures_and_say_so(material: Callable[..., Material]) -> None:
    made = material(items=0)
    assert sorted(item.verdict.value for item in made.judgement.items) == [
        "duplicate",
        "false",
        "hit",
        "late",
        "missed",
    ]
    assert chosen_items(made.judgement, 0) == ()
    html = build_page(made)
    assert "1 more without a picture (beyond --items)" in html
    assert "data:image/jpeg" not in html
    assert len(chosen_items(made.judgement, 1)) == 5


def test_a_page_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = write_page(tmp_path / "new" / "folder", "first \udc80")
    assert path.read_text("utf-8") == "first ?"
    write_page(path.parent, "second")
    assert path.read_text("utf-8") == "second"
    assert [item.name for item in path.parent.iterdir()] == ["index.html"]
    with pytest.raises(UsageError, match="cannot be written"):
        write_page(path / "below-a-file", "third")


def test_the_command(material: Callable[..., Material], tmp_path: Path) -> None:
    made = material()
    out = tmp_path / "report"
    words = [sys.executable, "-m", "brain.cli.main", "evaluate", "report", str(made.run.folder)]
    options = ["--truth", str(made.truth.path), "-o", str(out), "--no-clips", "--json"]
    done = subprocess.run([*words, *options], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    page = out / "index.html"
    pictured = page.read_text("utf-8").count("data:image/jpeg")
    assert told == {"page": str(page), "bytes": page.stat().st_size, "items": 5, "shown": 5, "pictured": pictured}
    assert (pictured < 5) == ("verdicts have no picture" in done.stderr)
    assert "data:video/mp4" not in page.read_text("utf-8")
