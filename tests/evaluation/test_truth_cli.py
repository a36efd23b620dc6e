"""`brain evaluate truth …` as people and scripts call it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from brain.cli.evaluate import app as evaluate_app
from brain.cli.evaluate.truth import app
from brain.core.errors import BrainError, UsageError
from brain.core.files import sha256_of
from brain.evaluation.formats.media import probe
from brain.evaluation.ledger import uses
from brain.evaluation.sets import frozen_path
from brain.evaluation.truth_file import read_truth

GOOD = "labelled: [left_object]\nclips:\n  - {file: a.mp4, site: north, duration_s: 2, width: 64, height: 48}\n"


@pytest.fixture(scope="session")
def video(tmp_path_factory) -> Path:
    """Two seconds of grey, 64×48, 10 frames a second."""
    import av
    import numpy as np

    path = tmp_path_factory.mktemp("video") / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(20):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90, np.uint8), format="bgr24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@pytest.fixture
def file(tmp_path: Path, video: Path) -> Path:
    for name in ("a", "b"):
        (tmp_path / f"{name}.mp4").write_bytes(video.read_bytes())
    path = tmp_path / "truth.yaml"
    path.write_text(GOOD)
    return path


def run(*arguments: Any) -> Result:
    return CliRunner().invoke(app, [str(item) for item in arguments])


def error(result: Result) -> BrainError:
    assert isinstance(result.exception, BrainError), result.output
    return result.exception


def test_check_finds_nothing_wrong(file):
    result = run("check", file)
    assert result.exit_code == 0
    assert "truth file: 1 clips, 0 events, set dev, 0 mistakes" in result.stdout
    assert probe(file.with_name("a.mp4")).fps == 10


@pytest.mark.parametrize(
    ("line", "number", "said"),
    [
        ("  - {file: c.mp4}", 4, "file: there is no"),
        ("  - {file: truth.yaml}", 4, "no video that can be opened"),
        ("  - file: b.mp4\n    duration_s: 3", 5, "duration_s: 3 s are stated, the file has 2.00 s"),
        ("  - file: b.mp4\n    width: 640\n    height: 48", 5, "640×48 is stated, the file has 64×48"),
        (f"  - file: b.mp4\n    sha256: {'a' * 64}", 5, "the file is another one"),
        ("  - {file: b.mp4, events: [{scenario: nothing_such, began_s: 0}]}", 4, "no scenario 'nothing_such'"),
        ("  - {file: b.mp4, events: [{scenario: illegal_parking, began_s: 0}]}", 4, "not among what was looked for"),
        ("  - file: b.mp4\n    camera: a\n    site: south", 6, "camera 'a' is at 'north' and at 'south'"),
        ("  - file: b.mp4\n    events: [{scenario: left_object, began_s: 9, ended_s: 5}]", 5, "before it begins"),
    ],
)
def test_check_names_file_and_line(file, line, number, said):
    file.write_text(GOOD + line + "\n")
    result = run("check", file, "--json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert report["mistakes"] == 1
    mistake = report["files"][0]["mistakes"][0]
    assert mistake["where"] == f"{file}:{number}"
    assert said in mistake["what"]
    assert f"{file}:{number}: {mistake['what']}" in result.stderr


def test_check_goes_on_after_a_file_that_cannot_be_read(file, tmp_path):
    broken = tmp_path / "broken.yaml"
    broken.write_text("clips: [")
    result = run("check", broken, file)
    assert result.exit_code == 1
    assert "broken.yaml:1: not YAML" in result.stderr
    assert "broken.yaml: not readable" in result.stdout
    assert "truth.yaml: truth file: 1 clips" in result.stdout


def test_the_same_recording_under_two_names(file):
    digest = "c" * 64
    file.write_text(f"clips:\n  - {{file: a.mp4, sha256: {digest}}}\n  - {{file: b.mp4, sha256: {digest}}}\n")
    assert "the same recording as a.mp4" in run("check", file).stderr


def test_convert_there_and_back(file, tmp_path):
    events = "[{scenario: left_object, began_s: 0.5, ended_s: 1.5, box: [0.25, 0.25, 0.5, 0.5]}]"
    file.write_text(GOOD.replace("}", f", events: {events}}}"))
    result = run("convert", file, "--to", "actev", "-o", tmp_path / "out" / "ref.json")
    assert result.exit_code == 0
    assert [Path(line).name for line in result.stdout.splitlines()] == [
        "ref.json",
        "ref.file-index.json",
        "ref.activity-index.json",
        "ref.id-map.json",
    ]
    assert run("convert", tmp_path / "out" / "ref.json", "--to", "truth", "-o", tmp_path / "again.yaml").exit_code == 0
    event = read_truth(tmp_path / "again.yaml").clips[0].events[0]
    assert (event.scenario, event.began_s, event.ended_s) == ("left_object", 0.5, 1.5)
    assert run("convert", file, "--to", "coco", "-o", tmp_path / "coco.json").exit_code == 0
    assert json.loads((tmp_path / "coco.json").read_text())["annotations"][0]["bbox"] == [16, 12, 16, 12]


def test_convert_takes_the_frame_rate_from_the_video(file, tmp_path):
    track = '<track id="0" label="bag"><box frame="5" outside="0" xtl="0" ytl="0" xbr="32" ybr="24"/></track>'
    export = file.with_name("cvat.xml")
    export.write_text(f"<annotations><meta><source>a.mp4</source></meta>{track}</annotations>")
    out = tmp_path / "t.yaml"
    assert run("convert", export, "--to", "truth", "-o", out, "--label", "bag=left_object").exit_code == 0
    clip = read_truth(out).clips[0]
    assert (clip.fps, clip.width, clip.events[0].began_s, clip.events[0].box) == (10, 64, 0.5, (0, 0, 0.5, 0.5))
    assert run("convert", export, "--to", "mot", "-o", tmp_path / "mot", "--label", "bag=").exit_code == 0
    assert (tmp_path / "mot/a/gt/gt.txt").read_text() == "6,1,0.000,0.000,32.000,24.000,1,-1,-1,-1\n"


def test_convert_writes_the_good_clips_and_fails_for_the_others(file, tmp_path):
    file.write_text(GOOD + "  - {file: b.mp4, evnets: []}\n")
    result = run("convert", file, "--to", "truth", "-o", tmp_path / "t.yaml")
    assert result.exit_code == 1
    assert "did you mean 'events'?" in result.stderr
    assert [clip.file for clip in read_truth(tmp_path / "t.yaml").clips] == ["a.mp4"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--to", "voc"), "no such form"),
        (("--to", "truth", "--label", "bag"), "no label"),
        (("--to", "truth", "--label", "bag=left_objct"), "there is no scenario 'left_objct'"),
        (("--to", "mot"), "no clip has tracks"),
    ],
)
def test_convert_mistakes(file, tmp_path, arguments, said):
    found = error(run("convert", file, "-o", tmp_path / "out", *arguments))
    assert isinstance(found, UsageError)
    assert said in found.what
    assert found.remedy


def test_split_freeze_and_ledger(file, tmp_path):
    (tmp_path / "c.mp4").write_bytes((tmp_path / "a.mp4").read_bytes() + b"\0")
    file.write_text(GOOD + "  - {file: c.mp4, site: south}\n")
    result = run("split", file, "--test-sites", "south")
    assert result.exit_code == 0, result.stderr
    dev, test = read_truth(tmp_path / "truth.dev.yaml"), read_truth(tmp_path / "truth.test.yaml")
    assert (dev.set, [clip.site for clip in dev.clips]) == ("dev", ["north"])
    assert (test.set, [clip.site for clip in test.clips]) == ("test", ["south"])
    assert test.clips[0].labelled == ("left_object",)

    frozen = run("freeze", test.path)
    assert frozen.exit_code == 0
    assert frozen_path(test.path).exists()
    told = json.loads(run("ledger", test.path, "--json").stdout)
    assert told["uses"] == []
    assert told["frozen"].endswith("Z")
    assert "used 0 times" in run("ledger", test.path).stdout
    assert "not frozen" in run("ledger", dev.path).stdout
    assert run("check", test.path).exit_code == 0
    for force in ((), ("--force",)):
        again = error(run("split", file, "--test-sites", "south", *force))
        assert "a frozen set is not written over" in again.what
    (tmp_path / "c.mp4").write_bytes(b"other")
    assert "not what was frozen" in run("check", test.path).stderr


def test_split_does_not_write_over_what_was_edited(file, tmp_path):
    file.write_text(GOOD + "  - {file: b.mp4, site: south}\n")
    edited = tmp_path / "truth.test.yaml"
    edited.write_text("# by hand\n")
    refused = error(run("split", file, "--test-sites", "south"))
    assert "is there already" in refused.what
    assert "--force" in refused.remedy
    assert edited.read_text() == "# by hand\n"
    assert not (tmp_path / "truth.dev.yaml").exists()
    assert run("split", file, "--test-sites", "south", "--force").exit_code == 0
    assert [clip.site for clip in read_truth(edited).clips] == ["south"]


@pytest.mark.parametrize("out", ["truth.yaml", "link.yaml", "sub/../truth.yaml", "a.mp4"])
@pytest.mark.parametrize("to", ["truth", "actev"])
def test_convert_does_not_write_over_what_it_reads(file, tmp_path, out, to):
    (tmp_path / "sub").mkdir()
    (tmp_path / "link.yaml").symlink_to(file)
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    assert "which is read" in error(run("convert", file, "--to", to, "-o", tmp_path / out)).what
    assert {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


@pytest.mark.parametrize("out", ["truth.yaml.frozen.json", "truth.yaml.ledger.jsonl"])
def test_convert_keeps_off_what_belongs_to_frozen_sets(file, tmp_path, out):
    assert "kept for frozen sets" in error(run("convert", file, "--to", "truth", "-o", tmp_path / out)).what


def test_a_full_disk_leaves_what_was_there(file, tmp_path, monkeypatch):
    out = tmp_path / "t.yaml"
    out.write_text("before")

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert "No space left" in error(run("convert", file, "--to", "truth", "-o", out)).what
    assert out.read_text() == "before"
    assert not list(tmp_path.glob(".tmp-*"))


def test_scores_of_tracks_are_a_use_of_a_frozen_set(file, tmp_path):
    boxes = [[frame, [0.1, 0.1, 0.3, 0.3]] for frame in range(10)]
    clip = {"file": "a.mp4", "fps": 10, "width": 64, "height": 48, "duration_s": 2}
    clip["tracks"] = [{"id": 1, "label": "bag", "boxes": boxes}]
    truth = tmp_path / "tracks.json"
    truth.write_text(json.dumps({"clips": [clip]}))
    found = tmp_path / "a.txt"
    found.write_text("".join(f"{frame + 1},1,6.4,4.8,12.8,9.6,1,-1,-1,-1\n" for frame in range(10)))

    def tracks() -> Result:
        return CliRunner().invoke(evaluate_app, ["tracks", str(found), "--truth", str(truth), "--json"])

    assert tracks().exit_code == 0
    assert run("freeze", truth).exit_code == 0
    result = tracks()
    assert json.loads(result.stdout)["hota"] == pytest.approx(1)
    entries = uses(read_truth(truth))
    assert [(entry.command, entry.run) for entry in entries] == [("brain evaluate tracks", sha256_of(found))]
    truth.write_text(truth.read_text() + "\n")
    assert "not what was frozen" in error(tracks()).what


def test_check_does_not_tell_the_password_of_an_address(file):
    file.write_text("clips: [{file: 'rtsp://admin:S3cret@127.0.0.1/live'}]\n")
    for form in ((), ("--json",)):
        result = run("check", file, *form)
        assert result.exit_code == 1
        assert "there is no rtsp://***@127.0.0.1/live" in result.stderr
        assert "S3cret" not in result.stdout + result.stderr


def test_what_a_run_raised_is_a_use_of_a_frozen_set(file, tmp_path, make_run, make_clip, make_event):
    events = "labelled: [left_object], events: [{scenario: left_object, began_s: 0.5, ended_s: 1.5}]"
    file.write_text(GOOD.replace("}", f", fps: 10, {events}}}"))
    assert run("freeze", file).exit_code == 0
    digest = json.loads(frozen_path(file).read_text())["clips"][0]["sha256"]
    clip = make_clip("a", seconds=2.0, sha256=digest, path=str(tmp_path / "a.mp4"))
    opened = make_run(tmp_path / "run", clips=[clip], events={"a": [make_event(1.0)]})
    inside = error(run("convert", opened.folder, "--to", "actev", "--truth", file, "-o", opened.folder / "run.json"))
    assert "lies in the run" in inside.what
    assert uses(read_truth(file)) == ()
    result = run("convert", opened.folder, "--to", "actev", "--truth", file, "-o", tmp_path / "out.json")
    assert result.exit_code == 0, result.output
    entries = uses(read_truth(file))
    assert [(entry.command, entry.run) for entry in entries] == [("brain evaluate truth convert", opened.digest)]
    file.write_text(file.read_text() + "# changed\n")
    changed = run("convert", opened.folder, "--to", "actev", "--truth", file, "-o", tmp_path / "out.json")
    assert "not what was frozen" in error(changed).what


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--test-share", "0.5"), "of one site (north)"),
        ((), "one of the two"),
        (("--test-share", "0.5", "--test-sites", "x"), "one of the two"),
    ],
)
def test_split_mistakes(file, arguments, said):
    assert said in error(run("split", file, *arguments)).what


def test_split_loses_no_clip_to_a_mistake(file):
    file.write_text(GOOD + "  - {file: b.mp4, site: south, evnets: []}\n")
    result = run("split", file, "--test-sites", "south")
    assert "clips would be lost" in error(result).what
    assert "did you mean 'events'?" in result.stderr


def test_the_command_line_itself(file):
    command = [sys.executable, "-m", "brain.cli.main", "evaluate", "truth", "check"]
    options: dict[str, Any] = {"capture_output": True, "text": True, "timeout": 60, "check": False}
    done = subprocess.run([*command, str(file), "--json"], **options)  # noqa: PLW1510
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["mistakes"] == 0
    missing = subprocess.run([*command[:-1], "freeze", "none.yaml"], **options)  # noqa: PLW1510
    assert missing.returncode == 2
    assert "remedy" in missing.stderr


@pytest.mark.clips
def test_the_manifest_of_real_clips_is_right(shared_dir):
    result = run("check", shared_dir / "material" / "videos" / "manifest.json")
    assert result.exit_code == 0, result.stderr
    assert "11 clips, 13 events" in result.stdout
