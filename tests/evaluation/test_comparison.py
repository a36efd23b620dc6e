"""Two runs over the same clips: what is paired, what is won and lost, and when a difference is said to be proven."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from brain.cli.evaluate.compare import command
from brain.core.errors import ConfigError
from brain.core.types import Severity
from brain.evaluation.comparison import compare, decide
from brain.evaluation.comparison_figures import Change, Comparison, Outcome
from brain.evaluation.comparison_pairs import RunSide, pair_clips_of_runs, same_alarms
from brain.evaluation.figures import Interval
from brain.evaluation.judgement import Judged, Judgement, LeftOut, Verdict, Watched
from brain.evaluation.judging import judge
from brain.evaluation.measures import counts
from brain.evaluation.run_difference import run_differences
from brain.evaluation.statistics import PairedDifference, holm
from brain.evaluation.truth import TruthEvent, TruthSet
from brain.replay.run import Run, RunClip, RunEvent, RunHeader, RunScenario, RunWeights

SCENARIO = "left_object"
LENGTH_S = 1000.0
DRAWS = 40
HIT, LATE, MISSED, FALSE, DUPLICATE = Verdict
Make = Callable[..., Any]


# ---- judgements made by hand -------------------------------------------------------------------------------------


def scenario(name: str = SCENARIO, **changes: Any) -> RunScenario:
    values = {
        "id": name,
        "zh": "遗留物",
        "en": "Left object",
        "dwell_s": 30.0,
        "inherited_dwell_s": 60.0,
        "window_s": 30.0,
        "every_s": 2.0,
        "role": "alerting",
        "manifest": {},
    }
    return RunScenario.model_validate({**values, **changes})


def clip(name: str, **changes: Any) -> RunClip:
    values = {"path": f"/v/{name}.mp4", "sha256": f"{name:0>64}", "camera": name, "site": name}
    return RunClip(id=name, start=datetime(2026, 6, 1, tzinfo=UTC), **{**values, **changes})


def header(clips: Sequence[RunClip], scenarios: Sequence[RunScenario] = (), **changes: Any) -> RunHeader:
    values = {"product": "0.1.0", "profile": "normal", "runtime": "onnxruntime", **changes}
    return RunHeader(scenarios=tuple(scenarios or [scenario()]), clips=tuple(clips), **values)


def alarm(began_s: float, ended_s: float | None, zone: str = "pavement", name: str = SCENARIO) -> RunEvent:
    raised_s = began_s + 5
    return RunEvent(
        scenario=name,
        zone=zone,
        began_s=began_s,
        raised_s=raised_s,
        ended_s=ended_s,
        severity=Severity.LOW,
        measure=1.0,
        score=0.5,
    )


@dataclass(frozen=True)
class ClipCase:
    """On one clip: for each trouble what either run made of it, and the false alarms and duplicates of either."""

    troubles: tuple[tuple[Verdict, Verdict], ...] = ()
    false_a: tuple[tuple[float, float | None, str], ...] = ()
    false_b: tuple[tuple[float, float | None, str], ...] = ()
    duplicates: tuple[int, int] = (0, 0)
    seconds: tuple[float, float] = (LENGTH_S, LENGTH_S)

    def items(self, name: str, side: int, scenario_id: str) -> list[Judged]:
        found = []
        for number, verdicts in enumerate(self.troubles):
            truth = TruthEvent(scenario=scenario_id, began_s=100.0 * number, ended_s=100.0 * number + 90)
            due_s = truth.began_s + 30
            raised = None if verdicts[side] is MISSED else alarm(due_s, due_s + 50, name=scenario_id)
            found.append(Judged(verdicts[side], scenario_id, name, name, "day", truth, due_s, raised))
            for _ in range(self.duplicates[side] if number == 0 and raised is not None else 0):
                again = alarm(due_s + 20, due_s + 50, name=scenario_id)
                found.append(Judged(DUPLICATE, scenario_id, name, name, "day", truth, due_s, again))
        for began_s, ended_s, zone in (self.false_a, self.false_b)[side]:
            raised = alarm(began_s, ended_s, zone, scenario_id)
            found.append(Judged(FALSE, scenario_id, name, name, "day", alarm=raised))
        return found


def sides(cases: Mapping[str, ClipCase] | Sequence[ClipCase], scenarios: Sequence[str] = (SCENARIO,)) -> list[RunSide]:
    """Both runs of some clips; every scenario saw the same."""
    named = cases if isinstance(cases, Mapping) else {f"c{number}": case for number, case in enumerate(cases)}
    head = header([clip(name) for name in named], [scenario(name) for name in scenarios])
    found = []
    for side in (0, 1):
        items = [item for s in scenarios for name, case in named.items() for item in case.items(name, side, s)]
        watched = [
            Watched(s, name, name, "day", case.seconds[side], 0, 0, 1.0, ((0, case.seconds[side]),), LENGTH_S)
            for s in scenarios
            for name, case in named.items()
        ]
        found.append(RunSide(head, "ab"[side] * 64, Judgement(tuple(scenarios), tuple(items), tuple(watched), ())))
    return found


def one(cases: Mapping[str, ClipCase] | Sequence[ClipCase], draws: int = 2000) -> Any:
    a, b = sides(cases)
    return compare(a, b, "truth.yaml", draws=draws).scenarios[SCENARIO]


verdicts = st.sampled_from([HIT, LATE, MISSED])
alarms = st.lists(
    st.tuples(st.integers(0, 80), st.integers(0, 40) | st.none(), st.sampled_from(["a", "b"])).map(
        lambda t: (float(t[0]), None if t[1] is None else float(t[0] + t[1]), t[2])
    ),
    max_size=4,
).map(tuple)
clip_cases = st.builds(
    ClipCase,
    troubles=st.lists(st.tuples(verdicts, verdicts), max_size=3).map(tuple),
    false_a=alarms,
    false_b=alarms,
    duplicates=st.tuples(st.integers(0, 2), st.integers(0, 2)),
    seconds=st.tuples(st.floats(100, LENGTH_S), st.floats(100, LENGTH_S)),
)
worlds = st.lists(clip_cases, min_size=1, max_size=13)


# ---- what must always hold ---------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(worlds)
def test_with_itself_nothing_is_won_or_lost(cases: list[ClipCase]) -> None:
    a, _ = sides(cases)
    found = compare(a, a, "truth.yaml", draws=DRAWS).scenarios[SCENARIO]
    assert (found.won, found.lost, found.false_gone, found.false_new) == ((), (), (), ())
    assert found.mcnemar_p == 1
    assert found.rate_p > 0.5 or not found.a.false
    assert found.outcome in (Outcome.UNPROVEN, Outcome.FEW)
    for item in found.difference.values():
        assert item.value in (0, None)
        assert item.interval in (None, Interval(low=0, high=0))


def _turned(change: Change) -> Change:
    return change.model_copy(update={"a": change.b, "b": change.a, "clip": change.clip_b, "clip_b": change.clip})


@settings(max_examples=25, deadline=None)
@given(worlds)
def test_swapping_the_runs_swaps_everything(cases: list[ClipCase]) -> None:
    a, b = sides(cases)
    there = compare(a, b, "truth.yaml", draws=DRAWS).scenarios[SCENARIO]
    back = compare(b, a, "truth.yaml", draws=DRAWS).scenarios[SCENARIO]
    for ours, theirs in (("won", "lost"), ("lost", "won"), ("false_gone", "false_new"), ("false_new", "false_gone")):
        expected = [_turned(change) for change in getattr(back, theirs)]
        key = str
        assert sorted(getattr(there, ours), key=key) == sorted(expected, key=key)
    assert (there.a, there.b) == (back.b, back.a)
    assert there.mcnemar_p == pytest.approx(back.mcnemar_p)
    assert there.rate_p == pytest.approx(back.rate_p)
    opposite = {Outcome.BETTER: Outcome.WORSE, Outcome.WORSE: Outcome.BETTER}
    assert back.outcome == opposite.get(there.outcome, there.outcome)
    for name, item in there.difference.items():
        other = back.difference[name]
        assert item.value == (None if other.value is None else pytest.approx(-other.value))
        if item.interval is not None:
            assert other.interval is not None
            assert item.interval.low == pytest.approx(-other.interval.high)


@settings(max_examples=25, deadline=None)
@given(worlds)
def test_the_books_balance(cases: list[ClipCase]) -> None:
    """Changes are all that lies between the counts of both runs, and these are those of the figures' own command."""
    a, b = sides(cases)
    found = compare(a, b, "truth.yaml", draws=DRAWS).scenarios[SCENARIO]
    assert len(found.won) - len(found.lost) == found.b.hits - found.a.hits
    assert len(found.false_new) - len(found.false_gone) == found.b.false - found.a.false
    for side, ours in ((a, found.a), (b, found.b)):
        theirs = counts(side.judgement.items, side.judgement.watched)
        assert ours.model_copy(update={"f1": theirs.f1}) == theirs
        if theirs.f1 is not None:
            assert ours.f1 == pytest.approx(theirs.f1)


