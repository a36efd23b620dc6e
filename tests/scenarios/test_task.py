from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brain.core.clock import iso
from brain.core.ids import event_id
from brain.core.types import Detections, EventChange, EventKind, Finding, Observations, Sample, Zone
from brain.scenarios.assignment import resolve
from brain.scenarios.plugin import ScenarioPlugin
from brain.scenarios.registry import Registry, Scenario
from brain.scenarios.task import StateMismatchError, ZoneTask

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
KERB = Zone("kerb", "no_parking", ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)))
MASK = Zone("bay", "mask", ((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6)))
IMAGE = np.zeros((100, 100, 3), np.uint8)
CAR = (40.0, 40.0, 60.0, 55.0)
Feed = list[tuple[float, bool | None]]

REGISTRY = Registry.open()
PARKING = REGISTRY.get("illegal_parking")


def parked(**overrides: object) -> ZoneTask:
    (task,) = resolve(PARKING, "cam", [KERB], profile="short", overrides=overrides)
    return task


def seen(pts_s: float, there: bool | None) -> tuple[Sample, Observations]:
    """A car is there, is not there, or (``None``) nothing can be judged."""
    time = START + timedelta(seconds=pts_s)
    found = {}
    if there is not None:
        boxes = np.array([CAR] if there else [], np.float32).reshape(-1, 4)
        found = {
            "vehicle_detection": Detections(boxes, np.full(len(boxes), 0.8, np.float32), ("car",) * len(boxes)),
            "person_detection": Detections.empty(),
        }
    return Sample("cam", "main", pts_s, time, IMAGE), Observations(pts_s, time, (100, 100), found)


def play(task: ZoneTask, feed: Feed) -> list[EventChange]:
    return [change for pts_s, there in feed for change in task.step(*seen(pts_s, there))[1]]


def each_second(text: str, start: int = 0) -> Feed:
    return [(float(start + index), {"+": True, "-": False, "?": None}[sign]) for index, sign in enumerate(text)]


def test_an_event_from_begin_to_end() -> None:
    task = parked()
    changes = play(task, each_second("-" * 12 + "+" * 20 + "-" * 30))
    assert [(c.kind, c.began_s, c.at_s) for c in changes] == [
        (EventKind.RAISED, 12.0, 22.0),
        (EventKind.ENDED, 12.0, 52.0),  # 10 s hidden, then absent from 42 s on
    ]
    raised, ended = changes
    began = START + timedelta(seconds=12)
    assert raised.event_id == ended.event_id == event_id("illegal_parking", "cam", "main", "kerb", iso(began))
    assert (raised.began, raised.at) == (began, START + timedelta(seconds=22))
    assert (raised.scenario, raised.camera, raised.view, raised.zone) == ("illegal_parking", "cam", "main", "kerb")
    assert raised.boxes[0].box == pytest.approx((0.4, 0.4, 0.6, 0.55))
    assert task.open_event is None


def test_inherited_after_twice_the_dwell() -> None:
    assert [c.at_s for c in play(parked(), each_second("+" * 40))] == [20.0]


def test_outage_and_unknown_pause_everything() -> None:
    feed = each_second("-" * 12 + "+" * 6)
    feed += [(float(at), True) for at in range(107, 127)]  # 90 s away: counts as one second
    assert [(c.kind, c.began_s, c.at_s) for c in play(parked(), feed)] == [(EventKind.RAISED, 12.0, 111.0)]
    feed = each_second("-" * 12 + "+" * 6 + "?" * 300 + "+" * 20)
    assert [(c.kind, c.at_s) for c in play(parked(), feed)] == [(EventKind.RAISED, 322.0)]
    task = parked()
    play(task, each_second("-" * 12 + "+" * 12))
    assert play(task, each_second("?" * 500, 24)) == []
    assert task.open_event is not None


def test_worker_killed_at_nine_tenths_of_a_dwell() -> None:
    feed = each_second("-" * 12 + "+" * 10)
    task = parked()
    assert play(task, feed) == []
    assert task.in_progress
    again = parked()
    again.restore(task.save())
    assert [c.at_s for c in play(again, each_second("+" * 20, 60))] == [60.0]


def test_killed_with_an_open_event() -> None:
    task = parked()
    (raised,) = play(task, each_second("-" * 12 + "+" * 12))
    for after, expected in (("+" * 60, []), ("-" * 60, [EventKind.ENDED])):
        again = parked()
        again.restore(task.save())
        assert again.open_event == raised.event_id
        changes = play(again, each_second(after, 400))
        assert [c.kind for c in changes] == expected
        assert all(c.event_id == raised.event_id for c in changes)


FEED = st.lists(
    st.tuples(
        st.sampled_from([True, True, True, False, None]), st.integers(1, 8), st.sampled_from([1.0, 1.0, 2.0, 40.0])
    ),
    min_size=1,
    max_size=30,
)


