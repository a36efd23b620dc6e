"""Which recordings arguments mean, and what their clips are called."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from brain.core.errors import UsageError
from brain.replay.find import Recording, find_videos, run_clips

START = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.mp4", "a.MKV", "notes.txt", "deep/er/c.ts", ".hidden/d.mp4", "deep/.e.mp4", "odd[1].mp4"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "empty").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("named", "found"),
    [
        (["."], ["a.MKV", "b.mp4", "deep/er/c.ts", "odd[1].mp4"]),
        (["b.mp4", "a.MKV"], ["b.mp4", "a.MKV"]),
        (["b.mp4", "b.mp4"], ["b.mp4", "b.mp4"]),
        (["*.mp4"], ["b.mp4", "odd[1].mp4"]),
        (["b.mp4", "."], ["b.mp4", "a.MKV", "deep/er/c.ts", "odd[1].mp4"]),
        (["**/*.ts"], ["deep/er/c.ts"]),
        (["d*"], ["deep/er/c.ts"]),
        (["odd[1].mp4"], ["odd[1].mp4"]),
        (["missing.mp4"], ["missing.mp4"]),
        (["notes.txt"], ["notes.txt"]),
    ],
)
def test_files_folders_and_patterns(folder: Path, named: list[str], found: list[str]) -> None:
    videos = find_videos([str(folder / name) for name in named])
    assert [str(path.relative_to(folder)) for path in videos] == found


@pytest.mark.parametrize(("name", "said"), [("empty", "no video"), ("*.avi", "nothing fits"), ("x/[ab]*", "nothing")])
def test_what_gives_nothing_is_refused(folder: Path, name: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        find_videos([str(folder / name)])
    assert caught.value.remedy


@pytest.mark.parametrize(
    "named",
    [
        "rtsp://admin:S3cret@10.1.2.3/live",
        "RTSP://admin:S3cret@10.1.2.3/*",
        "rtsp:/admin:S3cret@10.1.2.3/live",
        "admin:S3cret@10.1.2.3/live",
        "http://10.1.2.3/live?password=S3cret",
        "foo://admin:S3@cret@10.1.2.3/live",
        "feed:front",
    ],
)
def test_an_address_is_no_recording_and_its_password_is_not_told(tmp_path: Path, named: str) -> None:
    makes = (lambda: find_videos([named]), lambda: Recording(tmp_path / named, START))
    for make in makes[: 1 if named.startswith("feed") else 2]:
        with pytest.raises(UsageError, match="not a recording") as caught:
            make()
        assert "cret" not in str(caught.value) + repr(caught.value) + caught.value.where
        assert "brain try" in caught.value.remedy


def test_a_file_with_the_name_of_an_address_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "10:30@gate.mp4"
    path.touch()
    assert find_videos([str(path)]) == (path,)
    assert Recording(path, START).path == path


def test_no_password_reaches_output_or_run_folder(tmp_path: Path) -> None:
    address = "rtsp://admin:S3cret@127.0.0.1/live"
    (tmp_path / "truth.yaml").write_text(f"labelled: [left_object]\nclips: [{{file: '{address}'}}]\n")
    for arguments in ([address], ["--truth", "truth.yaml"]):
        command = [sys.executable, "-m", "brain.cli.main", "replay", *arguments, "--scenario", "left_object"]
        done = subprocess.run(
            [*command, "--record", "run"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 2, done.stderr
        assert "brain try" in done.stderr
        assert "S3cret" not in done.stdout + done.stderr
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "truth.yaml"]
    assert not any(b"S3cret" in path.read_bytes() for path in written)


def test_every_clip_has_an_id_of_its_own() -> None:
    names = ["a/gate.mp4", "b/gate.mp4", "b/GATE.mkv", "c/路口.mp4", "d/路口.mp4", "e/" + "x" * 90 + ".mp4", ".mp4"]
    clips = run_clips([Recording(Path(name), START) for name in names], lambda path: path.name)
    assert [clip.id for clip in clips] == ["gate", "gate_2", "GATE_3", "clip", "clip_2", "x" * 56, "mp4"]
    assert len({clip.id.lower() for clip in clips}) == len(clips)
    assert all(clip.camera == clip.site == clip.id for clip in clips)
    assert [clip.sha256 for clip in clips][:2] == ["gate.mp4", "gate.mp4"]


def test_what_is_known_goes_before_what_is_made_up() -> None:
    (clip,) = run_clips([Recording(Path("x.mp4"), START, "cam-1", None, "night")])
    assert (clip.camera, clip.site, clip.light, clip.sha256) == ("cam-1", "cam-1", "night", "")
    assert Path(clip.path).is_absolute()