@settings(max_examples=25, deadline=None)
@given(worlds, st.randoms(use_true_random=False))
def test_the_order_of_clips_does_not_matter(cases: list[ClipCase], random: Any) -> None:
    named = {f"c{number}": case for number, case in enumerate(cases)}
    shuffled = list(named.items())
    random.shuffle(shuffled)
    first = one(named, draws=DRAWS)
    second = one(dict(shuffled), draws=DRAWS)
    for kind in ("won", "lost", "false_gone", "false_new"):
        assert sorted(map(str, getattr(first, kind))) == sorted(map(str, getattr(second, kind)))
    assert first.difference == second.difference
    assert first.outcome == second.outcome


@given(alarms, alarms)
def test_same_alarms_is_one_to_one(ones: Any, others: Any) -> None:
    left = ClipCase(false_a=ones).items("c", 0, SCENARIO)
    right = ClipCase(false_b=others).items("c", 1, SCENARIO)
    kept_left, kept_right = same_alarms(left, right, LENGTH_S, LENGTH_S)
    assert len(kept_left) == len(kept_right)
    back_right, back_left = same_alarms(right, left, LENGTH_S, LENGTH_S)
    assert (len(back_left), len(back_right)) == (len(kept_left), len(kept_right))
    # What is left over on both sides shares no time in the same zone.
    for i, mine in enumerate(left):
        for j, other in enumerate(right):
            if i not in kept_left and j not in kept_right:
                assert not same_alarms([mine], [other], LENGTH_S, LENGTH_S)[0]


