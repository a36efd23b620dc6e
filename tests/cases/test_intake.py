"""From changes of events to cases, transitions, evidence and messages."""

from __future__ import annotations

import json
import math
from datetime import timedelta
from typing import Any

import pytest

from brain.cases.intake import CaseIntake
from brain.core.clock import parse_iso
from brain.core.errors import ConfigError, StoreError
from brain.core.ids import derived_id, sha256_hex
from brain.core.types import EventKind, EvidenceKind, Severity
from brain.store.errors import StaleOwner
from brain.store.records import Commit, Report, SavedState
from brain.store.states import claim, load_states

RAISED, UPDATED, ENDED = EventKind.RAISED, EventKind.UPDATED, EventKind.ENDED


def test_a_raised_event_opens_a_case_with_everything_that_belongs_to_it(city: Any, kit: Any) -> None:
    raised = kit.change()
    proof = (kit.piece("e"), kit.piece("e", EvidenceKind.PICTURE_MARKED))
    applied = city.report(raised, proof=proof)
    assert applied.opened == ("53011120261124000001",)
    assert (applied.updated, applied.closed, applied.messages) == ((), (), 2)
    [case] = city.rows("cases")
    assert case["id"] == derived_id("case", raised.event_id)
    assert (case["number"], case["state"], case["revision"]) == ("53011120261124000001", "reported", 1)
    assert (case["standard"], case["class_code"], case["class_name"]) == ("GB/T 47678.5-2026", "09009", "机动车乱停放")
    assert (case["grid"], case["address"]) == ("530111001002003", "Station Road 1")
    assert (case["longitude"], case["latitude"]) == (102.7, 25.0)
    assert case["opened"] == raised.at
    assert case["due"] == raised.at + timedelta(hours=2)  # 09:31 to 11:31
    [event] = city.rows("events")
    assert (event["case_id"], event["ended"], event["measure"]) == (case["id"], None, 60.0)
    [step] = city.rows("transitions")
    assert (step["revision"], step["state"], step["by"]) == (1, "reported", "engine")
    assert [row["path"] for row in city.rows("evidence")] == [piece.path for piece in proof]
    assert {row["desk"] for row in city.rows("outbox")} == {"city", "police"}


def test_the_message_carries_the_case_and_names_its_files(city: Any, kit: Any) -> None:
    raised = kit.change()
    proof = (kit.piece("e"), kit.piece("e", EvidenceKind.PICTURE_MARKED))
    city.report(raised, proof=proof)
    row = next(row for row in city.rows("outbox") if row["desk"] == "police")
    [case] = city.rows("cases")
    assert row["id"] == derived_id(case["id"], "1", "police")
    assert (row["type"], row["severity"], row["revision"], row["state"]) == ("case.opened", "low", 1, "waiting")
    assert (row["tries"], row["reason"], row["due"], row["created"]) == (0, "", kit.now, kit.now)
    assert row["sha256"] == sha256_hex(row["body"].encode())
    assert row["attachments"] == [
        {
            "name": piece.path.rsplit("/", 1)[1],
            "path": piece.path,
            "sha256": piece.sha256,
            "media_type": "image/jpeg",
            "kind": piece.kind.value,
        }
        for piece in proof
    ]
    message = json.loads(row["body"])
    assert list(message) == ["type", "timestamp", "data"]
    assert parse_iso(message["timestamp"]) == raised.at
    data = message["data"]
    assert data["number"] == case["number"]
    assert data["scenario"] == {"id": "illegal_parking", "zh": "机动车乱停放", "en": "Illegal parking"}
    assert data["class"] == {
        "standard": "GB/T 47678.5-2026",
        "kind": "matter",
        "code": "09009",
        "name": "机动车乱停放",
        "is_local_extension": False,
    }
    assert data["location"] == {"longitude": 102.7, "latitude": 25.0}
    assert data["boxes"] == [{"box": [0.25, 0.5, 0.5, 0.75], "label": "car", "score": 0.5}]
    assert data["event_id"] == raised.event_id
    assert data["event_ids"] == [raised.event_id]
    assert (data["severity"], data["state"], data["revision"]) == ("low", "reported", 1)
    assert (data["department"], data["grid"], data["zone"]) == ("traffic_police", "530111001002003", "z1")
    names = [attachment["name"] for attachment in row["attachments"]]
    assert [piece["name"] for piece in data["evidence"]] == names
    assert {key for piece in data["evidence"] for key in piece} == {
        "name",
        "kind",
        "sha256",
        "media_type",
        "size",
        "at",
    }


