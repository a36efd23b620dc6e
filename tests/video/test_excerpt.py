"""Excerpts show the picture that was on at the moment, at the same media time as a replay."""

from __future__ import annotations

from pathlib import Path

import pytest

from brain.core.errors import SourceError
from brain.video.excerpt import Excerpt, ExcerptPlan, excerpts

from .media import encode, read_number

FPS = 25
LARGE = ExcerptPlan(before_s=1.0, after_s=1.0, rate=5, width=320, moment_width=320)


def taken(path: Path, moments: list[float], plan: ExcerptPlan = LARGE) -> dict[int, Excerpt]:
    return {excerpt.index: excerpt for excerpt in excerpts(path, moments, plan)}


def number_at(excerpt: Excerpt) -> int:
    assert excerpt.picture is not None
    return read_number(excerpt.picture)


@pytest.mark.parametrize("b_frames", [0, 3])
@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_the_picture_is_the_one_shown_at_the_moment(tmp_path: Path, codec: str, b_frames: int) -> None:
    clip = encode(tmp_path / "a.mp4", frames=150, gop=40, codec=codec, b_frames=b_frames)
    moments = [5.2, 0.0, 2.0, 2.019, 3.96, 1.04]
    found = taken(clip, moments)
    assert sorted(found) == list(range(len(moments)))
    assert [number_at(found[index]) for index in range(len(moments))] == [130, 0, 50, 50, 99, 26]


def test_the_short_clip_has_what_was_on_before_and_after(tmp_path: Path) -> None:
    clip = encode(tmp_path / "a.mp4", frames=150, gop=40, b_frames=2)
    found = taken(clip, [3.0, 0.2, 5.96])
    assert [read_number(picture) for picture in found[0].pictures] == list(range(50, 101, 5))
    assert [read_number(picture) for picture in found[1].pictures] == list(range(0, 31, 5))
    assert [read_number(picture) for picture in found[2].pictures] == [124, 129, 134, 139, 144, 149]


def test_a_gap_holds_the_last_picture_and_a_span_may_begin_in_it(tmp_path: Path) -> None:
    moments = [*range(50), *range(100, 150)]  # nothing from 2.0 s to 4.0 s
    clip = encode(tmp_path / "a.mkv", frames=100, gop=10, moments=moments)
    found = taken(clip, [3.0, 4.0, 2.2])
    assert number_at(found[0]) == 49
    assert number_at(found[1]) == 50
    assert number_at(found[2]) == 49
    assert {picture.shape for item in found.values() for picture in item.pictures} == {(240, 320, 3)}


def test_past_the_end_there_is_none(tmp_path: Path) -> None:
    found = taken(encode(tmp_path / "a.mp4", frames=50), [1.0, 30.0, 2.5])
    assert number_at(found[0]) == 25
    assert found[1].picture is None
    assert found[1].pictures == ()
    assert number_at(found[2]) == 49


def test_only_the_picture_where_no_clip_is_wanted_and_never_enlarged(tmp_path: Path) -> None:
    clip = encode(tmp_path / "a.mp4", frames=50)
    (excerpt,) = taken(clip, [1.0], ExcerptPlan(rate=0, moment_width=160)).values()
    assert excerpt.pictures == ()
    assert excerpt.picture is not None
    assert excerpt.picture.shape == (120, 160, 3)
    (large,) = taken(clip, [1.0], ExcerptPlan(moment_width=4000, width=4000)).values()
    assert large.picture is not None
    assert large.picture.shape == (240, 320, 3)


def test_a_file_that_breaks_off_gives_what_it_has(tmp_path: Path) -> None:
    whole = encode(tmp_path / "a.ts", frames=250, gop=25, form="mpegts")
    part = tmp_path / "part.ts"
    part.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    found = taken(part, [1.0, 9.0])
    assert number_at(found[0]) == 25
    assert found[1].picture is None


def test_no_moments_open_nothing_and_no_video_is_an_error(tmp_path: Path) -> None:
    assert list(excerpts(tmp_path / "none.mp4", [], LARGE)) == []
    with pytest.raises(SourceError):
        list(excerpts(tmp_path / "none.mp4", [1.0], LARGE))
    (tmp_path / "text.mp4").write_text("no video")
    with pytest.raises(SourceError):
        list(excerpts(tmp_path / "text.mp4", [1.0], LARGE))
