"""Whatever is reported, and however often: one open case per place, no gap in the revisions, repeats without effect."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from brain.core.types import EventKind, EvidenceKind, Severity

STEP = st.tuples(
    st.sampled_from(["raised", "updated", "ended", "clip"]),
    st.sampled_from(["illegal_parking", "crowd_gathering"]),
    st.sampled_from(["z1", "z2"]),
    st.integers(0, 2),  # which event of the zone
    st.sampled_from(Severity),
)


def play(city: Any, kit: Any, number: int, step: tuple[str, str, str, int, Severity]) -> Any:
    what, scenario, zone, which, severity = step
    place = {"scenario": scenario, "zone": zone, "began_s": float(which)}
    if what == "clip":
        name = f"{scenario}-{zone}-{which}-{number}"
        return lambda: city.late(kit.change(**place), kit.piece(name, EvidenceKind.CLIP))
    change = kit.change(EventKind(what), at_s=100.0 + number, severity=severity, **place)
    return lambda: city.report(change, proof=(kit.piece(f"{scenario}-{zone}-{which}-{number}"),))


def check(city: Any) -> None:
    cases, events = city.rows("cases"), city.rows("events")
    open_places = Counter((c["scenario"], c["camera"], c["zone"]) for c in cases if c["state"] == "reported")
    assert all(count == 1 for count in open_places.values())
    assert len({case["number"] for case in cases}) == len(cases)
    transitions, outbox = city.rows("transitions"), city.rows("outbox")
    for case in cases:
        of_case = [event for event in events if event["case_id"] == case["id"]]
        assert of_case
        if case["state"] == "closed":
            assert all(event["ended"] is not None for event in of_case)
        worst = max(Severity(event["severity"]).rank for event in of_case)
        assert Severity(case["severity"]).rank == worst
        expected = list(range(1, case["revision"] + 1))
        assert [t["revision"] for t in transitions if t["case_id"] == case["id"]] == expected
        desks = ["city", "police"] if case["scenario"] == "illegal_parking" else ["city"]
        for desk in desks:
            rows = [row for row in outbox if row["case_id"] == case["id"] and row["desk"] == desk]
            assert [row["revision"] for row in rows] == expected
            assert rows[0]["type"] == "case.opened"
            assert [row["type"] for row in rows].count("case.closed") == (case["state"] == "closed")


@settings(max_examples=25, deadline=None)
@given(st.lists(STEP, max_size=14))
def test_any_order_keeps_the_rules_and_repeats_have_no_effect(kit: Any, steps: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        city = kit.City.at(Path(folder))
        done = []
        for number, step in enumerate(steps):
            act = play(city, kit, number, step)
            if not act().unknown:
                done.append(act)
        check(city)
        before = city.everything()
        for again in done:
            applied = again()
            assert (applied.opened, applied.updated, applied.closed, applied.messages) == ((), (), (), 0)
            assert applied.repeated == 1
        assert city.everything() == before
        city.database.close()