# ---- tables ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ones", "others", "kept"),
    [
        ([(0.0, 10.0, "a")], [(5.0, 20.0, "a")], 1),
        ([(0.0, 10.0, "a")], [(5.0, 20.0, "b")], 0),  # another zone
        ([(0.0, 10.0, "a")], [(10.0, 20.0, "a")], 0),  # one after the other
        ([(0.0, 10.0, "a")], [(0.0, 4.0, "a"), (6.0, 10.0, "a")], 1),  # split in two: one of them is new
        ([(0.0, None, "a")], [(900.0, 950.0, "a")], 1),  # without an end it lasts to that of the clip
        ([(0.0, 20.0, "a"), (30.0, 50.0, "a")], [(0.0, 20.0, "a"), (30.0, 50.0, "a")], 2),
    ],
)
def test_same_alarms_table(ones: Any, others: Any, kept: int) -> None:
    left = ClipCase(false_a=tuple(ones)).items("c", 0, SCENARIO)
    right = ClipCase(false_b=tuple(others)).items("c", 1, SCENARIO)
    assert len(same_alarms(left, right, LENGTH_S, LENGTH_S)[0]) == kept


def test_each_change_is_named() -> None:
    found = one(
        {
            "gate": ClipCase(troubles=((MISSED, HIT), (HIT, LATE), (LATE, HIT), (HIT, HIT), (LATE, MISSED))),
            "yard": ClipCase(false_a=((10.0, 50.0, "z"),), false_b=((40.0, 60.0, "z"), (200.0, None, "z"))),
        }
    )
    assert [(c.clip, c.began_s, c.a, c.b, c.raised_s) for c in found.won] == [
        ("gate", 0.0, MISSED, HIT, 35.0),
        ("gate", 200.0, LATE, HIT, 235.0),
    ]
    assert [(c.clip, c.began_s, c.a, c.b, c.raised_s) for c in found.lost] == [("gate", 100.0, HIT, LATE, 135.0)]
    assert found.false_gone == ()
    assert [(c.clip, c.zone, c.began_s, c.ended_s, c.a, c.b) for c in found.false_new] == [
        ("yard", "z", 200.0, None, None, FALSE)
    ]
    assert found.difference["recall"].value == pytest.approx(1 / 5)
    assert found.outcome is Outcome.FEW
    assert "an interval takes 10" in found.why


