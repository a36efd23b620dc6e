"""Followed objects: TrackEval's own file-based run gives the same, and cases counted by hand."""

from __future__ import annotations

import contextlib
import io
import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brain.core.errors import ConfigError, UsageError
from brain.evaluation.track_files import pair_files, pair_truth, read_mot
from brain.evaluation.tracks import Tracks, track_scores
from brain.evaluation.truth import TruthClip, TruthSet, TruthTrack

ROOT = Path(__file__).resolve().parents[2]
Row = tuple[int, int, float, float, float, float]


def walk(number: int, frames: range, left: float = 0.0, top: float = 0.0) -> list[Row]:
    """An object of 10×10 that moves a pixel a picture."""
    return [(frame, number, left + frame, top, 10.0, 10.0) for frame in frames]


def scores(truth: list[Row], found: list[Row]):
    return track_scores({"a": Tracks.of(truth)}, {"a": Tracks.of(found)})[0]


def test_perfect() -> None:
    truth = walk(1, range(1, 11)) + walk(2, range(3, 8), top=50)
    renamed = [(frame, number + 70, *box) for frame, number, *box in truth]
    figures = scores(truth, renamed)
    assert (figures.hota, figures.deta, figures.assa, figures.idf1, figures.mota, figures.motp) == pytest.approx(
        (1,) * 6
    )
    assert (figures.idsw, figures.false, figures.missed, figures.fragments) == (0, 0, 0, 0)
    assert (figures.truth_boxes, figures.found_boxes, figures.truth_ids, figures.found_ids) == (15, 15, 2, 2)


def test_one_identity_switch() -> None:
    """Ten pictures, the id changes after five: all boxes right, one switch, half of the identity lost."""
    truth = walk(1, range(1, 11))
    found = walk(1, range(1, 6)) + walk(2, range(6, 11))
    figures = scores(truth, found)
    assert figures.idsw == 1
    assert figures.mota == pytest.approx(1 - 1 / 10)
    assert figures.idf1 == pytest.approx(2 * 5 / (2 * 5 + 5 + 5))
    # Each match: 5 common, 10 of the truth + 5 of the result − 5 in either: association 1/2.
    assert (figures.deta, figures.assa) == pytest.approx((1, 0.5))
    assert figures.hota == pytest.approx(math.sqrt(0.5))


@pytest.mark.parametrize(
    ("truth", "found", "mota", "idf1", "hota"),
    [
        (walk(1, range(1, 11)), [], 0.0, 0.0, 0.0),
        # Half seen: DetA 1/2, AssA 5/10.
        (walk(1, range(1, 11)), walk(1, range(1, 6)), 0.5, 2 * 5 / 15, 0.5),
        # As many false boxes as right ones.
        (
            walk(1, range(1, 11)),
            walk(1, range(1, 11)) + walk(2, range(1, 11), top=99),
            0.0,
            2 * 10 / 30,
            math.sqrt(0.5),
        ),
    ],
)
def test_counted_by_hand(truth: list[Row], found: list[Row], mota: float, idf1: float, hota: float) -> None:
    figures = scores(truth, found)
    assert (figures.mota, figures.idf1, figures.hota) == pytest.approx((mota, idf1, hota))


def test_loose_boxes_count_below_their_iou_only() -> None:
    """IoU 1/3 (5 of 15 pixels a row): right at the thresholds 0.05 … 0.30, six of nineteen; nothing at 0.5."""
    figures = scores(walk(1, range(1, 11)), walk(1, range(1, 11), left=5))
    assert (figures.mota, figures.idf1) == (-1.0, 0.0)
    assert figures.hota == pytest.approx(6 / 19)


def test_counts_are_added_before_they_are_divided() -> None:
    truth = {"a": Tracks.of(walk(1, range(1, 11))), "b": Tracks.of(walk(1, range(1, 31)))}
    found = {"a": Tracks.of([]), "b": truth["b"]}
    total, each = track_scores(truth, found)
    assert (each["a"].mota, each["b"].mota) == (0.0, 1.0)
    assert (total.mota, total.idf1, total.truth_ids) == (pytest.approx(0.75), pytest.approx(60 / 70), 2)


