"""Pictures and clips of moments, and the reasons where there are none."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from brain.core.types import Picture
from brain.evaluation.report import pictures
from brain.evaluation.report.pictures import TRUTH_COLOUR, Missing, Moment, moment_picture, take_shots
from brain.replay.run import Run, RunBox
from brain.runtime.pictures import BOX_COLOUR, ZONE_COLOUR
from brain.video.encode import H264, EncoderPlan, has_encoder, write_mp4

ZONES = ({"name": "pavement", "kind": "public", "polygon": [[0.05, 0.05], [0.95, 0.05], [0.95, 0.95], [0.05, 0.95]]},)
WIDTH, HEIGHT, FPS = 960, 540, 5


def grey(number: int) -> Picture:
    """A grey picture, lighter with each second."""
    return np.full((HEIGHT, WIDTH, 3), 60 + 10 * (number // FPS), np.uint8)


def recording(path: Path, seconds: int = 12) -> str:
    """Writes a recording and gives its sha256."""
    plan = EncoderPlan(H264, WIDTH, HEIGHT, Fraction(FPS), gop=10, options={"preset": "ultrafast"})
    write_mp4(path, (grey(number) for number in range(seconds * FPS)), plan)
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def run(tmp_path: Path, make_run: Callable[..., Run], make_clip: Callable[..., Any]) -> Run:
    """Two recordings; ``gone`` was deleted and ``changed`` written anew since."""
    path = tmp_path / "a.mp4"
    sha256 = recording(path)
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video")
    here = {"path": str(path), "zones": ZONES}
    clips = [
        make_clip("a", sha256=sha256, **here),
        make_clip("gone", path=str(tmp_path / "gone.mp4"), sha256=sha256),
        make_clip("changed", sha256="0" * 64, **here),
        make_clip("broken", path=str(broken), sha256=hashlib.sha256(b"no video").hexdigest()),
    ]
    return make_run(tmp_path / "run", clips=clips)


def decoded(data: bytes | None) -> Picture:
    assert data is not None
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return picture.astype(np.uint8, copy=False)


def is_near(picture: Picture, share: tuple[float, float], colour: tuple[int, int, int]) -> bool:
    """Whether a pixel near the place has about that colour (JPEG halves the colours' resolution)."""
    height, width = picture.shape[:2]
    x, y = round(share[0] * (width - 1)), round(share[1] * (height - 1))
    around = picture[max(0, y - 3) : y + 4, max(0, x - 3) : x + 4].reshape(-1, 3).astype(int)
    return bool((np.abs(around - colour).max(axis=1) < 70).any())


def test_the_picture_has_zone_and_both_boxes_in_their_colours(run: Run) -> None:
    seen = RunBox(label="thing", score=0.8, box=(0.3, 0.4, 0.5, 0.6))
    picture = decoded(moment_picture(run, "a", 6.0, [seen], "pavement", (0.6, 0.4, 0.8, 0.6)))
    assert picture.shape == (360, 640, 3)
    assert is_near(picture, (0.4, 0.6), BOX_COLOUR)
    assert is_near(picture, (0.7, 0.6), TRUTH_COLOUR)
    assert is_near(picture, (0.5, 0.05), ZONE_COLOUR)
    assert abs(float(picture[180, 355].mean()) - 120) < 6  # of the sixth second, between the boxes
    plain = decoded(moment_picture(run, "a", 6.0))
    assert not is_near(plain, (0.4, 0.6), BOX_COLOUR)
    assert not is_near(plain, (0.5, 0.05), ZONE_COLOUR)


def test_shots_keep_their_order_and_say_what_is_missing(run: Run) -> None:
    moments = [Moment("changed", 1.0), Moment("a", 9.0), Moment("gone", 1.0), Moment("a", 2.0), Moment("a", 99.0)]
    told: list[int] = []
    shots = take_shots(run, [*moments, Moment("broken", 1.0)], progress=told.append)
    reasons = [shot.missing for shot in shots]
    changed, gone, unreadable = Missing.CHANGED, Missing.GONE, Missing.UNREADABLE
    assert reasons == [changed, None, gone, None, Missing.NO_PICTURE, unreadable]
    assert float(decoded(shots[1].jpeg)[100, 100].mean()) > float(decoded(shots[3].jpeg)[100, 100].mean()) + 50
    assert sum(told) == len(shots)
    assert all((shot.jpeg is None) == (shot.missing is not None) for shot in shots)


def test_a_recording_that_moved_is_taken_only_if_it_is_the_same(run: Run, tmp_path: Path) -> None:
    moment = [Moment("gone", 1.0)]
    same = take_shots(run, moment, places={"gone": tmp_path / "a.mp4"}, with_clips=False)
    assert same[0].jpeg is not None
    other = tmp_path / "other.mp4"
    recording(other, seconds=2)
    assert take_shots(run, moment, places={"gone": other})[0].missing is Missing.CHANGED


@pytest.mark.skipif(not has_encoder(H264), reason="this FFmpeg has no libx264")
def test_the_clip_plays_in_a_browser_and_is_small(run: Run) -> None:
    (shot,) = take_shots(run, [Moment("a", 6.0)])
    assert shot.mp4 is not None
    with av.open(io.BytesIO(shot.mp4)) as clip:
        stream = clip.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert (stream.codec_context.width, stream.codec_context.height) == (480, 270)
        shown = [frame.time for frame in clip.decode(stream)]
    assert len(shown) in (48, 49)
    assert shown[0] == 0
    assert shot.mp4.index(b"moov") < shot.mp4.index(b"mdat")
    assert len(shot.mp4) < 100_000


def test_without_an_encoder_there_is_the_picture_alone(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "has_encoder", lambda name: False)
    (shot,) = take_shots(run, [Moment("a", 6.0)])
    assert shot.jpeg is not None
    assert shot.mp4 is None
    assert shot.missing is None


def test_the_same_moments_give_the_same_bytes(run: Run) -> None:
    moments = [Moment("a", 6.0, zone="pavement"), Moment("a", 1.0)]
    assert take_shots(run, moments) == take_shots(run, moments)


def test_an_unknown_encoder_is_none() -> None:
    assert not has_encoder("no_such_encoder")