def test_a_clear_gain_over_enough_cameras_is_better() -> None:
    found = one([ClipCase(troubles=((MISSED, HIT),) if n < 8 else ((HIT, HIT),)) for n in range(12)])
    assert found.outcome is Outcome.BETTER
    assert found.difference["f1"].interval.low > 0
    assert found.mcnemar_p == pytest.approx(2 / 2**8)
    assert found.b.f1 == 1


def test_a_run_that_raises_nothing_is_worse_not_undefined() -> None:
    found = one([ClipCase(troubles=((HIT, MISSED),))] * 12)
    assert (found.a.f1, found.b.f1) == (1, 0)
    assert found.difference["precision"].value is None
    assert found.outcome is Outcome.WORSE


def test_one_won_trouble_is_no_proof() -> None:
    found = one([ClipCase(troubles=((MISSED, HIT) if n == 0 else (HIT, HIT),)) for n in range(12)])
    assert found.difference["f1"].value > 0
    assert found.outcome is Outcome.UNPROVEN
    assert found.difference["f1"].interval.low <= 0


def test_empty_cameras_do_not_make_up_the_number() -> None:
    """Where nothing was there and nothing was raised a camera says nothing about F1, however many of them there are."""
    found = one([ClipCase(troubles=((MISSED, HIT),))] * 4 + [ClipCase()] * 20)
    assert found.cameras == 24
    assert found.difference["f1"].cameras == 4
    assert found.outcome is Outcome.FEW
    assert "on 4 cameras with a trouble or an alarm" in found.why


def test_without_troubles_false_alarms_decide() -> None:
    quieter = [ClipCase(false_a=((10.0, 20.0, "z"),), false_b=() if n % 4 else ((10.0, 20.0, "z"),)) for n in range(16)]
    found = one(quieter)
    assert found.headline == "false_per_camera_hour"
    assert found.outcome is Outcome.BETTER
    assert len(found.false_gone) == 12
    assert found.difference["false_per_camera_hour"].value == pytest.approx(-0.75 * 3.6)
    assert found.rate_p < 0.05


def test_many_scenarios_ask_for_more_proof() -> None:
    """What stands alone may be chance among many: Holm multiplies its p, and the verdict follows."""
    cases = [ClipCase(troubles=((MISSED, HIT),) if n < 5 else ((HIT, HIT),)) for n in range(12)]
    alone = compare(*sides(cases), "t").scenarios[SCENARIO]
    assert alone.outcome is Outcome.BETTER
    p = alone.difference["f1"].p
    assert p is not None
    number = int(0.05 / p) + 2
    quiet = [ClipCase(troubles=((HIT, HIT),))] * 12
    a, b = sides(cases)
    names = [f"s{index}" for index in range(number - 1)]
    more_a, more_b = sides(quiet, names)
    joined = [
        replace(
            side,
            header=header(side.header.clips, [scenario(), *map(scenario, names)]),
            judgement=Judgement(
                (SCENARIO, *names),
                side.judgement.items + more.judgement.items,
                side.judgement.watched + more.judgement.watched,
                (),
            ),
        )
        for side, more in ((a, more_a), (b, more_b))
    ]
    among = compare(joined[0], joined[1], "t").scenarios[SCENARIO]
    assert among.difference["f1"].interval == alone.difference["f1"].interval
    assert among.difference["f1"].p_holm == pytest.approx(p * number)
    assert among.outcome is Outcome.UNPROVEN
    assert "after Holm" in among.why


