"""Files of other tools: CVAT, Label Studio, FiftyOne, ActEV, the manifest of clips."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brain.core.errors import ConfigError
from brain.evaluation.formats.json_text import JsonText
from brain.evaluation.formats.keyframes import Key, Segment, merged, resting_box, segments, within_picture
from brain.evaluation.truth import TruthEvent, TruthSet
from brain.evaluation.truth_file import read_truth

SCENARIOS = ("left_object", "illegal_parking", "crowd_gathering")


def read(tmp_path: Path, content: str | Any, name: str = "export", **options: Any) -> TruthSet:
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1), encoding="utf-8")
    return read_truth(path, **{"scenarios": SCENARIOS, **options})


# ── CVAT ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def cvat(*tracks: str, meta: str = "", root: str = "") -> str:
    return f"""<?xml version="1.0" encoding="utf-8"?>
<annotations>{root}
  <version>1.1</version>
  <meta>
    <task>
      <id>7</id>
      <name>gate</name>
      <size>250</size>
      <mode>interpolation</mode>
      <start_frame>0</start_frame>
      <stop_frame>249</stop_frame>
      {meta}
      <labels>
        <label><name>bag</name><attributes></attributes></label>
        <label><name>crowd_gathering</name></label>
      </labels>
      <original_size><width>200</width><height>100</height></original_size>
    </task>
    <dumped>2026-01-01 00:00:00+00:00</dumped>
    <source>gate.mp4</source>
  </meta>
{"".join(tracks)}
</annotations>
"""


def box(frame: int, outside: int = 0, at: tuple[float, float, float, float] = (20, 10, 60, 50), inner: str = "") -> str:
    x1, y1, x2, y2 = at
    return (
        f'<box frame="{frame}" outside="{outside}" occluded="0" keyframe="1" xtl="{x1}" ytl="{y1}" '
        f'xbr="{x2}" ybr="{y2}" z_order="0">{inner}</box>\n'
    )


def track(*shapes: str, label: str = "bag", number: int = 0) -> str:
    return f'  <track id="{number}" label="{label}" source="manual">\n{"".join(shapes)}  </track>\n'


def test_cvat_begin_and_end_are_the_frames_at_which_it_is_seen_and_gone(tmp_path):
    text = cvat(track(box(25), box(100), box(125, 1)))
    truth = read(tmp_path, text, labels={"bag": "left_object"}, fps=25)
    assert truth.mistakes == ()
    clip = truth.clips[0]
    assert (clip.file, clip.camera, clip.fps, clip.width, clip.height) == ("gate.mp4", "gate", 25.0, 200, 100)
    event = clip.events[0]
    assert (event.scenario, event.began_s, event.ended_s, event.box) == ("left_object", 1.0, 5.0, (0.1, 0.1, 0.3, 0.5))
    assert clip.labelled == ("crowd_gathering", "left_object")  # looked for: labels of the task that are scenarios
    assert [frame for frame, _ in clip.tracks[0].boxes] == list(range(25, 125))


def test_cvat_track_of_several_segments_and_one_that_lasts_to_the_end(tmp_path):
    text = cvat(track(box(0), box(50, 1), box(100), box(150, 1), box(200), label="left_object"))
    clip = read(tmp_path, text, fps=25).clips[0]
    assert [(event.began_s, event.ended_s) for event in clip.events] == [(0, 2), (4, 6), (8, None)]
    assert clip.tracks[0].boxes[-1][0] == 249  # to the last frame of the task


def test_cvat_moves_boxes_between_key_frames(tmp_path):
    text = cvat(track(box(0, at=(0, 0, 20, 10)), box(10, at=(100, 50, 120, 60)), box(11, 1), label="person"))
    clip = read(tmp_path, text, fps=25).clips[0]
    assert clip.events == ()  # an object is no trouble
    assert dict(clip.tracks[0].boxes)[5] == pytest.approx((0.25, 0.25, 0.35, 0.35))
    assert dict(clip.tracks[0].boxes)[10] == pytest.approx((0.5, 0.5, 0.6, 0.6))


def test_cvat_attributes_name_scenario_and_zone(tmp_path):
    inner = '<attribute name="scenario">illegal_parking</attribute><attribute name="zone">kerb</attribute>'
    clip = read(tmp_path, cvat(track(box(0, inner=inner), box(25, 1), label="car")), fps=25).clips[0]
    assert [(event.scenario, event.zone) for event in clip.events] == [("illegal_parking", "kerb")]


def test_cvat_several_movers_at_once_are_one_event_without_a_box(tmp_path):
    walk = [box(0, at=(0, 0, 20, 10)), box(100, at=(180, 90, 200, 100)), box(101, 1)]
    other = [box(50, at=(0, 50, 20, 60)), box(150, at=(180, 0, 200, 10)), box(151, 1)]
    tracks = track(*walk, label="crowd_gathering"), track(*other, label="crowd_gathering", number=1)
    clip = read(tmp_path, cvat(*tracks), fps=25).clips[0]
    assert [(event.began_s, event.ended_s, event.box) for event in clip.events] == [(0, 151 / 25, None)]
    assert len(clip.tracks) == 2


def test_cvat_ignore_label_and_frames_outside_the_task(tmp_path):
    text = cvat(track(box(50), box(75, 1), label="ignore")).replace("<start_frame>0<", "<start_frame>10<")
    clip = read(tmp_path, text, fps=25).clips[0]
    assert [(span.from_s, span.to_s) for span in clip.ignore] == [(0, 0.4), (2, 3)]
    assert clip.tracks == ()


def test_cvat_turned_boxes_outlines_and_what_hangs_over_the_edge(tmp_path):
    shapes = (
        '<polygon frame="0" outside="0" keyframe="1" points="10,10;50,10;30,90" />',
        '<box frame="1" outside="0" keyframe="1" xtl="80" ytl="40" xbr="120" ybr="60" rotation="90" />',
        '<box frame="2" outside="0" keyframe="1" xtl="-20" ytl="40" xbr="120" ybr="160" />',
        '<ellipse frame="3" outside="0" keyframe="1" cx="100" cy="50" rx="10" ry="20" />',
        '<mask frame="4" outside="0" keyframe="1" rle="1, 2" left="20" top="10" width="20" height="10" />',
        '<box frame="5" outside="0" keyframe="1" xtl="-20" ytl="40" xbr="-10" ybr="60" />',
        box(6, 1),
    )
    boxes = dict(read(tmp_path, cvat(track(*shapes)), fps=25).clips[0].tracks[0].boxes)
    assert boxes[0] == pytest.approx((0.05, 0.1, 0.25, 0.9))
    assert boxes[1] == pytest.approx((0.45, 0.3, 0.55, 0.7))
    assert boxes[2] == pytest.approx((0, 0.4, 0.6, 1))
    assert boxes[3] == pytest.approx((0.45, 0.3, 0.55, 0.7))
    assert boxes[4] == pytest.approx((0.1, 0.1, 0.2, 0.2))
    assert 5 not in boxes


def test_cvat_project_with_several_tasks(tmp_path):
    size = "<original_size><width>20</width><height>10</height></original_size>"
    task = "<task><id>{0}</id><name>{0}.mp4</name>" + size + "</task>"
    one = track(box(0, at=(0, 0, 2, 2)), box(5, 1, at=(0, 0, 2, 2)), label="left_object").replace(
        'id="0"', 'id="0" task_id="1"'
    )
    two = one.replace('task_id="1"', 'task_id="2"').replace("left_object", "illegal_parking")
    tasks = f"<project><tasks>{task.format(1)}{task.format(2)}</tasks></project>"
    text = f"<annotations><meta>{tasks}</meta>{one}{two}</annotations>"
    truth = read(tmp_path, text, fps=5)
    assert [(clip.file, clip.events[0].scenario) for clip in truth.clips] == [
        ("1.mp4", "left_object"),
        ("2.mp4", "illegal_parking"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (cvat(track(box(0), label="left_objct")), 22, "did you mean 'left_object'?"),
        (cvat(track('<box frame="0" outside="0" xtl="1" />\n')), 22, "line 23: a box without its coordinates"),
        (cvat(track('<skeleton frame="0" outside="0" />')), 22, "skeleton"),
        (cvat().replace("<source>gate.mp4</source>", "").replace("<name>gate</name>", ""), 5, "name its video"),
        (cvat().replace("<width>200</width>", ""), 5, "size of the picture"),
    ],
)
def test_cvat_mistakes(tmp_path, text, line, said):
    truth = read(tmp_path, text, fps=25)
    assert truth.clips == ()
    assert truth.mistakes[0].where == f"{tmp_path / 'export'}:{line}"
    assert said in truth.mistakes[0].what


def test_cvat_without_a_frame_rate_names_the_remedy(tmp_path):
    truth = read(tmp_path, cvat(track(box(0))))
    assert "--fps" in truth.mistakes[0].what


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('<!DOCTYPE a [<!ENTITY e "x">]>\n<annotations>&e;</annotations>', "DOCTYPE"),
        ('<!DOCTYPE annotations SYSTEM "file:///etc/passwd"><annotations/>', "DOCTYPE"),
        ("<annotations>", "not XML"),
        ("<annotations>&e;</annotations>", "not XML"),
        ("<a/>", "not of CVAT"),
        ("<annotations><image id='0'/></annotations>", "CVAT for images"),
        ("<a>" * 60 + "</a>" * 60, "too deeply"),
    ],
)
def test_xml_that_is_refused(tmp_path, text, said):
    with pytest.raises(ConfigError, match=said):
        read(tmp_path, text)


# ── Label Studio ─────────────────────────────────────────────────────────────────────────────────────────────────────


def task(*results: Any, video: str = "/data/upload/1/0a1b2c3d-gate.mp4", **more: Any) -> dict[str, Any]:
    annotation = {"id": 5, "completed_by": 1, "result": list(results), "was_cancelled": False}
    return {"id": 1, "annotations": [annotation], "data": {"video": video}, **more}


def timeline(label: str, start: int, end: int) -> dict[str, Any]:
    value = {"ranges": [{"start": start, "end": end}], "timelinelabels": [label]}
    return {"id": "x", "type": "timelinelabels", "from_name": "tl", "to_name": "video", "value": value}


def key(frame: int, enabled: bool = True, x: float = 10, y: float = 20) -> dict[str, Any]:
    return {"frame": frame, "enabled": enabled, "rotation": 0, "x": x, "y": y, "width": 30, "height": 40, "time": 0}


def rectangle(label: str, *keys: dict[str, Any], frames: int = 250, duration: float = 10.0) -> dict[str, Any]:
    value = {"sequence": list(keys), "framesCount": frames, "duration": duration, "labels": [label]}
    return {"id": "y", "type": "videorectangle", "from_name": "box", "to_name": "video", "value": value}


def test_label_studio_timeline_takes_in_its_last_frame(tmp_path):
    results = timeline("Bag", 26, 50), timeline("left_object", 200, 250), rectangle("person", key(1))
    truth = read(tmp_path, [task(*results)], labels={"Bag": "illegal_parking"})
    assert truth.mistakes == ()
    clip = truth.clips[0]
    assert (clip.file, clip.camera, clip.fps, clip.duration_s) == ("gate.mp4", "gate", 25.0, 10.0)
    assert [(event.scenario, event.began_s, event.ended_s) for event in clip.events] == [
        ("illegal_parking", 1.0, 2.0),
        ("left_object", 7.96, None),
    ]


def test_label_studio_rectangle_is_there_from_enabled_to_disabled_key(tmp_path):
    keys = key(1), key(11, False, x=20), key(26), key(50, False), key(101)
    clip = read(tmp_path, [task(rectangle("left_object", *keys))]).clips[0]
    spans = [(event.began_s, event.ended_s) for event in clip.events]
    assert spans == [(0, 11 / 25), (1, 2), (4, None)]  # the disabled key still shows it
    boxes = dict(clip.tracks[0].boxes)
    assert boxes[0] == pytest.approx((0.1, 0.2, 0.4, 0.6))
    assert boxes[5] == pytest.approx((0.15, 0.2, 0.45, 0.6))
    assert 10 in boxes
    assert 11 not in boxes
    assert max(boxes) == 249


@pytest.mark.parametrize(
    ("video", "file"),
    [
        ("/data/upload/1/0a1b2c3d-gate.mp4", "gate.mp4"),
        ("/data/local-files/?d=street%2Fgate%201.mp4", "gate 1.mp4"),
        ("s3://bucket/day/gate.mp4", "gate.mp4"),
        ("https://host/gate.mp4?sig=1", "gate.mp4"),
    ],
)
def test_label_studio_names_of_videos(tmp_path, video, file):
    assert read(tmp_path, [task(video=video)]).clips[0].file == file


def test_label_studio_prefers_the_uploaded_name_where_that_file_lies_there(tmp_path):
    (tmp_path / "0a1b2c3d-gate.mp4").write_bytes(b"")
    assert read(tmp_path, [task()]).clips[0].file == "0a1b2c3d-gate.mp4"


def test_label_studio_newest_annotation_that_was_not_cancelled_counts(tmp_path):
    item = task()
    item["annotations"] = [
        {"result": [timeline("left_object", 1, 9)], "updated_at": "2026-01-02T00:00:00Z"},
        {"result": [timeline("left_object", 1, 19)], "updated_at": "2026-01-03T00:00:00Z"},
        {"result": [], "updated_at": "2026-01-04T00:00:00Z", "was_cancelled": True},
    ]
    assert read(tmp_path, [item], fps=10).clips[0].events[0].ended_s == 1.9


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (timeline("left_objct", 1, 9), "did you mean 'left_object'?"),
        (timeline("Moving", 1, 9), "--label 'Moving'=SCENARIO"),
        ({"type": "timelinelabels", "value": {}}, "not a region"),
        ({"type": "videorectangle", "value": {"sequence": [{"frame": "x"}]}}, "not a region"),
        (timeline("ignore", 100, 50), "ends before it begins"),
    ],
)
def test_label_studio_mistakes_have_lines(tmp_path, result, said):
    truth = read(tmp_path, [task(video="ok.mp4"), task(result)], fps=25)
    assert [clip.file for clip in truth.clips] == ["ok.mp4"]
    assert said in truth.mistakes[0].what
    assert int(truth.mistakes[0].where.rpartition(":")[2]) > 15


def test_label_studio_label_that_means_nothing(tmp_path):
    truth = read(tmp_path, [task(timeline("Moving", 1, 9))], fps=25, labels={"Moving": ""})
    assert truth.mistakes == ()
    assert truth.clips[0].events == ()


# ── FiftyOne ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def fiftyone(support: Any = (26, 50), label: str = "left_object", **metadata: Any) -> dict[str, Any]:
    facts = {"_cls": "VideoMetadata", "frame_width": 64, "frame_height": 36, "frame_rate": 25.0, "duration": 10.0}
    detection = {"_cls": "TemporalDetection", "label": label, "support": list(support), "tags": []}
    events = {"_cls": "TemporalDetections", "detections": [detection]}
    sample = {"filepath": "data/a.mp4", "metadata": {**facts, "total_frame_count": 250, **metadata}, "events": events}
    return {"samples": [sample]}


def test_fiftyone_support_counts_from_one_and_takes_in_its_last_frame(tmp_path):
    clip = read(tmp_path, fiftyone()).clips[0]
    assert (clip.file, clip.camera, clip.width, clip.duration_s) == ("data/a.mp4", "a", 64, 10.0)
    assert [(event.began_s, event.ended_s) for event in clip.events] == [(1.0, 2.0)]
    assert read(tmp_path, fiftyone((1, 250))).clips[0].events[0].ended_s is None


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (fiftyone(("a", "b")), "without label or support"),
        (fiftyone((50, 26)), "ends before it begins"),
        (fiftyone(label="cars"), "is no scenario"),
        (fiftyone(frame_rate=None), "frame rate is not known"),
    ],
)
def test_fiftyone_mistakes(tmp_path, value, said):
    truth = read(tmp_path, value)
    assert truth.clips == ()
    assert said in truth.mistakes[0].what


# ── ActEV ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def actev(activity: str = "left_object", localization: Any = None) -> dict[str, Any]:
    where = {"a.mp4": {"26": 1, "51": 0}} if localization is None else localization
    return {
        "filesProcessed": ["a.mp4", "b.mp4"],
        "activities": [{"activity": activity, "activityID": 1, "presenceConf": 1, "localization": where}],
    }


INDEX = {
    "a.mp4": {"framerate": 25.0, "selected": {"1": 1, "101": 0, "126": 1, "251": 0}},
    "b.mp4": {"framerate": 10, "selected": {"1": 1, "101": 0}},
}


def test_actev_reference_with_its_file_index(tmp_path):
    (tmp_path / "file-index.json").write_text(json.dumps(INDEX))
    truth = read(tmp_path, actev(), "ref.json")
    assert truth.mistakes == ()
    first, second = truth.clips
    assert (first.fps, first.duration_s, first.events[0].began_s, first.events[0].ended_s) == (25, 10, 1, 2)
    assert [(span.from_s, span.to_s) for span in first.ignore] == [(4, 5)]
    assert (second.duration_s, second.events, second.labelled) == (10, (), ("left_object",))


def test_actev_index_of_its_own_goes_first(tmp_path):
    (tmp_path / "file-index.json").write_text("{}")
    (tmp_path / "ref.file-index.json").write_text(json.dumps(INDEX))
    (tmp_path / "ref.activity-index.json").write_text('{"illegal_parking": {}, "left_object": {}}')
    (tmp_path / "ref.id-map.json").write_text('{"a.mp4": "gate/夜.mp4"}')
    truth = read(tmp_path, actev(), "ref.json")
    assert [clip.file for clip in truth.clips] == ["gate/夜.mp4", "b.mp4"]
    assert truth.clips[0].labelled == ("illegal_parking", "left_object")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (actev("left_objct"), "did you mean 'left_object'?"),
        (actev(localization={"a.mp4": {"26": 1}}), "no pair of frames"),
        (actev(localization={"a.mp4": {"x": 1}}), "no pair of frames"),
        (actev(localization={"z.mp4": {"1": 1, "2": 0}}), "does not name"),
    ],
)
def test_actev_mistakes(tmp_path, value, said):
    (tmp_path / "file-index.json").write_text(json.dumps(INDEX))
    truth = read(tmp_path, value, "ref.json")
    assert "b.mp4" in [clip.file for clip in truth.clips]
    assert said in truth.mistakes[0].what
    assert int(truth.mistakes[0].where.rpartition(":")[2]) >= 7


def test_actev_without_index(tmp_path):
    with pytest.raises(ConfigError, match="no file index"):
        read(tmp_path, actev())
    assert read(tmp_path, actev(), fps=50).clips[0].events[0].began_s == 0.5


# ── manifest ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_manifest_of_clips(tmp_path):
    clip = {
        "file": "a.mp4",
        "source": {"repo": "x"},
        "day_night": "night",
        "zones": [],
        "events": [{"scenario": "left_object", "zone": "z", "began_s": 1, "ended_s": None, "count": 3}],
        "must_not_raise": ["illegal_parking"],
        "ignore": [[2, 3], [9, 8]],
    }
    good = {**clip, "file": "b.mp4", "ignore": [[2, 3]]}
    truth = read(tmp_path, {"about": "x", "clips": [clip, good]})
    assert [(mistake.clip, mistake.what[:8]) for mistake in truth.mistakes] == [("a.mp4", "ignore.1")]
    line = int(truth.mistakes[0].where.rpartition(":")[2])
    assert (tmp_path / "export").read_text().splitlines()[line - 1].strip() == "8"
    assert (truth.clips[0].light, truth.clips[0].labelled) == ("night", ("left_object", "illegal_parking"))


# ── the parts ────────────────────────────────────────────────────────────────────────────────────────────────────────

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


@settings(deadline=None)
@given(value=st.lists(json_values, min_size=1, max_size=4) | st.dictionaries(st.text(max_size=4), json_values))
def test_every_value_of_a_json_text_has_its_line(value):
    """Written with an indent, each key and item has a line of its own, in the order of the tree."""
    text = json.dumps(value, indent=1, ensure_ascii=False)
    found = JsonText(text, Path("f"))
    places: list[tuple[Any, ...]] = []

    def walk(node: Any, place: tuple[Any, ...]) -> None:
        pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for name, inner in pairs:
            places.append((*place, name))
            walk(inner, (*place, name))

    walk(value, ())
    lines = [int(found.where(place).rpartition(":")[2]) for place in places]
    assert lines == sorted(set(lines))
    shown = text.splitlines() if "\u2028" not in text else text.split("\n")
    for place, line in zip(places, lines, strict=True):
        if isinstance(place[-1], str) and len(shown) == text.count("\n") + 1:
            assert shown[line - 1].strip().startswith(json.dumps(place[-1], ensure_ascii=False))


frames = st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=12, unique_by=lambda pair: pair[0])


@settings(deadline=None)
@given(keys=frames)
def test_segments_cover_exactly_the_frames_after_a_key_that_is_there(keys):
    where = (0.1, 0.1, 0.2, 0.2)
    found = segments([Key(frame, where, gone) for frame, gone in keys], length=50)
    shown = {frame for item in found for frame, _ in item.boxes}
    state = dict(keys)
    expected, there = set(), False
    for frame in range(50):
        there = not state[frame] if frame in state else there
        if there:
            expected.add(frame)
    assert shown == expected
    for item in found:
        assert [frame for frame, _ in item.boxes] == list(range(item.first, 50 if item.until is None else item.until))
    assert all(one.until is not None and one.until < two.first for one, two in pairwise(found))


def test_the_later_of_two_keys_at_one_frame_counts():
    where = (0.1, 0.1, 0.2, 0.2)
    assert segments([Key(3, where), Key(3, where, gone=True)]) == ()
    assert segments([Key(3, where, gone=True), Key(3, where)]) == (Segment(3, None, ((3, where),)),)


def test_a_thing_that_moves_has_no_resting_box():
    still = [(0.1, 0.1, 0.2, 0.2), (0.11, 0.1, 0.21, 0.2), (0.1, 0.1, 0.2, 0.2)]
    assert resting_box(still) == (0.1, 0.1, 0.2, 0.2)
    assert resting_box([*still, (0.6, 0.1, 0.7, 0.2)]) is None
    assert resting_box([]) is None


def test_only_what_lies_in_the_picture():
    assert within_picture((-0.5, 0.2, 0.5, 1.5)) == (0, 0.2, 0.5, 1)
    assert within_picture((-0.5, 0.2, -0.1, 0.5)) is None


spans = st.tuples(st.integers(0, 30), st.integers(1, 10), st.sampled_from([None, "a", "b"]))


@settings(deadline=None)
@given(items=st.lists(spans, max_size=8), order=st.randoms())
def test_merging_covers_the_same_time_without_overlap_in_any_order(items, order):
    events = [
        TruthEvent(scenario="left_object", zone=zone, began_s=begin, ended_s=begin + length)
        for begin, length, zone in items
    ]
    found = merged(events)
    order.shuffle(events)
    assert merged(events) == found
    for zone in (None, "a", "b"):
        mine = [event for event in found if event.zone == zone]
        assert all(one.ended_s <= two.began_s for one, two in pairwise(mine))
        covered = {second for event in mine for second in range(int(event.began_s), int(event.ended_s or 0))}
        assert covered == {s for begin, length, name in items if name == zone for s in range(begin, begin + length)}


# ── whatever stands there, it is a mistake and no crash ──────────────────────────────────────────────────────────────

OWN = {
    "set": "dev",
    "labelled": ["left_object"],
    "clips": [
        {
            "file": "a.mp4",
            "zones": [{"name": "z", "kind": "public", "polygon": [[0, 0], [1, 0], [1, 1]]}],
            "events": [{"scenario": "left_object", "began_s": 1, "box": [0, 0, 1, 1]}],
            "ignore": [{"from_s": 1, "to_s": 2}],
            "tracks": [{"id": 1, "label": "x", "boxes": [[0, [0, 0, 1, 1]]]}],
        }
    ],
}
MANIFEST = {
    "clips": [
        {
            "file": "a.mp4",
            "day_night": "day",
            "events": [{"scenario": "left_object", "began_s": 1}],
            "must_not_raise": ["illegal_parking"],
            "ignore": [[1, 2]],
        }
    ]
}
STUDIO = [task(timeline("left_object", 1, 9), rectangle("left_object", key(1), key(9, False)))]
EXPORTS = [OWN, MANIFEST, STUDIO, fiftyone(), actev()]
JUNK = [None, True, 0, -1, 1.5, 10**9, 10**400, "", "x", "\0", [], [[]], {}, {"": 0}, ["x"], [1, 2, 3]]


def places(node: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [place, *(deeper for name, inner in pairs for deeper in places(inner, (*place, name)))]


@settings(max_examples=150, deadline=None)
@given(data=st.data(), number=st.integers(0, len(EXPORTS) - 1))
def test_any_value_at_any_place_of_a_json_export(tmp_path_factory, data, number):
    value = json.loads(json.dumps(EXPORTS[number]))
    place = data.draw(st.sampled_from(places(value)[1:]))
    junk = data.draw(st.sampled_from(JUNK))
    node = value
    for part in place[:-1]:
        node = node[part]
    node[place[-1]] = junk
    folder = tmp_path_factory.mktemp("junk")
    (folder / "file-index.json").write_text(json.dumps(INDEX))
    try:
        truth = read(folder, value, data.draw(st.sampled_from(["a.json", "a.yaml"])), fps=25)
    except ConfigError as error:
        assert error.where.startswith(str(folder))  # noqa: PT017
    else:
        assert all(mistake.where.startswith(str(folder)) for mistake in truth.mistakes)


CVAT = cvat(track(box(1), box(9, 1), label="left_object"), track(box(1), label="ignore", number=1))
VALUES = re.findall(r'"[^"]*"|(?<=>)[^<>\n]+(?=<)', CVAT)


@settings(deadline=None)
@given(
    which=st.integers(2, len(VALUES) - 1), junk=st.sampled_from(["", "x", "-1", "1e999", "nan", "0", "99999", "9" * 30])
)
def test_any_value_at_any_place_of_a_cvat_export(tmp_path_factory, which, junk):
    seen = -1

    def changed(found: re.Match[str]) -> str:
        nonlocal seen
        seen += 1
        quoted = f'"{junk}"' if found[0].startswith('"') else junk
        return quoted if seen == which else found[0]

    text = re.sub(r'"[^"]*"|(?<=>)[^<>\n]+(?=<)', changed, CVAT)
    folder = tmp_path_factory.mktemp("junk")
    try:
        truth = read(folder, text, fps=25)
    except ConfigError as error:
        assert error.where.startswith(str(folder))  # noqa: PT017
    else:
        assert len(truth.clips) + len(truth.mistakes) >= 1