def test_the_way_of_a_case_from_open_to_closed(city: Any, kit: Any) -> None:
    city.report(kit.change())
    city.late(kit.change(), kit.piece("e", EvidenceKind.CLIP))
    city.report(kit.change(UPDATED, at_s=120, severity=Severity.HIGH))
    applied = city.report(kit.change(ENDED, at_s=300), proof=(kit.piece("e", EvidenceKind.CLEAR_PICTURE),))
    assert applied.closed == ("53011120261124000001",)
    [case] = city.rows("cases")
    assert (case["state"], case["open_key"], case["severity"], case["revision"]) == ("closed", None, "high", 4)
    assert case["closed"] == case["camera_clear"] == kit.start + timedelta(seconds=300)
    assert [row["revision"] for row in city.rows("transitions")] == [1, 2, 3, 4]
    messages = city.messages()
    assert [message["type"] for message in messages] == ["case.opened", "case.updated", "case.updated", "case.closed"]
    assert [message["data"]["revision"] for message in messages] == [1, 2, 3, 4]
    kinds = [[piece["kind"] for piece in message["data"]["evidence"]] for message in messages]
    assert kinds == [[], ["clip"], [], ["clear_picture"]]
    assert messages[2]["data"]["reason"] == "severity rose from low to high"
    assert parse_iso(messages[3]["data"]["ended"]) == kit.start + timedelta(seconds=300)
    assert [row["severity"] for row in city.rows("outbox") if row["desk"] == "city"] == ["low", "low", "high", "high"]


def test_a_second_event_at_the_same_place_joins_the_open_case(city: Any, kit: Any) -> None:
    city.report(kit.change())
    applied = city.report(kit.change(began_s=500, at_s=600, severity=Severity.MEDIUM))
    assert applied.updated == ("53011120261124000001",)
    assert len(city.rows("cases")) == 1
    first, second = city.messages()
    assert second["data"]["event_ids"] == [first["data"]["event_id"], second["data"]["event_id"]]
    assert second["data"]["severity"] == "medium"
    city.report(kit.change(ENDED, at_s=700))
    assert city.rows("cases")[0]["state"] == "reported"
    city.report(kit.change(ENDED, began_s=500, at_s=800))
    assert city.rows("cases")[0]["state"] == "closed"


@pytest.mark.parametrize("other", [{"zone": "z2"}, {"camera": "c2"}, {"scenario": "crowd_gathering"}])
def test_another_place_or_scenario_is_another_case(city: Any, kit: Any, other: dict[str, str]) -> None:
    city.report(kit.change())
    assert city.report(kit.change(**other)).opened == ("53011120261124000002",)


def test_after_closing_the_same_place_opens_a_new_case(city: Any, kit: Any) -> None:
    city.report(kit.change(), kit.change(ENDED, at_s=100))
    applied = city.report(kit.change(began_s=1000, at_s=1100))
    assert applied.opened == ("53011120261124000002",)
    assert [row["state"] for row in city.rows("cases")].count("reported") == 1


def test_where_the_desk_closes_the_camera_only_says_that_it_is_gone(city: Any, kit: Any) -> None:
    crowd = {"scenario": "crowd_gathering"}
    city.report(kit.change(**crowd))
    applied = city.report(kit.change(ENDED, at_s=200, **crowd), proof=(kit.piece("e", EvidenceKind.CLEAR_PICTURE),))
    assert (applied.updated, applied.closed) == (("53011120261124000001",), ())
    [case] = city.rows("cases")
    assert (case["state"], case["closed"]) == ("reported", None)
    assert case["camera_clear"] == kit.start + timedelta(seconds=200)
    city.report(kit.change(began_s=300, at_s=400, **crowd))
    [case] = city.rows("cases")
    assert (case["camera_clear"], case["revision"]) == (None, 3)
    assert city.messages("police") == []


def test_renotify_is_an_update_and_an_older_one_is_a_repeat(city: Any, kit: Any) -> None:
    city.report(kit.change())
    assert city.report(kit.change(UPDATED, at_s=1860)).updated == ("53011120261124000001",)
    before = city.everything()
    assert city.report(kit.change(UPDATED, at_s=1860)).repeated == 1
    assert city.report(kit.change(UPDATED, at_s=900)).repeated == 1
    assert city.everything() == before