@settings(deadline=None, max_examples=60)
@given(FEED, st.floats(0, 1))
def test_two_halves_are_the_whole(blocks: list[tuple[bool | None, int, float]], cut: float) -> None:
    feed: Feed = []
    at = 0.0
    for there, number, step in blocks:
        for _ in range(number):
            feed.append((at, there))
            at += 1.0
        at += step
    split = int(cut * len(feed))
    whole, first, second = parked(), parked(), parked()
    expected = play(whole, feed)
    found = play(first, feed[:split])
    second.restore(first.save())
    assert second.save() == first.save()
    assert second.in_progress == first.in_progress
    found += play(second, feed[split:])
    assert found == expected
    assert second.save() == whole.save()
    kinds = [change.kind for change in found if change.kind is not EventKind.UPDATED]
    assert kinds == [EventKind.RAISED, EventKind.ENDED] * (len(kinds) // 2) + [EventKind.RAISED] * (len(kinds) % 2)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[1]", "not JSON"),
        (b"{}", "version none"),
        (b'{"version": 7}', "version 7, not 1"),
        (b'{"version": 1}', "does not fit"),
    ],
)
def test_wrong_state_begins_afresh_and_says_so(data: bytes, said: str) -> None:
    task = parked()
    play(task, each_second("+" * 8))
    with pytest.raises(StateMismatchError, match=said):
        task.restore(data)
    assert task.save() == parked().save()


def test_state_of_another_zone_or_rule() -> None:
    task = parked()
    play(task, each_second("-" * 12 + "+" * 12))
    (other,) = resolve(PARKING, "cam", [Zone("lane", "no_parking", KERB.polygon)], profile="short")
    with pytest.raises(StateMismatchError, match="illegal_parking/main/kerb"):
        other.restore(task.save())
    assert not other.in_progress
    # another rule word: the open event is kept, so that it can end
    tree = json.loads(task.save())
    for changed in ({"word": "count"}, {"rule": {"anchors": "many"}}):
        again = parked()
        with pytest.raises(StateMismatchError, match="an open event is kept"):
            again.restore(json.dumps({**tree, **changed}).encode())
        assert [c.kind for c in play(again, each_second("-" * 20, 30))] == [EventKind.ENDED]
    with pytest.raises(StateMismatchError, match="contradicts"):
        parked().restore(json.dumps({**tree, "event": None}).encode())


def test_mask_hides_what_stands_in_it() -> None:
    (task,) = resolve(PARKING, "cam", [KERB, MASK], profile="short")
    assert play(task, each_second("+" * 40)) == []


def test_schedule_pauses() -> None:
    """02:00 UTC is 10:00 in Shanghai."""
    hours = [{"from": "10:00", "to": "10:01"}, {"from": "10:02", "to": "10:03"}]
    task = parked(schedule=hours, **{"clear.after": "5s"})
    changes = play(task, each_second("-" * 45 + "+" * 200))
    assert [(c.kind, c.at_s) for c in changes] == [(EventKind.RAISED, 55.0)]
    task = parked(schedule=hours)
    changes = play(task, each_second("-" * 53 + "+" * 200))
    # 6 s watched up to 10:01, the first sample from 10:02 on adds one more
    assert [(c.kind, c.began_s, c.at_s) for c in changes] == [(EventKind.RAISED, 53.0, 123.0)]


class Fickle(ScenarioPlugin):
    """Raises on odd seconds below 10, returns rubbish at 12, then sees trouble."""

    def observe(self, sample: Sample, observations: Observations, zone: Zone) -> Finding:
        if sample.pts_s < 10 and sample.pts_s % 2:
            raise RuntimeError("boom")
        if sample.pts_s == 12:
            return None  # type: ignore[return-value]
        if sample.pts_s == 13:
            return Finding(active=True, measure=float("nan"))
        return Finding(active=sample.pts_s >= 20, needed_s=8.0)


def test_plugin_gets_the_lifecycle_and_its_failures_are_counted() -> None:
    manifest = PARKING.manifest.model_copy(update={"rule": None})
    scenario = Scenario(manifest, PARKING.folder, Fickle)
    (task,) = resolve(scenario, "cam", [KERB], profile="short")
    findings = []
    for pts_s, there in each_second("+" * 20):
        finding, changes = task.step(*seen(pts_s, there))
        findings.append(finding)
        assert changes == ()
    assert [f.active for f in findings[:14]] == [False, None] * 5 + [False, False, None, None]
    assert task.failures == 7
    assert task.failure == "ValueError: observe() returned a figure that is not finite"
    changes_of = play(task, each_second("+" * 20, 20))
    assert [(c.kind, c.began_s, c.at_s) for c in changes_of] == [(EventKind.RAISED, 20.0, 28.0)]
    again = resolve(scenario, "cam", [KERB], profile="short")[0]
    again.restore(task.save())
    assert again.open_event == changes_of[0].event_id
