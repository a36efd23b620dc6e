"""A run held against a truth file: what counts, what does not, and what has to be mended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brain.config.settings import ZoneSettings
from brain.core.errors import ConfigError
from brain.evaluation.judgement import Judgement, Verdict
from brain.evaluation.judging import due_moment, judge
from brain.evaluation.truth import Mistake, TruthEvent
from brain.replay.plan import PlannedScenario
from brain.replay.run import RESULT
from brain.scenarios.registry import Registry

BAG = "left_object"
# A trouble from 100 to 300 s: due at 130 s, in time to 160 s.
TROUBLE = {"began_s": 100.0, "ended_s": 300.0}


@pytest.fixture
def judged(tmp_path: Path, make_run: Any, make_truth: Any, make_event: Any) -> Callable[..., Judgement]:
    """Judges alarms of clip ``a`` (by the moment they are raised) against one truth clip."""

    def build(
        alarms: list[Any], truth: dict[str, Any], clip: dict[str, Any] | None = None, **scenario: Any
    ) -> Judgement:
        events = [make_event(alarm) if isinstance(alarm, int | float) else alarm for alarm in alarms]
        run = make_run(tmp_path / "run", clips=None if clip is None else [clip], events={"a": events}, **scenario)
        return judge(run, make_truth(tmp_path / "truth.yaml", [{"file": "a.mp4", **truth}]))

    return build


def verdicts(judgement: Judgement) -> list[tuple[str, float]]:
    return [(item.verdict.value, item.at_s) for item in judgement.items]


def errors(judgement: Judgement) -> list[str]:
    return [f"{item.clip}|{item.scenario}|{item.why}" for item in judgement.left_out if item.is_error]


def notes(judgement: Judgement) -> list[str]:
    return [f"{item.clip}|{item.scenario}|{item.why}" for item in judgement.left_out if not item.is_error]


def test_verdicts_stand_in_order_of_scenario_clip_and_time(
    tmp_path: Path, make_run: Any, make_truth: Any, make_event: Any, make_scenario: Any, make_clip: Any
) -> None:
    names = ("b_first", BAG)
    run = make_run(
        tmp_path / "run",
        [make_scenario(name) for name in names],
        [make_clip("z"), make_clip("a")],
        {clip: [make_event(t, scenario=name) for name in names for t in (400.0, 135.0)] for clip in ("a", "z")},
    )
    clips = [
        {"file": f"{clip}.mp4", "labelled": names, "events": [{**TROUBLE, "scenario": name} for name in names]}
        for clip in ("a", "z")
    ]
    judgement = judge(run, make_truth(tmp_path / "truth.yaml", clips))
    told = [(item.scenario, item.clip, item.at_s) for item in judgement.items]
    assert told == [(name, clip, t) for name in names for clip in ("z", "a") for t in (135.0, 400.0)]
    assert judgement.scenarios == names
    assert [(item.scenario, item.clip, item.seconds) for item in judgement.watched] == [
        (name, clip, 600.0) for name in names for clip in ("z", "a")
    ]
    assert not judgement.left_out


def test_every_verdict(judged: Any) -> None:
    events = [TROUBLE, {"began_s": 350.0, "ended_s": 500.0}, {"began_s": 520.0}]  # due 130, 380, 550
    judgement = judged([50.0, 135.0, 200.0, 420.0], {"events": events})
    assert verdicts(judgement) == [
        ("false", 50.0),
        ("hit", 135.0),
        ("duplicate", 200.0),
        ("late", 420.0),
        ("missed", 550.0),
    ]
    hit = judgement.items[1]
    assert (hit.truth.began_s, hit.due_s, hit.alarm.raised_s, hit.camera) == (100.0, 130.0, 135.0, "a")
    assert judgement.items[0].truth is None
    assert judgement.items[0].due_s is None


@pytest.mark.parametrize(
    ("event", "outages", "due"),
    [
        ({"began_s": 10}, (), 40),
        ({"began_s": 0}, (), 60),  # from the first picture on: inherited
        ({"began_s": 0, "inherited": False}, (), 30),
        ({"began_s": 5, "inherited": True}, (), 65),
        ({"began_s": 10}, ((20, 25),), 45),  # a dwell pauses while there is no picture
        ({"began_s": 10}, ((0, 15), (30, 31)), 46),
        ({"began_s": 10}, ((40, 60),), 40),
        ({"began_s": 10}, ((60, 70),), 40),
    ],
)
def test_when_a_trouble_is_due(
    make_scenario: Any, event: dict[str, Any], outages: tuple[tuple[float, float], ...], due: float
) -> None:
    truth = TruthEvent.model_validate({"scenario": BAG, **event})
    assert due_moment(truth, make_scenario(), outages) == due


@pytest.mark.parametrize(
    ("events", "clip", "why"),
    [
        ([{"began_s": 100, "ended_s": 129}], {}, "not due: it is gone at 129 s, before the 130 s"),
        ([{"began_s": 580}], {}, "not due: the clip ends at 600 s, before the 610 s"),
        ([{"began_s": 540, "inherited": True, "ended_s": 605}], {"seconds": 599}, "not due: it is gone"),
    ],
)
def test_what_is_not_due_is_left_out_without_error(
    judged: Any, make_clip: Any, events: list[dict[str, Any]], clip: dict[str, Any], why: str
) -> None:
    if clip:
        why = "not due: the clip ends at 599 s"
    judgement = judged([], {"events": events}, make_clip("a", **clip))
    assert verdicts(judgement) == []
    assert why in notes(judgement)[0]
    assert not errors(judgement)


def test_a_trouble_due_at_the_very_end_counts(judged: Any) -> None:
    assert verdicts(judged([], {"events": [{"began_s": 570}]})) == [("missed", 600.0)]
    assert verdicts(judged([], {"events": [{"began_s": 100, "ended_s": 130}]})) == [("missed", 130.0)]


def test_an_ignored_span_drops_its_alarms_and_its_time(judged: Any) -> None:
    ignore = [{"from_s": 400, "to_s": 460}, {"from_s": 440, "to_s": 500}, {"from_s": 590, "to_s": 900}]
    judgement = judged([135.0, 399.0, 400.0, 500.0, 501.0], {"events": [TROUBLE], "ignore": ignore})
    assert verdicts(judgement) == [("hit", 135.0), ("false", 399.0), ("false", 501.0)]
    watched = judgement.watched[0]
    assert (watched.seconds, watched.ignored_s, watched.outage_s) == (490.0, 110.0, 0.0)
    assert watched.spans == ((0.0, 400.0), (500.0, 590.0))
    assert len(notes(judgement)) == 2


def test_ignored_time_of_another_scenario_counts(judged: Any) -> None:
    judgement = judged([420.0], {"ignore": [{"from_s": 400, "to_s": 500, "scenario": "fire_smoke"}]})
    assert verdicts(judgement) == [("false", 420.0)]
    assert judgement.watched[0].seconds == 600.0


def test_ignored_time_and_outages_are_taken_off_once(judged: Any, make_clip: Any) -> None:
    clip = make_clip("a", outages=[(90, 110), (100, 120), (580, 600)])
    ignore = [{"from_s": 110, "to_s": 150}, {"from_s": 585, "to_s": 595}]
    watched = judged([], {"ignore": ignore}, clip).watched[0]
    assert (watched.outage_s, watched.ignored_s, watched.seconds) == (50.0, 30.0, 520.0)
    assert watched.seconds + watched.outage_s + watched.ignored_s == watched.length_s == 600.0


@pytest.mark.parametrize(
    ("ignore", "outages", "expected"),
    [
        ((128, 160), (), []),  # all of the allowed window
        ((128, 159), (), [("missed", 130.0)]),
        ((128, 145), ((145, 160),), []),  # ignored time and no picture together
        ((0, 1), ((120, 200),), []),  # due once the picture is back, at 210 s: that is in time still
    ],
)
def test_a_trouble_that_nobody_could_have_raised_in_time_is_left_out(
    judged: Any, make_clip: Any, ignore: tuple[float, float], outages: Any, expected: list[Any]
) -> None:
    span = [{"from_s": ignore[0], "to_s": ignore[1]}]
    judgement = judged([], {"events": [TROUBLE], "ignore": span}, make_clip("a", outages=outages))
    if outages == ((120, 200),):
        expected = [("missed", 210.0)]
    assert verdicts(judgement) == expected
    assert not errors(judgement)


def test_an_alarm_of_a_trouble_that_is_left_out_is_not_false(judged: Any) -> None:
    judgement = judged([170.0, 420.0], {"events": [TROUBLE], "ignore": [{"from_s": 120, "to_s": 165}]})
    assert verdicts(judgement) == [("false", 420.0)]
    assert any("of a trouble that is left out" in note for note in notes(judgement))


def test_a_trouble_whose_alarm_came_in_ignored_time_is_left_out(judged: Any) -> None:
    span = [{"from_s": 130, "to_s": 140}]
    assert verdicts(judged([135.0], {"events": [TROUBLE], "ignore": span})) == []
    assert verdicts(judged([135.0, 150.0], {"events": [TROUBLE], "ignore": span})) == [("hit", 150.0)]
    assert verdicts(judged([], {"events": [TROUBLE], "ignore": span})) == [("missed", 130.0)]


def test_only_what_was_looked_for_is_judged(judged: Any) -> None:
    judgement = judged([135.0, 400.0], {"events": [TROUBLE], "labelled": ["fire_smoke"]})
    assert judgement.scenarios == ()
    assert not judgement.items
    assert not judgement.watched
    assert any(f"|{BAG}|not judged: nobody looked for it" in note for note in notes(judgement))
    assert any("|fire_smoke|not judged" in note and "the run did not have it" in note for note in notes(judgement))


def test_scenarios_that_were_asked_for(
    tmp_path: Path, make_run: Any, make_truth: Any, make_scenario: Any, make_event: Any
) -> None:
    scenarios = [make_scenario(BAG), make_scenario("fire_smoke")]
    run = make_run(tmp_path / "run", scenarios, events={"a": [make_event(50.0, scenario="fire_smoke")]})
    truth = make_truth(tmp_path / "truth.yaml", [{"file": "a.mp4", "labelled": [BAG, "fire_smoke", "snow"]}])
    only = judge(run, truth, scenarios=["fire_smoke"])
    assert (only.scenarios, verdicts(only), only.left_out) == (("fire_smoke",), [("false", 50.0)], ())
    unknown = judge(run, truth, scenarios=["crowd"])
    assert errors(unknown) == [f"|crowd|the run has no scenario 'crowd': it has {BAG}, fire_smoke"]
    assert not unknown.scenarios


def test_a_misspelt_scenario_of_the_truth_is_an_error(tmp_path: Path, make_run: Any, make_truth: Any) -> None:
    labelled = [BAG, "left_objct", "fire_smoke"]
    truth = make_truth(tmp_path / "truth.yaml", [{"file": "a.mp4", "labelled": labelled}])
    run = make_run(tmp_path / "run")
    judgement = judge(run, truth)
    assert judgement.scenarios == (BAG,)
    assert len(errors(judgement)) == 1
    assert "names an unknown scenario 'left_objct': did you mean 'left_object'?" in errors(judgement)[0]
    assert [note.split("|")[1] for note in notes(judgement)] == ["fire_smoke"]
    assert not errors(judge(run, truth, known=["left_objct"]))


@pytest.mark.parametrize(
    ("clip", "truth", "message"),
    [
        ({"sha256": "0" * 64}, {}, "is another file than"),
        ({"seconds": 620}, {"duration_s": 600}, "it is 620 s long, but the truth was made for a clip of 600 s"),
        ({"seconds": 9}, {"duration_s": 10.1}, "it is 9 s long"),
        ({"unfinished": True}, {}, "the run has not finished this clip"),
        ({"samples": 0, "seconds": 0, "error": "no picture in it"}, {}, "nothing of it was analysed: no picture in it"),
    ],
)
def test_a_clip_that_cannot_be_judged_is_named_and_the_others_are_judged(
    tmp_path: Path,
    make_run: Any,
    make_truth: Any,
    make_clip: Any,
    make_event: Any,
    clip: dict[str, Any],
    truth: dict[str, Any],
    message: str,
) -> None:
    clips = [make_clip("bad", **clip), make_clip("good")]
    run = make_run(tmp_path / "run", clips=clips, events={"bad": [make_event(135.0)], "good": [make_event(135.0)]})
    known = [
        {"file": f"{name}.mp4", "events": [TROUBLE], **(truth if name == "bad" else {})} for name in ("bad", "good")
    ]
    judgement = judge(run, make_truth(tmp_path / "truth.yaml", known))
    assert [(item.clip, item.verdict) for item in judgement.items] == [("good", Verdict.HIT)]
    assert [item.clip for item in judgement.watched] == ["good"]
    assert len(errors(judgement)) == 1
    assert errors(judgement)[0].startswith("bad||")
    assert message in errors(judgement)[0]


@pytest.mark.parametrize(("length", "stated"), [(600, 611), (600, 589), (10, 10.9), (10, 9.1), (600, None)])
def test_a_small_difference_of_length_is_none(judged: Any, make_clip: Any, length: float, stated: float | None) -> None:
    assert not errors(judged([], {"duration_s": stated}, make_clip("a", seconds=length)))


def test_a_clip_missing_in_the_run_and_one_missing_in_the_truth(
    tmp_path: Path, make_run: Any, make_truth: Any, make_clip: Any
) -> None:
    run = make_run(tmp_path / "run", clips=[make_clip("a"), make_clip("b")])
    judgement = judge(run, make_truth(tmp_path / "truth.yaml", [{"file": "a.mp4"}, {"file": "c.mp4"}]))
    assert [item.clip for item in judgement.watched] == ["a"]
    assert [error.split("|")[0] for error in errors(judgement)] == ["c.mp4"]
    assert "the run" in errors(judgement)[0]
    assert "has no such clip" in errors(judgement)[0]
    assert [note.split("|")[0] for note in notes(judgement)] == ["b"]
    assert "says nothing of /videos/b.mp4" in notes(judgement)[0]


def test_mistakes_of_the_truth_are_errors_and_name_the_line(
    tmp_path: Path, make_run: Any, make_truth: Any, make_clip: Any
) -> None:
    run = make_run(tmp_path / "run", clips=[make_clip("a"), make_clip("b")])
    mistake = Mistake("truth.yaml:7", "b.mp4", "events.0: ends before it begins: began_s 5, ended_s 2")
    judgement = judge(run, make_truth(tmp_path / "truth.yaml", [{"file": "a.mp4"}], mistakes=[mistake]))
    assert errors(judgement) == ["b.mp4||truth.yaml:7: events.0: ends before it begins: began_s 5, ended_s 2"]
    assert [item.clip for item in judgement.watched] == ["a"]
    assert not notes(judgement)


@pytest.mark.parametrize("stated", [None, 600.0])
def test_a_clip_that_was_cut_off_is_judged_on_what_there_is(judged: Any, make_clip: Any, stated: float | None) -> None:
    """Cut off at 200 s of 600: told as an outage by the run, or known from the truth alone."""
    outages = [(200.0, 600.0)] if stated is None else []
    clip = make_clip("a", seconds=200.0, outages=outages, error="cut off: 400 s of its length cannot be read")
    events = [TROUBLE, {"began_s": 180.0, "ended_s": 400.0}, {"began_s": 450.0}]
    judgement = judged([135.0, 50.0], {"events": events, "duration_s": stated}, clip)
    assert verdicts(judgement) == [("false", 50.0), ("hit", 135.0)]
    watched = judgement.watched[0]
    assert (watched.seconds, watched.outage_s, watched.length_s) == (200.0, 400.0, 600.0)
    assert errors(judgement) == [
        "a||judged up to 200 s, the rest counts as outage: cut off: 400 s of its length cannot be read"
    ]


@pytest.mark.parametrize(
    ("clips", "truths", "expected"),
    [
        # the sha256 tells, whatever the names
        ([("x", {"sha256": "1" * 64})], [("moved/y.mp4", {"sha256": "1" * 64})], ["x"]),
        # the same bytes seen by two cameras: each camera its own truth
        (
            [("x", {"sha256": "1" * 64, "camera": "c2"}), ("y", {"sha256": "1" * 64, "camera": "c1"})],
            [("a.mp4", {"sha256": "1" * 64, "camera": "c1"}), ("b.mp4", {"sha256": "1" * 64, "camera": "c2"})],
            ["x", "y"],
        ),
        # without a sha256 the name and the camera
        (
            [("x", {"path": "/v/1/d.mp4", "camera": "c1"}), ("y", {"path": "/v/2/d.mp4", "camera": "c2"})],
            [("d.mp4", {"sha256": None, "camera": "c2"})],
            ["y"],
        ),
        # a run made without the truth does not know cameras: the path, else a name that stands once
        (
            [("x", {"path": "/v/1/d.mp4"}), ("y", {"path": "/v/2/d.mp4"})],
            [("2/d.mp4", {"sha256": None, "camera": "c2"})],
            ["y"],
        ),
        ([("x", {"path": "/v/d.mp4"})], [("d.mp4", {"sha256": None, "camera": "c"})], ["x"]),
        # two of one name and nothing to tell them apart: none of them
        (
            [("x", {"path": "/v/1/d.mp4"}), ("y", {"path": "/v/2/d.mp4"})],
            [("d.mp4", {"sha256": None, "camera": "c"})],
            [],
        ),
    ],
)
def test_which_clip_is_which(
    tmp_path: Path,
    make_run: Any,
    make_truth: Any,
    make_clip: Any,
    clips: list[tuple[str, dict[str, Any]]],
    truths: list[tuple[str, dict[str, Any]]],
    expected: list[str],
) -> None:
    run = make_run(tmp_path / "run", clips=[make_clip(name, **own) for name, own in clips])
    truth = make_truth(tmp_path / "truth.yaml", [{"file": file, **own} for file, own in truths])
    judgement = judge(run, truth)
    assert [item.clip for item in judgement.watched] == expected
    assert [item.camera for item in judgement.watched] == sorted(
        (clip.camera for clip in truth.clips if expected), reverse=expected == ["x", "y"]
    )


def test_light_and_camera_of_the_truth_win(judged: Any, make_clip: Any) -> None:
    judgement = judged(
        [135.0], {"light": "night", "camera": "gate-1", "events": [TROUBLE]}, make_clip("a", light="day")
    )
    assert (judgement.items[0].light, judgement.items[0].camera) == ("night", "gate-1")
    judgement = judged([135.0], {"events": [TROUBLE]}, make_clip("a", light="day"))
    assert judgement.watched[0].light == "day"


def test_a_broken_result_is_an_error_with_a_remedy(tmp_path: Path, make_run: Any, make_truth: Any) -> None:
    run = make_run(tmp_path / "run")
    (run.clip_folder("a") / RESULT).write_text("{", encoding="utf-8")
    with pytest.raises(ConfigError, match="broken"):
        judge(run, make_truth(tmp_path / "truth.yaml", [{"file": "a.mp4"}]))


times = st.integers(1, 1150).map(lambda n: n / 2)
spans = st.tuples(times, st.integers(1, 200)).map(lambda row: (row[0], min(row[0] + row[1], 600.0)))


@settings(max_examples=80, deadline=None)
@given(alarms=st.lists(times, max_size=8), ignored=st.lists(spans, max_size=3))
def test_ignoring_a_span_removes_exactly_its_alarms_and_hours(
    tmp_path_factory: Any,
    make_run: Any,
    make_truth: Any,
    make_event: Any,
    make_clip: Any,
    alarms: list[float],
    ignored: Any,
) -> None:
    """On a clip with a trouble far away from every ignored span: its verdicts stay, alarms and time go."""
    folder = tmp_path_factory.mktemp("ignore")
    events = [*(make_event(t) for t in alarms), make_event(705.0, 760.0)]
    trouble = {"began_s": 670.0, "ended_s": 760.0}  # due at 700 s
    clip = {"file": "a.mp4", "events": [trouble], "duration_s": 800.0}
    run = make_run(folder / "run", clips=[make_clip("a", seconds=800.0)], events={"a": events})
    before = judge(run, make_truth(folder / "before.yaml", [clip]))
    ignore = [{"from_s": begin, "to_s": end} for begin, end in ignored]
    after = judge(run, make_truth(folder / "after.yaml", [{**clip, "ignore": ignore}]))
    gone = [t for t in alarms if any(begin <= t <= end for begin, end in ignored)]
    kept = [item for item in before.items if item.alarm is None or item.alarm.raised_s not in gone]
    assert list(after.items) == kept
    assert len(before.items) - len(after.items) == len(gone)
    covered = sum(any(begin <= half / 2 < end for begin, end in ignored) for half in range(1600)) / 2
    assert after.watched[0].ignored_s == pytest.approx(covered)
    assert after.watched[0].seconds == pytest.approx(before.watched[0].seconds - covered)


SQUARE = [[0, 0], [0.4, 0], [0.4, 1]]
AREA = {"name": "pavement", "kind": "public", "polygon": SQUARE, "square_metres": 20}
PLAIN = {"name": "yard", "kind": "public", "polygon": SQUARE}
MASK = {"name": "tree", "kind": "mask", "polygon": SQUARE}
ROAD = {"name": "lane", "kind": "road", "polygon": SQUARE}


@pytest.mark.parametrize(
    ("density_dwell_s", "zones", "zone", "due"),
    [
        (0.0, [AREA], "pavement", 10),
        (0.0, [AREA], None, 10),
        (0.0, [AREA, MASK, ROAD], None, 10),  # what the scenario does not watch raises nothing
        (0.0, [PLAIN], "yard", 40),
        (0.0, [AREA, PLAIN], "yard", 40),
        (0.0, [AREA, PLAIN], "pavement", 10),
        (0.0, [AREA, PLAIN], None, 10),  # either may raise it: the earliest counts
        (50.0, [AREA, PLAIN], None, 40),
        (50.0, [AREA], None, 60),
        (50.0, [], None, 40),  # the whole picture has no square metres
        (50.0, [], "pavement", 40),
        (None, [AREA], "pavement", 40),
    ],
)
def test_density_has_a_dwell_of_its_own_where_square_metres_are_known(
    make_scenario: Any, density_dwell_s: float | None, zones: list[Any], zone: str | None, due: float
) -> None:
    scenario = make_scenario(density_dwell_s=density_dwell_s, manifest={"zones": {"kinds": ["public"]}})
    truth = TruthEvent(scenario=BAG, zone=zone, began_s=10)
    assert due_moment(truth, scenario, (), [ZoneSettings.model_validate(item) for item in zones]) == due


def test_a_dense_crowd_is_due_at_once_in_a_run(judged: Any, make_clip: Any, make_scenario: Any) -> None:
    """The shipped crowd gathering: 2 persons a square metre need no dwell, a count does."""
    manifest = Registry.open(None).get("crowd_gathering").manifest
    planned = PlannedScenario(manifest).as_run()
    assert planned.density_dwell_s == 0.0
    assert planned.dwell_s > 0
    scenario = make_scenario(dwell_s=60.0, density_dwell_s=planned.density_dwell_s)
    clip = make_clip("a", zones=[AREA])
    judgement = judged([102.0], {"events": [TROUBLE]}, clip, scenarios=[scenario])
    assert verdicts(judgement) == [("hit", 102.0)]
    assert judgement.items[0].due_s == 100.0


# Clips made here begin at 12:00 in the city, on a Monday: 12:02 is second 120, 12:05 is 300.
def on_duty(*spans: tuple[str, str], days: str = "daily") -> dict[str, Any]:
    return {"schedule": [{"days": days, "from": begin, "to": end} for begin, end in spans]}


@pytest.mark.parametrize(
    ("schedule", "alarms", "expected", "watched_s"),
    [
        (None, [], [("missed", 130.0)], 600),
        (on_duty(("08:00", "20:00")), [], [("missed", 130.0)], 600),
        (on_duty(("12:00", "12:04")), [], [("missed", 130.0)], 240),
        (on_duty(("12:00", "12:02"), ("12:03", "13:00")), [195.0], [("hit", 195.0)], 540),  # 20 s, a minute off, 10 s
        (on_duty(("12:00", "12:02"), ("12:04", "13:00")), [], [("missed", 250.0)], 480),
        (on_duty(("12:00", "12:02"), ("12:06", "13:00")), [], [], 360),  # gone at 300 s before it could be due
        (on_duty(("12:00", "12:01")), [], [], 60),
        (on_duty(("20:00", "08:00")), [], [], 0),  # nobody looked at noon
        (on_duty(("08:00", "20:00"), days="sun"), [], [], 0),
    ],
)
def test_time_off_duty_is_taken_off_like_outage(
    judged: Any, make_scenario: Any, schedule: Any, alarms: list[float], expected: list[Any], watched_s: float
) -> None:
    scenario = make_scenario(manifest=schedule or {})
    judgement = judged(alarms, {"events": [TROUBLE]}, scenarios=[scenario])
    assert verdicts(judgement) == expected
    watched = judgement.watched[0]
    assert (watched.seconds, watched.off_duty_s, watched.outage_s) == (watched_s, 600 - watched_s, 0)
    assert bool(expected) != any("left out" in note for note in notes(judgement))
    assert not errors(judgement)


def test_a_window_off_duty_is_left_out(judged: Any, make_scenario: Any) -> None:
    """Due at 119 s and 2 s of duty after the start of the window ignored: nobody could have raised it in time."""
    scenario = make_scenario(manifest=on_duty(("12:00", "12:02"), ("12:05", "13:00")))
    event = {"began_s": 89.0, "ended_s": 500.0}
    ignore = [{"from_s": 117, "to_s": 120}]
    judgement = judged([], {"events": [event], "ignore": ignore}, scenarios=[scenario])
    assert verdicts(judgement) == []
    assert "off duty" in notes(judgement)[0]


def test_no_second_is_taken_off_twice(judged: Any, make_clip: Any, make_scenario: Any) -> None:
    scenario = make_scenario(manifest=on_duty(("12:02", "12:05")))
    ignore = [{"from_s": 100, "to_s": 140}, {"from_s": 280, "to_s": 320}]
    clip = make_clip("a", outages=[(110, 130)])
    watched = judged([], {"ignore": ignore}, clip, scenarios=[scenario]).watched[0]
    assert (watched.outage_s, watched.off_duty_s, watched.ignored_s) == (20.0, 410.0, 30.0)
    assert watched.seconds == 140.0
    assert watched.spans == ((140.0, 280.0),)


@pytest.mark.parametrize("second", [180.0, 290.0])
def test_a_second_later_alarm_does_not_make_late_what_was_raised_in_ignored_time(judged: Any, second: float) -> None:
    span = [{"from_s": 130, "to_s": 140}]
    judgement = judged([135.0, second], {"events": [TROUBLE], "ignore": span})
    assert verdicts(judgement) == []
    assert any("its alarm lies in a span" in note for note in notes(judgement))
    assert any(f"the alarm at {second:g} s is of a trouble that is left out" in note for note in notes(judgement))


def test_what_the_replay_noted_reaches_the_reader(judged: Any, make_clip: Any) -> None:
    note = "vehicle_detection gave nothing at 3600 samples"
    judgement = judged([135.0], {"events": [TROUBLE]}, make_clip("a", notes=(note,)))
    assert verdicts(judgement) == [("hit", 135.0)]
    assert notes(judgement) == [f"a||{note}"]
    assert not errors(judgement)