@pytest.mark.parametrize(
    ("cameras", "interval", "p_holm", "lower_is_better", "outcome"),
    [
        (9, (0.1, 0.2), 0.001, False, Outcome.FEW),
        (10, None, None, False, Outcome.FEW),
        (10, (0.1, 0.2), 0.001, False, Outcome.BETTER),
        (10, (-0.2, -0.1), 0.001, False, Outcome.WORSE),
        (10, (0.1, 0.2), 0.001, True, Outcome.WORSE),
        (10, (-0.2, -0.1), 0.001, True, Outcome.BETTER),
        (10, (0.0, 0.2), 0.04, False, Outcome.UNPROVEN),
        (10, (-0.2, 0.0), 0.04, False, Outcome.UNPROVEN),
        (10, (0.0, 0.0), 1.0, False, Outcome.UNPROVEN),
        (10, (0.1, 0.2), 0.06, False, Outcome.UNPROVEN),
    ],
)
def test_decide(cameras: int, interval: Any, p_holm: float | None, lower_is_better: bool, outcome: Outcome) -> None:
    found = None if interval is None else PairedDifference(Interval(low=interval[0], high=interval[1]), 0.001)
    assert decide(cameras, found, p_holm, lower_is_better=lower_is_better) is outcome


@given(st.integers(0, 40), st.floats(-1, 1), st.floats(0, 1), st.floats(0, 1), st.booleans())
def test_better_only_if_the_interval_excludes_0(cameras: int, low: float, width: float, p: float, down: bool) -> None:
    found = decide(cameras, PairedDifference(Interval(low=low, high=low + width), p), p, lower_is_better=down)
    if found in (Outcome.BETTER, Outcome.WORSE):
        assert cameras >= 10
        assert low > 0 or low + width < 0
        assert (found is Outcome.BETTER) == ((low > 0) != down)


# ---- which clip is which, and what differs -----------------------------------------------------------------------


def test_clips_are_paired_by_their_bytes() -> None:
    a = header([clip("x"), clip("only-a"), clip("gone", sha256=""), clip("twin-1", sha256="f" * 64, camera="north")])
    b = header(
        [
            clip("only-b"),
            clip("south", sha256="f" * 64, camera="south"),
            clip("renamed", sha256=clip("x").sha256),
            clip("north", sha256="f" * 64, camera="north"),
        ]
    )
    pairs, left_out = pair_clips_of_runs(a, b)
    assert pairs == (("x", "renamed"), ("twin-1", "north"))
    assert [item.clip for item in left_out] == ["only-a", "gone", "only-b", "south"]
    assert "could not read" in left_out[1].why
    assert all("only the" in item.why for item in left_out if item.clip != "gone")


def test_another_dwell_is_refused_and_named() -> None:
    a, b = sides([ClipCase(troubles=((MISSED, HIT),))] * 12, [SCENARIO, "fire"])
    changed = [scenario(dwell_s=20.0, manifest={"rule": {"stationary": {"for": 20}}}), scenario("fire")]
    b = replace(b, header=header(b.header.clips, changed))
    found = compare(a, b, "t")
    assert found.scenarios[SCENARIO].outcome is Outcome.NOT_COMPARABLE
    assert found.scenarios[SCENARIO].not_comparable == ("left_object: dwell_s: 30.0 → 20.0",)
    assert found.scenarios["fire"].outcome is Outcome.BETTER
    # It claims nothing, so it does not make the other's proof harder.
    fire = found.scenarios["fire"].difference["f1"]
    assert fire.p_holm == fire.p


def test_differences_are_named() -> None:
    zone = {"name": "z", "kind": "public", "polygon": [[0, 0], [1, 0], [1, 1]]}
    other = {**zone, "polygon": [[0, 0], [1, 0], [1, 0.5]]}
    a = header(
        [clip("x", zones=[zone])],
        [scenario(manifest={"rule": {"s": {"for": 30, "zones": ["a", "b"]}}, "steps": [{"n": 1}]}), scenario("fire")],
        weights=(RunWeights(algorithm="vehicles", id="yolo-n", sha256="a" * 64),),
    )
    b = header(
        [clip("y", sha256=clip("x").sha256, zones=[other])],
        [scenario(every_s=1.0, code="c" * 64, manifest={"rule": {"s": {"for": 30, "zones": ["a"]}}, "steps": []})],
        product="0.2.0",
        weights=(RunWeights(algorithm="vehicles", id="yolo-s", sha256="b" * 64),),
    )
    found = [(item.where, item.key, item.moves_due) for item in run_differences(a, b, [("x", "y")])]
    assert found == [
        ("", "product", False),
        ("", "weights.vehicles", False),
        (SCENARIO, "every_s", False),
        (SCENARIO, "code", False),
        (SCENARIO, "rule.s.zones", False),
        (SCENARIO, "steps.0.n", False),
        (SCENARIO, "steps", False),
        ("clip x", "camera", False),
        ("clip x", "zones.z", False),
    ]
    assert run_differences(a, a, [("x", "x")]) == ()
    texts = [str(item) for item in run_differences(a, b, [("x", "y")])]
    assert "product: 0.1.0 → 0.2.0" in texts
    assert "left_object: steps.0.n: 1 → –" in texts
    assert 'left_object: code: "" → ' + "c" * 59 + "…" in texts


