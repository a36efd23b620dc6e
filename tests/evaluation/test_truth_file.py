"""Our own truth file: every mistake is told with file and line, and harms its clip only."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brain.core.errors import ConfigError
from brain.evaluation.formats.own_write import truth_text
from brain.evaluation.truth import TruthClip, TruthEvent, TruthIgnore, TruthSet, TruthTrack
from brain.evaluation.truth_file import read_truth

SCENARIOS = ("left_object", "illegal_parking")
GOOD = """set: dev
labelled: [left_object]
clips:
  - file: good.mp4
    duration_s: 300
    zones: [{name: pavement, kind: public, polygon: [[0.1, 0.5], [0.9, 0.5], [0.9, 1], [0.1, 1]]}]
    events: [{scenario: left_object, zone: pavement, began_s: 15.5, ended_s: 120}]
    ignore: [{from_s: 200, to_s: 215, why: a hand before the lens}]
"""
BAD = """  - file: bad.mp4
    duration_s: 100
    zones: [{name: gate, kind: public, polygon: [[0, 0], [1, 0], [1, 1]]}]
"""


def read(tmp_path: Path, text: str, name: str = "truth.yaml") -> TruthSet:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_truth(path, scenarios=SCENARIOS)


def test_good_file_with_defaults(tmp_path):
    truth = read(tmp_path, GOOD + "  - file: gate/夜 01.mp4\n    light: night\n    labelled: []\n")
    assert truth.mistakes == ()
    assert truth.set == "dev"
    first, second = truth.clips
    assert (first.camera, first.site, first.labelled) == ("good", "good", ("left_object",))
    assert first.events[0].ended_s == 120
    assert (second.camera, second.light, second.labelled) == ("01", "night", ())
    assert truth.location(second) == tmp_path / "gate" / "夜 01.mp4"


def test_labelled_is_what_any_event_names_when_nobody_says_it(tmp_path):
    text = """clips:
  - {file: a.mp4, events: [{scenario: left_object, began_s: 1}]}
  - {file: b.mp4, events: [{scenario: illegal_parking, began_s: 2, ended_s: 1}]}
  - {file: c.mp4, site: gate, camera: c9}