def test_severity_only_rises(city: Any, kit: Any) -> None:
    city.report(kit.change(severity=Severity.HIGH))
    city.report(kit.change(UPDATED, at_s=120, severity=Severity.LOW))
    assert (city.rows("cases")[0]["severity"], city.rows("events")[0]["severity"]) == ("high", "high")


def test_a_clip_that_comes_after_the_end_is_still_told(city: Any, kit: Any) -> None:
    city.report(kit.change(), kit.change(ENDED, at_s=100))
    applied = city.late(kit.change(), kit.piece("e", EvidenceKind.CLIP))
    assert applied.updated == ("53011120261124000001",)
    [case] = city.rows("cases")
    assert (case["state"], case["revision"]) == ("closed", 3)
    last = city.messages()[-1]
    assert (last["type"], last["data"]["state"]) == ("case.updated", "closed")
    assert last["data"]["evidence"][0]["kind"] == "clip"


def test_the_same_file_named_twice_is_one_piece_of_evidence(city: Any, kit: Any) -> None:
    picture = kit.piece("e")
    city.report(kit.change(), proof=(picture, picture))
    city.report(kit.change(UPDATED, at_s=99, severity=Severity.HIGH), proof=(picture,))
    assert len(city.rows("evidence")) == 1
    assert [len(message["data"]["evidence"]) for message in city.messages()] == [1, 0]


def test_changes_of_events_that_were_never_raised_are_counted_and_harmless(city: Any, kit: Any) -> None:
    before = city.everything()
    assert city.report(kit.change(UPDATED), kit.change(ENDED)).unknown == 2
    assert city.late(kit.change(), kit.piece("e", EvidenceKind.CLIP)).unknown == 1
    assert city.everything() == before


def test_states_go_with_the_events_and_alone(city: Any, kit: Any) -> None:
    states = (SavedState("rule/z1", b"\x00one"), SavedState("tracker", b"two"))
    city.intake.apply(Commit("c1", city.tokens["c1"], (Report(kit.change()),), states=states))
    city.intake.apply(Commit("c1", city.tokens["c1"], states=(SavedState("tracker", b"three"),)))
    assert load_states(city.database, "c1") == {"rule/z1": b"\x00one", "tracker": b"three"}


def test_an_older_owner_is_refused_and_leaves_nothing(city: Any, kit: Any) -> None:
    before = city.everything()
    stale = city.tokens["c1"]
    city.tokens["c1"] = claim(city.database, ["c1"])
    with pytest.raises(StaleOwner, match="camera c1 belongs to owner"):
        city.intake.apply(Commit("c1", stale, (Report(kit.change()),), states=(SavedState("k", b"old"),)))
    after = city.everything()
    assert {name: after[name] for name in ("cases", "events", "outbox", "rule_states")} == {
        name: before[name] for name in ("cases", "events", "outbox", "rule_states")
    }
    assert city.report(kit.change()).opened


def test_a_commit_is_kept_whole_or_not_at_all(city: Any, kit: Any) -> None:
    before = city.everything()
    bad = kit.replace(kit.change(began_s=1, zone="z9"), measure=math.nan)
    with pytest.raises(StoreError, match="not a number"):
        city.report(kit.change(), bad)
    assert city.everything() == before


def test_reports_of_another_camera_and_of_unknown_scenarios_are_refused(city: Any, kit: Any) -> None:
    with pytest.raises(StoreError, match="reports of camera c2"):
        city.report(kit.change(), kit.change(camera="c2"))
    with pytest.raises(StoreError, match="no case class"):
        city.report(kit.change(scenario="nonsense"))
    assert city.rows("events") == []


def test_a_class_code_that_does_not_exist_is_said_at_once(city: Any, kit: Any) -> None:
    classes = {"x": kit.replace(kit.classes["illegal_parking"], class_code="12345")}
    with pytest.raises(ConfigError, match="12345"):
        CaseIntake(city.database, classes, kit.settings)


def test_a_camera_that_left_the_settings_still_gets_its_case(city: Any, kit: Any) -> None:
    city.tokens["gone"] = claim(city.database, ["gone"])
    city.report(kit.change(camera="gone"))
    [case] = city.rows("cases")
    assert (case["grid"], case["address"], case["longitude"]) == ("", "", None)
    assert city.messages()[0]["data"]["location"] is None


def test_the_day_of_the_number_is_the_citys(city: Any, kit: Any) -> None:
    late = kit.replace(kit.change(), at=kit.start + timedelta(hours=15))  # 00:30 of the next day in Shanghai
    assert city.report(late).opened == ("53011120261125000001",)