def test_without_truth() -> None:
    with pytest.raises(ConfigError, match="no boxes at all"):
        scores([], walk(1, range(3)))
    with pytest.raises(ValueError, match="different recordings"):
        track_scores({"a": Tracks.of([])}, {})
    with pytest.raises(ValueError, match="id 1 stands twice in picture 2"):
        scores(walk(1, range(1, 4)), walk(1, range(1, 4)) + walk(1, range(2, 3)))


def test_far_apart_pictures_cost_nothing() -> None:
    truth = [(1, 1, 0.0, 0.0, 5.0, 5.0), (10**12, 1, 0.0, 0.0, 5.0, 5.0)]
    assert scores(truth, truth).hota == pytest.approx(1)


def test_too_many_objects_for_memory() -> None:
    many = [(number, number, 0.0, 0.0, 1.0, 1.0) for number in range(6000)]
    with pytest.raises(ConfigError, match="too many to compare"):
        scores(many, many)


def write(path: Path, rows: list[Row], rest: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{','.join(map(repr, row))},{rest}\n" for row in rows), "utf-8")
    return path


def trackeval_itself(root: Path, lengths: dict[str, int]) -> dict[str, float]:
    """TrackEval's own run over files: MotChallenge2DBox and its metrics, without the pedestrian preparation."""
    from trackeval import Evaluator
    from trackeval.datasets import MotChallenge2DBox
    from trackeval.metrics import CLEAR, HOTA, Identity

    quiet = {"PRINT_CONFIG": False}
    with contextlib.redirect_stdout(io.StringIO()):
        dataset = MotChallenge2DBox(
            quiet
            | {"GT_FOLDER": str(root / "gt"), "TRACKERS_FOLDER": str(root / "trackers"), "SKIP_SPLIT_FOL": True}
            | {"SEQ_INFO": dict(lengths), "DO_PREPROC": False, "TRACKERS_TO_EVAL": ["ours"]}
        )
        evaluator = Evaluator(
            quiet
            | {"USE_PARALLEL": False, "PRINT_RESULTS": False, "OUTPUT_SUMMARY": False, "OUTPUT_DETAILED": False}
            | {"PLOT_CURVES": False, "TIME_PROGRESS": False, "BREAK_ON_ERROR": True, "LOG_ON_ERROR": None}
        )
        answer, _ = evaluator.evaluate([dataset], [HOTA(), Identity(dict(quiet)), CLEAR(dict(quiet))])
    result = answer["MotChallenge2DBox"]["ours"]["COMBINED_SEQ"]["pedestrian"]
    return {
        "hota": float(np.mean(result["HOTA"]["HOTA"])),
        "deta": float(np.mean(result["HOTA"]["DetA"])),
        "assa": float(np.mean(result["HOTA"]["AssA"])),
        "idf1": float(result["Identity"]["IDF1"]),
        "mota": float(result["CLEAR"]["MOTA"]),
        "motp": float(result["CLEAR"]["MOTP"]),
        "idsw": int(result["CLEAR"]["IDSW"]),
        "fragments": int(result["CLEAR"]["Frag"]),
        "false": int(result["CLEAR"]["CLR_FP"]),
        "missed": int(result["CLEAR"]["CLR_FN"]),
    }


_place = st.sampled_from([0.0, 2.0, 2.5, 5.0, 9.0, 33.3])
_side = st.sampled_from([4.0, 8.0, 10.0, 12.5])
_row = st.tuples(st.integers(1, 9), st.integers(1, 5), _place, _place, _side, _side)
_rows = st.lists(_row, min_size=1, max_size=30, unique_by=lambda row: row[:2])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequences=st.lists(st.tuples(_rows, _rows), min_size=1, max_size=2))
def test_equal_to_trackeval_on_files(tmp_path: Path, sequences: list[tuple[list[Row], list[Row]]]) -> None:
    for old in (tmp_path / "gt", tmp_path / "trackers"):
        for file in old.glob("**/*.txt"):
            file.unlink()
    for number, (truth, found) in enumerate(sequences):
        write(tmp_path / "gt" / f"s{number}" / "gt" / "gt.txt", truth, "1,1,1")
        write(tmp_path / "trackers" / "ours" / "data" / f"s{number}.txt", found, "0.9,-1,-1,-1")
    paired = pair_files(tmp_path / "trackers" / "ours", tmp_path / "gt")
    total, each = track_scores(paired.truth, paired.found)
    expected = trackeval_itself(tmp_path, {f"s{number}": 9 for number in range(len(sequences))})
    assert len(each) == len(sequences)
    assert {key: getattr(total, key) for key in expected} == pytest.approx(expected, abs=1e-12)


