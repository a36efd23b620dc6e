from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from brain.core.errors import UsageError
from brain.sim import Scene, encode
from brain.sim.scenes import quiet
from brain.sim.serve_rtp import read_clip

SPEC = dataclasses.replace(quiet(3, seconds=5.0, fps=12.0), width=320, height=180)


@pytest.mark.parametrize(("codec", "gop_s", "gap"), [("h264", 2.0, 24), ("h264", 0.5, 6), ("hevc", 1.0, 12)])
def test_file_is_as_asked(tmp_path: Path, codec: Any, gop_s: float, gap: int) -> None:
    seen: list[tuple[int, int]] = []
    path = tmp_path / "clip.mp4"
    written = encode(SPEC, path, codec=codec, gop_s=gop_s, progress=lambda done, total: seen.append((done, total)))
    assert (written.path, written.pictures, written.size) == (path, 60, path.stat().st_size)
    assert seen == [(done, 60) for done in range(1, 61)]
    assert [file.name for file in tmp_path.iterdir()] == ["clip.mp4"]
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.average_rate) == (320, 180, 12)
        assert stream.codec_context.name.startswith(codec) or written.note
        assert stream.codec_context.pix_fmt == "yuv420p"
        frames = list(container.decode(stream))
    assert [frame.time for frame in frames] == pytest.approx([i / 12 for i in range(60)])
    assert [i for i, frame in enumerate(frames) if frame.key_frame] == list(range(0, 60, gap))
    drawn = Scene(SPEC).picture(30).astype(float)
    assert np.abs(frames[30].to_ndarray(format="bgr24") - drawn).mean() < 8


def test_bit_rate_bounds_the_size(tmp_path: Path) -> None:
    low, high = (encode(SPEC, tmp_path / f"{rate}.mp4", bit_rate=rate).size for rate in (60_000, 1_000_000))
    assert low < 100_000 < high


def test_existing_file_is_replaced_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("08:30.mp4")  # no protocol: https://ffmpeg.org/ffmpeg-protocols.html
    path.write_bytes(b"old")
    encode(dataclasses.replace(SPEC, seconds=1.0), path, preset="ultrafast")
    assert path.stat().st_size > 1000
    assert len(read_clip(path, SPEC.rate).pictures) == 12


def test_broken_off_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"old")

    def stop(done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        encode(SPEC, path, progress=stop)
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["clip.mp4"]


BAD: list[dict[str, Any]] = [
    {"codec": "vp9"},
    {"gop_s": 0.0},
    {"crf": 52},
    {"bit_rate": 1},
    {"path": "no/such/clip.mp4"},
]


@pytest.mark.parametrize("change", BAD, ids=str)
def test_bad_wishes_are_refused_with_a_remedy(tmp_path: Path, change: dict[str, Any]) -> None:
    path = tmp_path / str(change.pop("path", "clip.mp4"))
    with pytest.raises(UsageError) as caught:
        encode(SPEC, path, **change)
    assert caught.value.remedy
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_taken_by_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").mkdir()
    with pytest.raises(UsageError, match="cannot write"):
        encode(dataclasses.replace(SPEC, seconds=0.5), tmp_path / "clip.mp4")
    with pytest.raises(UsageError, match="cannot write"):  # before anything is drawn
        encode(SPEC, Path("/proc/clip.mp4"), record=lambda scene: pytest.fail("drawn"))
    assert [file.name for file in tmp_path.iterdir()] == ["clip.mp4"]