"""
    truth = read(tmp_path, text)
    assert [clip.file for clip in truth.clips] == ["a.mp4", "c.mp4"]
    assert all(clip.labelled == ("illegal_parking", "left_object") for clip in truth.clips)
    assert (truth.clips[1].camera, truth.clips[1].site) == ("c9", "gate")


@pytest.mark.parametrize(
    ("lines", "line", "said"),
    [
        ("    events: [{scenario: left_object, began_s: 9, ended_s: 5}]", 12, "ends before it begins"),
        ("    events: [{scenario: left_object, began_s: 9, ended_s: 9}]", 12, "has no length"),
        ("    events: [{scenario: left_object, began_s: -1}]", 12, "greater than or equal to 0"),
        ("    events: [{scenario: left_object, began_s: 9, ended_s: 120}]", 12, "the clip has 100 s"),
        ("    events: [{scenario: left_object, began_s: 100}]", 12, "begins at 100 s"),
        ("    events:\n      - scenario: left_object\n        began_s: 9\n        zone: gata", 15, "mean 'gate'"),
        ("    events:\n      - scenario: left_objct\n        began_s: 9", 13, "did you mean 'left_object'?"),
        ("    events: [{scenario: fire, began_s: 9}]", 12, "there is no scenario 'fire'"),
        ("    labelled: [fire]", 12, "there is no scenario 'fire'"),
        ("    events: [{scenario: left_object, began_s: 9, box: [0.1, 0.1, 1.2, 0.5]}]", 12, "outside the picture"),
        ("    events: [{scenario: left_object, began_s: 9, box: [0.5, 0.1, 0.2, 0.5]}]", 12, "turned round"),
        ("    events: [{scenario: left_object, began_s: 9, box: [0.5, 0.1, 0.2]}]", 12, "box"),
        ("    events:\n      - {scenario: left_object, began_s: 9}\n      - {scenario: left_object, began_s: 99}", 14,
         "overlaps events.0"),
        ("    ignore: [{from_s: 3, to_s: 2}]", 12, "ends before it begins"),
        ("    ignore: [{from_s: 3, to_s: 200}]", 12, "the clip has 100 s"),
        ("    ignore:\n      - {from_s: 3, to_s: 20}\n      - {from_s: 19, to_s: 30}", 14, "overlaps ignore.0"),
        ("    evnets: []", 12, "did you mean 'events'?"),
        ("    light: dusk", 12, "light"),
        ("    start: 2026-11-24T08:00:00", 12, "no zone"),
        ("    sha256: abc", 12, "sha256"),
        ("    tracks: [{id: 1, label: car, boxes: [[3, [0, 0, 1, 1]], [3, [0, 0, 1, 1]]]}]", 12, "must rise"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line_and_leaves_out_its_clip_only(tmp_path, lines, line, said):
    truth = read(tmp_path, GOOD + BAD + lines + "\n  - file: after.mp4\n")
    assert [clip.file for clip in truth.clips] == ["good.mp4", "after.mp4"]
    assert [mistake.clip for mistake in truth.mistakes] == ["bad.mp4"]
    assert truth.mistakes[0].where == f"{tmp_path / 'truth.yaml'}:{line}"
    assert said in truth.mistakes[0].what


@pytest.mark.parametrize(
    "events",
    [
        # one after the other, another zone, another scenario, another place where no zone is named
        "{scenario: left_object, began_s: 1, ended_s: 2}, {scenario: left_object, began_s: 2}",
        "{scenario: left_object, began_s: 1, zone: gate}, {scenario: left_object, began_s: 2, zone: whole_picture}",
        "{scenario: left_object, began_s: 1}, {scenario: illegal_parking, began_s: 1}",
        "{scenario: left_object, began_s: 1, box: [0, 0, 0.2, 0.2]}, "
        "{scenario: left_object, began_s: 1, box: [0.5, 0.5, 0.7, 0.7]}",
    ],
)
def test_what_is_no_overlap(tmp_path, events):
    truth = read(tmp_path, GOOD + BAD + f"    events: [{events}]\n")
    assert truth.mistakes == ()


def test_things_in_one_named_zone_are_one_trouble_wherever_they_stand(tmp_path):
    events = ", ".join(
        f"{{scenario: left_object, zone: gate, began_s: {at}, box: {box}}}"
        for at, box in ((1, [0, 0, 0.2, 0.2]), (2, [0.5, 0.5, 0.7, 0.7]))
    )
    assert len(read(tmp_path, GOOD + BAD + f"    events: [{events}]\n").mistakes) == 1


def test_the_same_file_twice(tmp_path):
    truth = read(tmp_path, GOOD + "  - file: ./x/../good.mp4\n")
    assert [clip.file for clip in truth.clips] == ["good.mp4"]
    assert truth.mistakes[0].where.endswith(":9")
    assert f"{tmp_path / 'truth.yaml'}:4" in truth.mistakes[0].what


def test_mistakes_of_the_whole_file(tmp_path):
    text = GOOD.replace("set: dev", "set: tset").replace("labelled:", "labeled:") + "  - nothing\n"
    truth = read(tmp_path, text)
    assert truth.set == "test"  # nothing is tuned on it by accident
    assert [(mistake.where.rpartition(":")[2], mistake.clip) for mistake in truth.mistakes] == [
        ("2", ""),
        ("9", ""),
        ("1", ""),
    ]
    assert "did you mean 'labelled'?" in truth.mistakes[0].what
    assert len(truth.clips) == 1


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("clips: [", 1),
        ("a: 1", 1),
        ("set: dev\nclips: 3", 2),
        ("clips: []\nclips: []", 2),
        ('{"clips": [', 1),
        ('{"clips": [], "clips": []}', None),
        ('{"activities": 3}', None),
        ("[1, 2]", None),
        ("<html/>", 1),
    ],
)
def test_what_cannot_be_read_at_all(tmp_path, text, line):
    with pytest.raises(ConfigError) as raised:
        read(tmp_path, text)
    assert str(tmp_path) in raised.value.where
    assert raised.value.remedy
    if line is not None:
        assert raised.value.where.endswith(f":{line}")


def test_a_missing_file(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        read_truth(tmp_path / "none.yaml")


def test_json_has_lines_too(tmp_path):
    text = '{"set": "test",\n "clips": [\n  {"file": "a.mp4",\n   "events": [\n    {"scenario": "left_object"}]}]}'
    truth = read(tmp_path, text, "truth.json")
    assert truth.set == "test"
    assert truth.mistakes[0].where.endswith("truth.json:5")
    assert "'events.0.began_s' is missing" in truth.mistakes[0].what


# ── a written file says the same ─────────────────────────────────────────────────────────────────────────────────────

moments = st.integers(0, 100_000).map(lambda ms: ms / 1000)
sides = st.tuples(st.integers(0, 99), st.integers(1, 50)).map(lambda pair: (pair[0] / 200, (pair[0] + pair[1]) / 200))
boxes = st.tuples(sides, sides).map(lambda pair: (pair[0][0], pair[1][0], pair[0][1], pair[1][1]))
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30)


@st.composite
def clips(draw: st.DrawFn, name: str = "a.mp4") -> TruthClip:
    edges = sorted(draw(st.lists(moments, min_size=4, max_size=4, unique=True)))
    event = TruthEvent(scenario="left_object", began_s=edges[0], ended_s=edges[1], box=draw(boxes), note=draw(texts))
    last = TruthEvent(scenario="illegal_parking", began_s=edges[2], inherited=draw(st.none() | st.booleans()))
    track = TruthTrack(id=3, label=draw(texts) or "x", boxes=((0, draw(boxes)), (7, draw(boxes))))
    return TruthClip(
        file=name,
        camera="c1",
        site=draw(st.sampled_from(["c1", "north", "123", "on", "1e5"])),
        sha256=draw(st.none() | st.just("12345678" * 8)),
        fps=draw(st.none() | st.floats(1, 60)),
        light=draw(st.sampled_from(["day", "night", "unknown"])),
        labelled=draw(st.sampled_from([(), ("left_object",), ("illegal_parking", "left_object")])),
        events=(event, last),
        ignore=(TruthIgnore(from_s=edges[1], to_s=edges[3], why=draw(texts)),),
        tracks=draw(st.sampled_from([(), (track,)])),
    )


@settings(deadline=None)
@given(clip=clips(), suffix=st.sampled_from([".yaml", ".json"]), name=st.sampled_from(["dev", "test"]))
def test_writing_and_reading_gives_the_same(tmp_path_factory, clip, suffix, name):
    folder = tmp_path_factory.mktemp("truth")
    path = folder / f"t{suffix}"
    path.write_text(truth_text(TruthSet(folder / "other.yaml", "dev", (clip,)), path, set_=name), encoding="utf-8")
    again = read_truth(path, scenarios=SCENARIOS)
    assert again.mistakes == ()
    assert (again.set, again.clips) == (name, (clip,))


def test_files_are_named_from_where_the_new_file_lies(tmp_path):
    truth = TruthSet(tmp_path / "a" / "t.yaml", "dev", (TruthClip(file="x/1.mp4"), TruthClip(file="/abs/2.mp4")))
    text = truth_text(truth, tmp_path / "b" / "t.yaml")
    assert "file: ../a/x/1.mp4" in text
    assert "file: /abs/2.mp4" in text


@pytest.mark.clips
def test_the_manifest_of_real_clips(shared_dir):
    truth = read_truth(shared_dir / "material" / "videos" / "manifest.json")
    assert truth.mistakes == ()
    by_file = {clip.file: clip for clip in truth.clips}
    assert len(by_file) == 11
    bag = by_file["left_bag_pavement.mp4"]
    assert bag.light == "day"
    assert bag.events[0].began_s == 15.5
    assert set(bag.labelled or ()) >= {"left_object", "illegal_parking", "crowd_gathering"}
    fire = by_file["fire_fuel_station.mp4"]
    assert [(span.from_s, span.to_s) for span in fire.ignore] == [(29.0, 39.1)]
    assert fire.zones[0].kind == "whole_picture"


@pytest.mark.parametrize(
    ("files", "cameras"),
    [
        (["a.mp4", "b.mp4"], ["a", "b"]),
        (["gate/0901.mp4", "yard/0901.mp4"], ["gate-0901", "yard-0901"]),
        (["x/gate/1.mp4", "y/gate/1.mp4", "2.mp4"], ["x-gate-1", "y-gate-1", "2"]),
        (["1.mp4", "gate/1.mp4"], None),
        (["a/夜.mp4", "a/昼.mp4"], None),
        (["a/b-1.mp4", "a-b/1.mp4", "1.mp4"], None),
    ],
)
def test_recordings_of_one_name_in_two_folders_are_of_two_cameras(tmp_path, files, cameras):
    rows = "".join(f"  - {{file: {file}, labelled: []}}\n" for file in files)
    truth = read(tmp_path, f"clips:\n{rows}")
    assert truth.mistakes == ()
    found = [clip.camera for clip in truth.clips]
    assert len(set(found)) == len(files)
    assert found == [clip.site for clip in truth.clips]
    assert cameras is None or found == cameras
    # The order in which they stand changes nothing.
    back = read(tmp_path, "clips:\n" + "".join(reversed(rows.splitlines(keepends=True))))
    assert {clip.file: clip.camera for clip in back.clips} == dict(zip(files, found, strict=True))