def test_mot_text(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("1, 7, 0, 0, 10, 20, 1, 1, 1\n\n2 7 1 0 10 20\n2,8,5,5,1,1,0\n3.0,7.0,2,0,10,20,0.5\n", "utf-8")
    tracks = read_mot(path, is_truth=True)
    assert tracks.frame.tolist() == [1, 2, 3]  # what is marked 0 in truth does not count
    assert tracks.id.tolist() == [7, 7, 7]
    assert tracks.xywh[1].tolist() == [1, 0, 10, 20]
    assert len(read_mot(path).id) == 4


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("1,1,0,0,10,10\n1,1,0,x,10,10\n", "a.txt:2: a word that is no number"),
        ("1,1,0,0,10\n", "a.txt:1: 5 numbers, at least 6"),
        ("1,1,0,nan,10,10\n", "a.txt:1: a number that is not finite"),
        ("0,1,0,0,10,10\n", "a.txt:1: picture 0: pictures are counted 1, 2, 3"),
        ("1.5,1,0,0,10,10\n", "a.txt:1: picture 1.5"),
        ("1,-1,0,0,10,10\n", "a.txt:1: object -1 is no id"),
        ("1,1,0,0,0,10\n", "a.txt:1: a box without width or height"),
        ("1,1,0,0,9,9\n2,1,0,0,9,9\n1,1,5,0,9,9\n", "a.txt:3: object 1 stands twice in picture 1 (first in line 1)"),
    ],
)
def test_broken_mot_text(tmp_path: Path, lines: str, says: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(lines, "utf-8")
    with pytest.raises(ConfigError) as caught:
        read_mot(path)
    assert says in str(caught.value)
    assert caught.value.remedy


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xff\xfe")
    for name, says in (("a.txt", "not text"), ("b.txt", "No such file")):
        with pytest.raises(ConfigError, match=says):
            read_mot(tmp_path / name)


def test_folders(tmp_path: Path) -> None:
    rows = walk(1, range(1, 4))
    for name in ("a", "b", "c"):
        write(tmp_path / "truth" / f"{name}.txt", rows, "1")
    write(tmp_path / "found" / "a.txt", rows, "1")
    write(tmp_path / "found" / "c.txt", rows, "1").write_text("nonsense", "utf-8")
    write(tmp_path / "found" / "z.txt", rows, "1")
    paired = pair_files(tmp_path / "found", tmp_path / "truth")
    assert list(paired.truth) == list(paired.found) == ["a"]
    assert ["b.txt" in paired.problems[0], "c.txt:1" in paired.problems[1]] == [True, True]
    assert paired.notes == ("no truth for z: not judged",)
    with pytest.raises(UsageError, match="one file of results for 3 recordings"):
        pair_files(tmp_path / "found" / "a.txt", tmp_path / "truth")
    (tmp_path / "empty").mkdir()
    for result, truth, says in (("found", "empty", "no truth there"), ("gone", "truth", "no such file or folder")):
        with pytest.raises(UsageError, match=says):
            pair_files(tmp_path / result, tmp_path / truth)


def clip(name: str, **size: int) -> TruthClip:
    boxes = tuple((frame, (frame / 100, 0.1, frame / 100 + 0.1, 0.3)) for frame in range(10))
    return TruthClip(file=f"{name}.mp4", tracks=(TruthTrack(id=4, label="car", boxes=boxes),), **size)


def test_tracks_of_a_truth_file(tmp_path: Path) -> None:
    """A track is in shares and counts pictures from 0, MOT text in pixels and from 1."""
    clips = (clip("a", width=200, height=100), clip("b"), TruthClip(file="without.mp4"))
    truth = TruthSet(tmp_path / "truth.yaml", "dev", clips)
    rows = [(frame + 1, 9, 2.0 * frame, 10.0, 20.0, 20.0) for frame in range(10)]
    write(tmp_path / "found" / "a.txt", rows, "0.5")
    paired = pair_truth(tmp_path / "found", truth)
    assert "clip b.mp4: its width and height are not known" in paired.problems[0]
    assert track_scores(paired.truth, paired.found)[0].hota == pytest.approx(1)
    twins = TruthSet(tmp_path / "truth.yaml", "dev", (clip("a"), clip("b/a")))
    with pytest.raises(UsageError, match=r"a.mp4 and b/a.mp4 would both have the result a.txt"):
        pair_truth(tmp_path / "found", twins)
    with pytest.raises(UsageError, match="no clip has tracks"):
        pair_truth(tmp_path / "found", TruthSet(tmp_path / "truth.yaml", "dev", clips[2:]))


def evaluate(*arguments: object) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "brain.cli.main", "evaluate", "tracks", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    return done.returncode, done.stdout, done.stderr


def test_command(tmp_path: Path) -> None:
    truth = write(tmp_path / "truth" / "a.txt", walk(1, range(1, 11)), "1")
    found = write(tmp_path / "found" / "a.txt", walk(1, range(1, 6)) + walk(2, range(6, 11)), "0.9")
    code, out, err = evaluate(found, "--truth", truth, "--json")
    figures = json.loads(out)  # nothing but the object: TrackEval prints nothing
    assert (code, err) == (0, "")
    assert (figures["idsw"], figures["mota"], figures["idf1"]) == (1, pytest.approx(0.9), pytest.approx(0.5))
    assert figures["sequences"]["a"]["hota"] == figures["hota"] == pytest.approx(math.sqrt(0.5))
    write(tmp_path / "truth" / "b.txt", walk(1, range(1, 11)), "1")
    code, out, err = evaluate(found.parent, "--truth", truth.parent)
    assert code == 1
    assert "0.707" in out
    assert "b.txt: tracks cannot be read" in err
    code, _, err = evaluate(found, "--truth", tmp_path / "gone")
    assert (code, "remedy" in err) == (2, True)


CVAT = """<annotations><version>1.1</version><meta><task><id>1</id><name>x</name><size>10</size>
<mode>interpolation</mode><start_frame>0</start_frame><stop_frame>9</stop_frame><source>gate.mp4</source>
<original_size><width>200</width><height>100</height></original_size></task></meta>
<track id="0" label="Traffic light"><box frame="0" xtl="10" ytl="10" xbr="30" ybr="30" outside="0" keyframe="1"/>
<box frame="9" xtl="55" ytl="10" xbr="75" ybr="30" outside="0" keyframe="1"/></track></annotations>"""


def test_command_with_tracks_of_cvat(tmp_path: Path) -> None:
    """Between two key boxes CVAT moves the box evenly: 5 pixels a picture here."""
    (tmp_path / "task.xml").write_text(CVAT, "utf-8")
    rows = [(frame + 1, 3, 10.0 + 5 * frame, 10.0, 20.0, 20.0) for frame in range(10)]
    found = write(tmp_path / "gate.txt", rows, "0.5")
    code, out, err = evaluate(found, "--truth", tmp_path / "task.xml", "--fps", "25", "--json")
    assert (code, err) == (0, "")
    figures = json.loads(out)
    assert (figures["truth_boxes"], figures["sequences"]["gate"]["hota"]) == (10, pytest.approx(1))
    code, _, err = evaluate(found, "--truth", tmp_path / "task.xml")
    assert code
    assert "--fps" in err