def test_what_is_judged_in_one_run_only_is_named() -> None:
    a, b = sides({"x": ClipCase(troubles=((HIT, HIT), (HIT, HIT))), "y": ClipCase()}, [SCENARIO, "fire"])
    items = tuple(item for item in b.judgement.items if item.truth is None or item.truth.began_s == 0)
    watched = tuple(item for item in b.judgement.watched if item.clip == "x")
    left_out = (
        LeftOut("y", "", "the run has not finished this clip", is_error=True),
        LeftOut("z", "", "not judged: the truth says nothing of it"),
    )
    b = replace(b, judgement=Judgement((SCENARIO,), items, watched, left_out))
    found = compare(a, b, "t")
    assert list(found.scenarios) == [SCENARIO]
    own = found.scenarios[SCENARIO]
    assert (own.clips, own.a.truth, own.b.truth, own.a.hits) == (1, 1, 1, 1)
    assert found.errors == ("second run: y: the run has not finished this clip",)
    assert [line.split(":")[0] for line in found.left_out] == ["x, left_object", "y, left_object", "z", "fire"]
    assert "due in the first run only" in found.left_out[0]
    assert "the second run is not judged on it" in found.left_out[1]


# ---- from run folders, through the command -----------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    a: Run
    b: Run
    truth: TruthSet


@pytest.fixture
def world(tmp_path: Path, make_run: Make, make_truth: Make, make_clip: Make, make_event: Make) -> World:
    """Twelve cameras, a trouble at 100 s on each: A finds 2 and raises two false alarms, B finds 11 and raises one."""
    names = [f"cam{number:02}" for number in range(12)]
    clips = [make_clip(name, seconds=600) for name in names]
    before: dict[str, list[RunEvent]] = {name: [make_event(131.0, 300.0)] for name in names[:2]}
    after: dict[str, list[RunEvent]] = {name: [make_event(132.0, 300.0)] for name in names[:11]}
    before.setdefault("cam05", []).append(make_event(450.0, 500.0))
    after["cam05"].append(make_event(455.0, 520.0))
    before.setdefault("cam06", []).append(make_event(450.0, 500.0))
    truth = make_truth(
        tmp_path / "truth.yaml",
        [{"file": f"{name}.mp4", "events": [{"began_s": 100.0, "ended_s": 300.0}]} for name in names],
    )
    run_a = make_run(tmp_path / "a", clips=[*clips, make_clip("extra")], events=before)
    return World(run_a, make_run(tmp_path / "b", clips=clips, events=after), truth)


def _compare(world: World) -> Comparison:
    made = [RunSide(run.header, run.digest, judge(run, world.truth)) for run in (world.a, world.b)]
    return compare(made[0], made[1], str(world.truth.path))


def test_runs_from_folders(world: World) -> None:
    found = _compare(world)
    own = found.scenarios[SCENARIO]
    assert own.outcome is Outcome.BETTER
    assert [change.clip for change in own.won] == [f"cam{number:02}" for number in range(2, 11)]
    assert own.lost == ()
    assert [(change.clip, change.raised_s) for change in own.false_gone] == [("cam06", 450.0)]
    assert own.false_new == ()
    assert any(line.startswith("extra: not compared: only the first run") for line in found.left_out)
    assert not found.errors


