"""What is written in the forms of other tools says the same when it is read again, to a frame."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from faster_coco_eval import COCO
from hypothesis import given, settings
from hypothesis import strategies as st

from brain.core.errors import UsageError
from brain.core.types import Detections, Observations
from brain.evaluation import convert
from brain.evaluation.convert import (
    safe_file_names,
    write_actev,
    write_actev_run,
    write_coco,
    write_coco_run,
    write_mot,
    write_truth,
)
from brain.evaluation.formats.actev_write import frame_at
from brain.evaluation.formats.coco import coco_json, coco_results
from brain.evaluation.formats.mot import mot_text
from brain.evaluation.track_files import read_mot
from brain.evaluation.truth import TruthClip, TruthEvent, TruthIgnore, TruthSet, TruthTrack
from brain.evaluation.truth_file import read_truth

FACTS = {"fps": 25.0, "duration_s": 60.0, "width": 640, "height": 360, "camera": "a", "site": "a"}


def clip(name: str = "a.mp4", **changes: object) -> TruthClip:
    return TruthClip.model_validate({"file": name, "labelled": ("left_object",), **FACTS, **changes})


def some_set(folder: Path, *clips: TruthClip) -> TruthSet:
    return TruthSet(folder / "truth.yaml", "dev", clips)


# ── ActEV ────────────────────────────────────────────────────────────────────────────────────────────────────────────

rates = st.sampled_from([1.0, 10.0, 24.013, 25.0, 29.97, 30000 / 1001, 60.0])
moments = st.lists(st.floats(0, 59.9), min_size=6, max_size=6, unique=True).map(sorted)


def a_frame_apart(one: float | None, other: float | None, fps: float, length_s: float) -> bool:
    """Equal to a frame; what lasts to the end may also be said with the moment of the end."""
    return abs((length_s if one is None else one) - (length_s if other is None else other)) <= 1 / fps + 1e-6


@settings(deadline=None)
@given(edges=moments, fps=rates, last_is_open=st.booleans())
def test_actev_reference_comes_back_to_a_frame(tmp_path_factory, edges, fps, last_is_open):
    folder = tmp_path_factory.mktemp("actev")
    events = (
        TruthEvent(scenario="left_object", began_s=edges[0], ended_s=edges[1]),
        TruthEvent(scenario="left_object", began_s=edges[4], ended_s=None if last_is_open else edges[5]),
        TruthEvent(scenario="illegal_parking", began_s=edges[0], ended_s=edges[5]),
    )
    ignore = (TruthIgnore(from_s=edges[2], to_s=edges[3]),) if edges[3] - edges[2] > 1 / fps else ()
    truth = some_set(folder, clip(fps=fps, events=events, ignore=ignore))
    write_actev(truth, folder / "ref.json")
    again = read_truth(folder / "ref.json")
    assert again.mistakes == ()
    assert abs(again.clips[0].duration_s - 60) <= 1 / fps
    for name in ("left_object", "illegal_parking"):
        before = [event for event in events if event.scenario == name]
        after = [event for event in again.clips[0].events if event.scenario == name]
        assert len(before) >= len(after) >= 1  # two that are less than a frame apart become one
        assert a_frame_apart(before[0].began_s, after[0].began_s, fps, 60)
        assert a_frame_apart(before[-1].ended_s, after[-1].ended_s, fps, 60) or after[-1].ended_s is None
        if len(before) == len(after):
            for one, other in zip(before, after, strict=True):
                short = one.ended_s is not None and one.ended_s - one.began_s < 1 / fps
                assert short or a_frame_apart(one.ended_s, other.ended_s, fps, 60)
    for span, other in zip(ignore, again.clips[0].ignore, strict=False):
        assert a_frame_apart(span.from_s, other.from_s, fps, 60)
        assert a_frame_apart(span.to_s, other.to_s, fps, 60)


@settings(deadline=None)
@given(frame=st.integers(0, 10**6), fps=rates)
def test_the_moment_of_a_frame_gives_that_frame(frame, fps):
    assert frame_at(frame / fps, fps) == frame + 1
    assert frame_at(round(frame / fps, 6), fps) == frame + 1


def test_actev_names_ids_and_index(tmp_path):
    event = {"scenario": "left_object", "began_s": 1, "ended_s": 2, "box": (0.25, 0.5, 0.5, 1)}
    tail = clip("x/夜 1.mp4", ignore=[{"from_s": 50, "to_s": 60}])
    truth = some_set(tmp_path, clip("y/a.mp4", events=[event]), tail, clip("x/a.mp4"))
    paths = write_actev(truth, tmp_path / "out" / "ref.json")
    value, files, activities, ids = (json.loads(path.read_text()) for path in paths)
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+", name) for name in value["filesProcessed"])
    assert ids == {"y_a.mp4": "y/a.mp4", "__1.mp4": "x/夜 1.mp4", "x_a.mp4": "x/a.mp4"}
    assert files["y_a.mp4"] == {"framerate": 25.0, "selected": {"1": 1, "1501": 0}}
    assert files["__1.mp4"]["selected"] == {"1": 1, "1251": 0, "1501": 0}
    assert activities == {"left_object": {}}
    activity = value["activities"][0]
    assert activity["localization"] == {"y_a.mp4": {"26": 1, "51": 0}}
    box = activity["objects"][0]["localization"]["y_a.mp4"]["26"]["boundingBox"]
    assert box == {"x": 160, "y": 180, "w": 160, "h": 180}
    again = read_truth(paths[0])
    assert [item.file for item in again.clips] == ["y/a.mp4", "x/夜 1.mp4", "x/a.mp4"]
    assert (again.clips[1].ignore[0].from_s, again.clips[1].duration_s) == (50, 60)


@settings(deadline=None)
@given(files=st.lists(st.text(max_size=12), unique=True, max_size=6))
def test_safe_names_are_safe_and_each_stands_once(files):
    names = safe_file_names(files)
    assert list(names.values()) == files
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+", name) for name in names)


def test_actev_system_output_of_a_run(tmp_path, make_run, make_clip, make_event, make_truth):
    run = make_run(tmp_path / "run", clips=[make_clip("a"), make_clip("b")], events={"a": [make_event(130.0, 200.0)]})
    facts = {"fps": 10.0, "duration_s": 600.0, "width": 64, "height": 36}
    truth = make_truth(tmp_path / "truth.yaml", [{"file": "a.mp4", **facts}, {"file": "c.mp4", **facts}])
    paths = write_actev_run(run, truth, tmp_path / "sys.json")
    value = json.loads(paths[0].read_text())
    assert value["processingReport"]["fileStatuses"] == {"a.mp4": {"status": "success", "message": ""}}
    assert value["filesProcessed"] == ["a.mp4"]  # b is in no truth, c was not replayed
    activity = value["activities"][0]
    assert (activity["activity"], activity["presenceConf"], activity["alertFrame"]) == ("left_object", 0.9, 1301)
    assert activity["localization"] == {"a.mp4": {"1001": 1, "2001": 0}}


def test_a_clip_of_unknown_length_names_the_remedy(tmp_path):
    truth = some_set(tmp_path, TruthClip(file="a.mp4"))
    with pytest.raises(UsageError, match="not known") as raised:
        write_actev(truth, tmp_path / "ref.json")
    assert "duration_s" in raised.value.remedy


# ── MOT and COCO ─────────────────────────────────────────────────────────────────────────────────────────────────────

sides = st.tuples(st.integers(0, 300), st.integers(1, 300)).map(lambda pair: (pair[0] / 640, (pair[0] + pair[1]) / 640))
boxes = st.tuples(sides, sides).map(lambda pair: (pair[0][0], pair[1][0], pair[0][1], pair[1][1]))
tracks = st.lists(
    st.dictionaries(st.integers(0, 200), boxes, min_size=1, max_size=5).map(lambda by: tuple(sorted(by.items()))),
    min_size=1,
    max_size=4,
).map(lambda many: tuple(TruthTrack(id=n, label=f"l{n % 2}", boxes=each) for n, each in enumerate(many)))


@settings(deadline=None)
@given(tracks=tracks)
def test_mot_text_comes_back(tmp_path_factory, tracks):
    path = tmp_path_factory.mktemp("mot") / "gt.txt"
    item = clip(tracks=tracks)
    path.write_text(mot_text(item))
    assert all(re.fullmatch(r"\d+,\d+(,-?[\d.]+){4},1,-1,-1,-1", line) for line in path.read_text().splitlines())
    assert read_mot(path, is_truth=True) is not None  # what our own scores of tracks read
    rows = {
        (frame + 1, track.id + 1): (x1 * 640, y1 * 360, x2 * 640, y2 * 360)
        for track in tracks
        for frame, (x1, y1, x2, y2) in track.boxes
    }
    found = {}
    for line in path.read_text().splitlines():
        frame, number, left, top, width, height = (float(word) for word in line.split(",")[:6])
        found[int(frame), int(number)] = (left, top, left + width, top + height)
    assert found.keys() == rows.keys()
    assert all(found[place] == pytest.approx(rows[place], abs=2e-3) for place in rows)


def test_mot_folder(tmp_path):
    track = TruthTrack(id=4, label="car", boxes=((0, (0, 0, 0.5, 0.5)), (9, (0.5, 0.5, 1, 1))))
    write_mot(some_set(tmp_path, clip("d/a.mp4", tracks=(track,)), clip("b.mp4")), tmp_path / "mot")
    assert (tmp_path / "mot/a/gt/gt.txt").read_text().splitlines()[
        1
    ] == "10,1,320.000,180.000,320.000,180.000,1,-1,-1,-1"
    assert "frameRate=25\nseqLength=1500\nimWidth=640\nimHeight=360" in (tmp_path / "mot/a/seqinfo.ini").read_text()
    assert not (tmp_path / "mot/b").exists()
    with pytest.raises(UsageError, match="no clip has tracks"):
        write_mot(some_set(tmp_path, clip()), tmp_path / "none")


@settings(deadline=None)
@given(tracks=tracks)
def test_coco_json_holds_every_box_and_faster_coco_eval_opens_it(tmp_path_factory, tracks):
    value = coco_json([("a", clip(tracks=tracks)), ("b", clip("b.mp4", tracks=tracks[:1]))])
    path = tmp_path_factory.mktemp("coco") / "gt.json"
    path.write_text(json.dumps(value))
    coco = COCO(str(path))
    names = {item["id"]: item["name"] for item in coco.loadCats(coco.getCatIds())}
    found = []
    for entry in coco.loadAnns(coco.getAnnIds()):
        image = coco.loadImgs([entry["image_id"]])[0]
        found.append((image["video"], image["frame"], names[entry["category_id"]], entry["track_id"]))
    pairs = [("a.mp4", tracks), ("b.mp4", tracks[:1])]
    expected = [(file, frame, t.label, t.id) for file, many in pairs for t in many for frame, _ in t.boxes]
    assert sorted(found) == sorted(expected)
    assert len({(image["video"], image["frame"]) for image in value["images"]}) == len(value["images"])


def test_files_that_differ_only_in_their_ending_lose_no_clip(tmp_path):
    names = ("gate.mp4", "gate.mkv", "d/GATE.mov")
    tracks = [TruthTrack(id=1, label="bag", boxes=((number, (0.1, 0.1, 0.2, 0.2)),)) for number in range(3)]
    truth = some_set(tmp_path, *(clip(name, tracks=(track,)) for name, track in zip(names, tracks, strict=True)))
    written = write_mot(truth, tmp_path / "mot")
    assert len(set(written)) == 6
    texts = [path.read_text() for path in written if path.name == "gt.txt"]
    assert [text.split(",")[0] for text in texts] == ["1", "2", "3"]
    assert [path.name for path in (tmp_path / "mot").iterdir() if path.name == "gate"] == ["gate"]
    for info in (tmp_path / "mot").glob("*/seqinfo.ini"):
        assert f"name={info.parent.name}\n" in info.read_text()
    images = json.loads(write_coco(truth, tmp_path / "coco.json")[0].read_text())["images"]
    assert len({image["file_name"].lower() for image in images}) == 3


def test_coco_of_events_where_there_are_no_tracks(tmp_path):
    event = {"scenario": "left_object", "began_s": 2.0, "box": (0.25, 0.5, 0.5, 1)}
    paths = write_coco(some_set(tmp_path, clip(events=[event]), clip("b.mp4")), tmp_path / "gt.json")
    value = json.loads(paths[0].read_text())
    assert [(image["file_name"], image["frame"]) for image in value["images"]] == [("a/000051.jpg", 50)]
    assert value["annotations"][0]["bbox"] == [160, 180, 160, 180]
    with pytest.raises(UsageError, match="no box"):
        write_coco(some_set(tmp_path, clip()), tmp_path / "none.json")


def test_coco_results_of_observations(make_run):
    track = TruthTrack(id=0, label="car", boxes=((50, (0, 0, 0.5, 0.5)),))
    item = clip(tracks=(track,))
    coco = coco_json([("a", item)])
    boxes = np.array([[0, 0, 32, 18], [1, 1, 2, 2]], np.float32)
    seen = Detections(boxes, np.array([0.5, 0.25], np.float32), ("car", "dog"))
    moment = make_run.__globals__["NOON"]
    observed = [Observations(pts_s, moment, (64, 36), {"vehicle_detection": seen}) for pts_s in (0.0, 2.0)]
    assert list(coco_results(coco, item, observed)) == [
        {"image_id": 1, "category_id": 1, "bbox": [0, 0, 320, 180], "score": 0.5}
    ]


def test_results_of_a_run_need_its_truth(tmp_path, make_run, make_truth):
    run = make_run(tmp_path / "run")
    track = {"id": 0, "label": "car", "boxes": [[50, [0, 0, 0.5, 0.5]]]}
    facts = {"fps": 10.0, "duration_s": 600.0, "width": 64, "height": 36, "tracks": [track]}
    truth = make_truth(tmp_path / "truth.yaml", [{"file": "z.mp4", **facts}])
    with pytest.raises(UsageError, match="no clip of the run"):
        write_coco_run(run, truth, tmp_path / "r.json")


def test_what_is_too_large_for_yaml_may_be_json(tmp_path, monkeypatch):
    boxes = tuple((frame, (0.123456789, 0.1, 0.987654321, 0.9)) for frame in range(500))
    truth = some_set(tmp_path, clip(tracks=(TruthTrack(id=0, label="car", boxes=boxes),)))
    assert write_truth(truth, tmp_path / "t.yaml")
    assert read_truth(tmp_path / "t.yaml").clips == truth.clips
    monkeypatch.setattr(convert, "_MAX_YAML", 10_000)
    with pytest.raises(UsageError, match="too much for YAML"):
        write_truth(truth, tmp_path / "u.yaml")
    write_truth(truth, tmp_path / "t.json")
    assert read_truth(tmp_path / "t.json").clips == truth.clips