def test_command_says_the_same(world: World, tmp_path: Path) -> None:
    text = json.loads(world.truth.path.read_text(encoding="utf-8"))
    text["clips"].append({"file": "nowhere.mp4", "labelled": [SCENARIO]})
    world.truth.path.write_text(json.dumps(text), encoding="utf-8")
    words = [world.a.folder, world.b.folder, "--truth", world.truth.path, "--json", "-o", tmp_path / "page"]
    whole = [sys.executable, "-m", "brain.cli.main", "evaluate", "compare", *map(str, words)]
    done = subprocess.run(whole, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found = Comparison.model_validate(json.loads(done.stdout))
    assert found.scenarios == _compare(world).scenarios
    # A clip of the truth that neither run has takes nothing from what both have.
    assert "nowhere.mp4: not compared: neither run has it" in found.left_out
    assert found.errors == ()
    html = (tmp_path / "page" / "index.html").read_text(encoding="utf-8")
    assert html.count('data-verdict="won"') == 9
    assert html.count('data-verdict="gone"') == 1
    assert "录像文件已不在原处" in html  # these recordings never were


def test_command_for_people(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    command(world.b.folder, world.a.folder, world.truth.path)
    said = capsys.readouterr()
    assert "worse 更差" in said.out
    assert "lost 丢失" in said.out
    assert "cam10" in said.out
    assert "note: extra: not compared: only the second run" in said.err


def test_command_with_nothing_to_compare(
    tmp_path: Path, world: World, make_run: Make, make_clip: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    other = make_run(tmp_path / "other", clips=[make_clip("elsewhere")])
    with pytest.raises(typer.Exit) as end:
        command(world.a.folder, other.folder, world.truth.path)
    assert end.value.exit_code == 1
    assert "no scenario stands in both runs" in capsys.readouterr().out
    with pytest.raises(ConfigError, match="no run folder"):
        command(world.a.folder, tmp_path / "none", world.truth.path)


def test_a_mistake_that_both_runs_meet_is_told_once(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    text = json.loads(world.truth.path.read_text(encoding="utf-8"))
    text["clips"][0]["events"][0]["ended_s"] = 50.0  # before it began
    world.truth.path.write_text(json.dumps(text, indent=1), encoding="utf-8")
    with pytest.raises(typer.Exit) as end:
        command(world.a.folder, world.b.folder, world.truth.path)
    assert end.value.exit_code == 1
    said = capsys.readouterr()
    told = [line for line in said.err.splitlines() if line.startswith("brain: ")]
    assert len(told) == 1
    assert f"{world.truth.path}:" in told[0]
    assert "better 更好" in said.out  # the other eleven are compared all the same


def test_holm_counts_one_claim_a_scenario_on_its_headline_figure() -> None:
    """One scenario stands on F1, the other on false alarms: either has to bear that two were looked at."""
    crowded = [ClipCase(troubles=((MISSED, HIT),) if n < 6 else ((HIT, HIT),)) for n in range(12)]
    quieter = [ClipCase(false_a=((10.0, 20.0, "z"),), false_b=() if n % 4 else ((10.0, 20.0, "z"),)) for n in range(12)]
    (a, b), (more_a, more_b) = sides(crowded), sides(quieter, ["fire"])
    joined = [
        replace(
            side,
            header=header(side.header.clips, [scenario(), scenario("fire")]),
            judgement=Judgement(
                (SCENARIO, "fire"),
                side.judgement.items + more.judgement.items,
                side.judgement.watched + more.judgement.watched,
                (),
            ),
        )
        for side, more in ((a, more_a), (b, more_b))
    ]
    found = compare(joined[0], joined[1], "t").scenarios
    assert [item.headline for item in found.values()] == ["f1", "false_per_camera_hour"]
    decisive = {name: item.difference[item.headline] for name, item in found.items()}
    alone = {name: item.p for name, item in decisive.items()}
    assert {name: item.p_holm for name, item in decisive.items()} == pytest.approx(holm(alone))
    smaller = min(alone, key=lambda name: alone[name])
    assert decisive[smaller].p_holm == pytest.approx(2 * alone[smaller])


def test_another_schedule_is_refused_and_named() -> None:
    """With other hours other troubles are due, and other hours are watched."""
    a, b = sides([ClipCase(troubles=((MISSED, HIT),))] * 12)
    other = scenario(manifest={"schedule": [{"days": "daily", "from": "07:00", "to": "22:00"}]})
    found = compare(a, replace(b, header=header(b.header.clips, [other])), "t").scenarios[SCENARIO]
    assert found.outcome is Outcome.NOT_COMPARABLE
    assert any("schedule" in item for item in found.not_comparable)
