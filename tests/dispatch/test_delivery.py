"""The dispatcher against real HTTP servers: what each kind of answer leads to, and that nothing is lost or doubled."""

from __future__ import annotations

import base64
import itertools
import json
import random
import shutil
import sqlite3
import subprocess
import time
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import update
from standardwebhooks import Webhook

from brain.core.ids import sha256_hex
from brain.core.types import EvidenceKind
from brain.dispatch.breaker import LineState
from brain.store.tables import outbox


def picture(box: Any, data: bytes = b"\xff\xd8 a picture \xff\xd9") -> dict[str, str]:
    from brain.core.clock import utc_now

    kept = box.evidence.write(
        "6f1d8a52-0000-5000-8000-000000000001", data, EvidenceKind.PICTURE, "image/jpeg", utc_now()
    )
    return {"name": "p1.jpg", "path": kept.path, "sha256": kept.sha256, "media_type": "image/jpeg", "kind": "picture"}


def bodies(server: Any) -> list[dict[str, Any]]:
    return [json.loads(base64.b64decode(line["body"])) for line in server.received()]


def test_a_good_desk_gets_each_message_once_in_order_with_pictures(box, servers, dispatcher, wait_for):
    desk = servers.desk()
    shown = picture(box)
    ids = [box.put(f"c{n % 4}", n // 4 + 1, attachments=(shown,) if n < 4 else ()) for n in range(20)]
    running = dispatcher(desk.url)
    wait_for(box.all_sent)

    lines = desk.received()
    assert Counter(line["id"] for line in lines) == Counter(ids)
    assert {(line["effect"], line["order"]) for line in lines} == {("new", "ok")}
    file = desk.folder / "files" / f"{shown['sha256']}.jpg"
    assert sha256_hex(file.read_bytes()) == shown["sha256"]
    row = box.row(ids[0])
    assert (row.desk_reference, row.status, row.tries, row.reason, row.lease_owner) == ("desk-c0", 200, 1, "", None)
    health = running.health()
    assert (health.database, health.desks[0].state, health.desks[0].sent, health.desks[0].waiting) == (
        "", LineState.OK, 20, 0,
    )  # fmt: skip


def test_a_message_put_later_goes_out_at_once_after_wake(box, servers, dispatcher, wait_for):
    desk = servers.desk()
    running = dispatcher(desk.url)
    box.put("first")
    running.wake()
    wait_for(box.all_sent)
    time.sleep(0.3)  # the dispatcher now sleeps; the next message may not wait for its next look round
    box.put("second")
    began = time.monotonic()
    running.wake()
    wait_for(box.all_sent, 5)
    assert time.monotonic() - began < 2


def test_faulty_desk_loses_nothing_and_takes_each_effect_once(box, servers, dispatcher, wait_for):
    desk = servers.desk("--error-rate", "0.2", "--store-then-fail-rate", "0.15", "--seed", "7")
    ids = [box.put(f"c{n % 40}", n // 40 + 1, severity=("low", "critical")[n % 2]) for n in range(120)]
    dispatcher(desk.url)
    wait_for(box.all_sent, 60, "all sent")

    lines = desk.received()
    effects = Counter(line["id"] for line in lines if line["effect"] == "new")
    assert effects == Counter(ids)
    assert any(line["effect"] == "duplicate" for line in lines), (
        "store-then-fail made no repeat: the test proves nothing"
    )
    assert all(line["order"] == "ok" for line in lines)
    for case in {line["case"] for line in lines}:
        revisions = [line["revision"] for line in lines if line["case"] == case and line["effect"] == "new"]
        assert revisions == sorted(revisions)


def test_a_stuck_case_holds_up_only_itself(box, servers, dispatcher, wait_for):
    desk = servers.scripted(cases={"stuck": [{"status": 500}]})
    stuck = [box.put("stuck", revision) for revision in (1, 2)]
    free = [box.put(f"free{n}", revision) for n in range(3) for revision in (1, 2)]
    dispatcher(desk.url)
    wait_for(lambda: all(box.row(i).state == "sent" for i in free))
    assert [box.row(i).state for i in stuck] == ["waiting", "waiting"]
    assert stuck[1] not in {line["id"] for line in desk.received()}

    desk.plan()
    wait_for(box.all_sent)
    taken = [line["revision"] for line in desk.received() if line["number"] == "stuck"]
    assert taken == sorted(taken)
    assert {2} < set(taken)


def test_a_dead_desk_does_not_hold_up_another(box, servers, dispatcher, wait_for):
    good, bad = servers.scripted(name="good"), servers.scripted(name="bad", default=[{"hang_up": True}])
    here = [box.put(f"c{n}", desk="good") for n in range(5)]
    there = [box.put(f"c{n}", desk="bad") for n in range(5)]
    running = dispatcher(desks={"good": good.url, "bad": bad.url})
    wait_for(lambda: all(box.row(i).state == "sent" for i in here))
    wait_for(lambda: running.health().desks[1].state is LineState.TRIPPED)
    assert {box.row(i).state for i in there} == {"waiting"}
    assert "sent, but no answer came" in running.health().desks[1].reason


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        ({"status": 400, "body": '{"error": "unknown grid"}'}, "rejected: the desk rejects the message (HTTP 400)"),
        ({"status": 404}, "rejected"),
        ({"status": 302, "headers": {"location": "http://127.0.0.1:1/"}}, "moved: target moved"),
        ({"status": 409, "body": '{"error": "exists"}'}, "conflict"),
        ({"status": 413}, "too_large"),
    ],
)
def test_dead_letters_tell_why_and_let_the_next_message_of_the_case_pass(
    box, servers, dispatcher, wait_for, answer, cause
):
    desk = servers.scripted(default=[answer, {"status": 200}])
    first, second = box.put("c", 1), box.put("c", 2)
    dispatcher(desk.url)
    wait_for(lambda: box.row(second).state == "sent")
    row = box.row(first)
    assert (row.state, row.status) == ("dead", answer["status"])
    assert row.reason.startswith(cause)
    assert len(desk.received()) == 2


def test_dead_letters_are_sent_again_by_hand_with_the_same_id(box, servers, dispatcher, wait_for):
    desk = servers.scripted(default=[{"status": 422}])
    ids = [box.put("a"), box.put("b")]
    running = dispatcher(desk.url)
    wait_for(lambda: set(box.states()) == {"dead"})
    assert running.health().desks[0].dead == {"rejected": 2}
    desk.plan()
    assert running.retry(desk="city", dead=True) == 2
    wait_for(box.all_sent)
    assert Counter(line["id"] for line in desk.received()) == {ids[0]: 2, ids[1]: 2}


@pytest.mark.parametrize(("status", "word"), [(401, "credentials"), (403, "credentials"), (410, "switched off")])
def test_a_desk_that_refuses_us_is_paused_and_its_messages_wait(box, servers, dispatcher, wait_for, status, word):
    desk = servers.scripted(default=[{"status": status}])
    ids = [box.put(f"c{n}") for n in range(10)]
    running = dispatcher(desk.url)
    wait_for(lambda: running.health().desks[0].state is LineState.PAUSED and not running.health().desks[0].under_way)
    tried = len(desk.received())
    assert tried <= 6  # what was under way when the first refusal came
    assert word in running.health().desks[0].reason
    assert {box.row(i).state for i in ids} == {"waiting"}
    box.put("later", severity="critical")
    running.wake()
    time.sleep(0.5)
    assert len(desk.received()) == tried

    desk.plan()
    running.retry(desk="city")
    wait_for(box.all_sent)
    assert running.health().desks[0].state is LineState.OK


def test_a_paused_desk_is_probed_with_one_message_at_its_interval(box, servers, dispatcher, wait_for):
    desk = servers.scripted(default=[{"status": 401}])
    for n in range(4):
        box.put(f"c{n}")
    dispatcher(desk.url, pause_s=0.4)
    wait_for(lambda: len(desk.received()) >= 7)
    late = [line["at"] for line in desk.received()][4:]
    assert all(b - a >= 0.3 for a, b in itertools.pairwise(late))
    desk.plan()
    wait_for(box.all_sent)


def test_413_is_retried_once_without_attachments_and_stays_so_over_errors(box, servers, dispatcher, wait_for):
    desk = servers.scripted(default=[{"status": 413}, {"status": 500}, {"status": 200}])
    message = box.put("c", attachments=(picture(box),))
    dispatcher(desk.url)
    wait_for(box.all_sent)
    entries = [body["data"]["evidence"][0] for body in bodies(desk)]
    assert base64.b64decode(entries[0]["content"]) == b"\xff\xd8 a picture \xff\xd9"
    assert [entry.get("omitted") for entry in entries] == [None, "too_large", "too_large"]
    assert {line["id"] for line in desk.received()} == {message}
    assert box.row(message).reason == "without attachments; "


def test_a_missing_or_altered_file_holds_nothing_back(box, servers, dispatcher, wait_for):
    desk = servers.scripted()
    good = picture(box)
    gone = {**good, "path": "2026/11/24/none/x.jpg"}
    box.put("gone", severity="critical", attachments=(gone,))
    box.put("altered", severity="critical", attachments=({**good, "sha256": "0" * 64},))
    dispatcher(desk.url)
    wait_for(box.all_sent)
    omitted = {body["data"]["number"]: body["data"]["evidence"][0]["omitted"] for body in bodies(desk)}
    assert omitted == {"gone": "missing", "altered": "altered"}


def test_a_damaged_row_becomes_a_dead_letter_and_is_not_sent(box, servers, dispatcher, wait_for):
    desk = servers.scripted()
    broken, torn, after = box.put("a"), box.put("b"), box.put("a", 2)
    with box.db.write() as connection:
        connection.execute(update(outbox).where(outbox.c.id == broken).values(body='{"data": {}}'))
        connection.execute(update(outbox).where(outbox.c.id == torn).values(attachments=[{"name": 1}]))
    dispatcher(desk.url)
    wait_for(lambda: box.row(after).state == "sent")
    assert [box.row(i).state for i in (broken, torn)] == ["dead", "dead"]
    assert box.row(broken).reason.startswith("damaged")
    assert [line["id"] for line in desk.received()] == [after]


def test_retry_after_holds_the_whole_desk(box, servers, dispatcher, wait_for):
    desk = servers.scripted(default=[{"status": 503, "headers": {"retry-after": "2"}}, {"status": 200}])
    box.put("c0")
    running = dispatcher(desk.url)
    wait_for(desk.received)
    wait_for(lambda: running.health().desks[0].state is LineState.FAILING)
    box.put("c1")
    running.wake()
    wait_for(box.all_sent)
    times = [line["at"] for line in desk.received()]
    assert all(later - times[0] >= 1.9 for later in times[1:])


def test_each_try_has_the_same_bytes_and_a_signature_that_a_foreign_verifier_accepts(
    box, servers, dispatcher, wait_for, secret
):
    desk = servers.scripted(default=[{"status": 500}, {"status": 502}, {"status": 200, "body": '{"reference": 17}'}])
    message = box.put("c", attachments=(picture(box),))
    dispatcher(desk.url)
    wait_for(box.all_sent)
    lines = desk.received()
    assert len({line["body"] for line in lines}) == 1
    for line in lines:
        Webhook(secret).verify(base64.b64decode(line["body"]), line["headers"])
    assert box.row(message).desk_reference == "17"


def test_409_that_names_our_id_is_delivered(box, servers, dispatcher, wait_for):
    desk = servers.scripted(default=[{"status": 409, "body": '{"webhook_id": "$ID", "id": "D-9"}'}])
    message = box.put("c")
    dispatcher(desk.url)
    wait_for(box.all_sent)
    assert box.row(message).desk_reference == "D-9"


@pytest.mark.parametrize("answer", [{"sleep": 30}, {"drip": True}], ids=["silent", "dripping"])
def test_a_desk_that_is_too_slow_is_given_up_at_the_deadline_as_a_whole(box, servers, dispatcher, wait_for, answer):
    desk = servers.scripted(default=[answer, {"status": 200}])
    message = box.put("c")
    began = time.monotonic()
    dispatcher(desk.url, timeout=1.0)
    wait_for(box.all_sent, 10)
    assert 1.0 <= time.monotonic() - began < 6
    assert [line["id"] for line in desk.received()] == [message] * 2


def test_an_answer_without_end_is_cut_and_still_counts(box, servers, dispatcher, wait_for):
    desk = servers.scripted(default=[{"status": 200, "body": "x" * 2_000_000}])
    box.put("a")
    box.put("b")
    dispatcher(desk.url)
    wait_for(box.all_sent)
    assert len(desk.received()) == 2


def test_over_age_becomes_a_dead_letter_after_a_last_try(box, servers, dispatcher, wait_for):
    desk = servers.scripted(default=[{"status": 500}])
    message = box.put("c", age_s=120)
    dispatcher(desk.url, give_up_after=60)
    wait_for(lambda: box.row(message).state == "dead")
    assert box.row(message).reason.startswith("expired")
    assert len(desk.received()) == 1


def test_a_certificate_that_nobody_vouches_for_pauses_the_desk(box, servers, dispatcher, wait_for, tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl command to make a certificate")
    pem = tmp_path / "both.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-keyout", str(pem), "-out", str(tmp_path / "cert.pem")], check=True, capture_output=True,
    )  # fmt: skip
    pem.write_text(pem.read_text() + (tmp_path / "cert.pem").read_text())
    desk = servers.scripted(str(pem))
    message = box.put("c")
    running = dispatcher(desk.url)
    wait_for(lambda: running.health().desks[0].state is LineState.PAUSED)
    assert "TLS failure" in running.health().desks[0].reason
    assert box.row(message).state == "waiting"
    assert desk.received() == []


def test_a_link_local_address_is_refused_without_a_packet(box, dispatcher, wait_for):
    box.put("c")
    running = dispatcher("http://169.254.169.254")
    wait_for(lambda: running.health().desks[0].state is LineState.PAUSED)
    assert "never allowed" in running.health().desks[0].reason


def test_stop_waits_for_what_is_under_way(box, servers, dispatcher, wait_for):
    desk = servers.scripted(default=[{"status": 200, "sleep": 1.0}])
    message = box.put("c")
    running = dispatcher(desk.url)
    wait_for(desk.received)
    box.put("c", 2)
    assert running.stop(5.0) is True
    assert box.row(message).state == "sent"
    assert box.states() == ["sent", "waiting"]


def test_stop_gives_up_after_its_time_limit(box, servers, dispatcher, wait_for):
    desk = servers.scripted(default=[{"status": 200, "sleep": 30}])
    box.put("c")
    running = dispatcher(desk.url, timeout=20.0)
    wait_for(desk.received)
    began = time.monotonic()
    assert running.stop(0.5) is False
    assert time.monotonic() - began < 3


def test_killed_between_send_and_note_sends_the_same_id_again(box, servers, wait_for, secret):
    desk = servers.scripted(default=[{"status": 200, "sleep": 4.0}, {"status": 200}])
    message = box.put("c")
    box.db.close()
    script = str(__file__).replace("test_delivery.py", "run_dispatcher.py")
    first = servers.launch(script, str(box.folder), desk.url + "/cases", secret)
    wait_for(desk.received)
    first.kill()
    first.wait(10)
    with sqlite3.connect(f"file:{box.folder}/brain.db?mode=ro", uri=True) as look:
        assert look.execute("select state, lease_owner from outbox").fetchall() == [("waiting", "service")]
    look.close()

    servers.launch(script, str(box.folder), desk.url + "/cases", secret)
    wait_for(lambda: len(desk.received()) == 2)
    assert {line["id"] for line in desk.received()} == {message}
    wait_for(lambda: box_state(box.folder) == [("sent", None)])


@pytest.mark.slow
def test_kills_at_random_lose_and_double_nothing_judged_by_the_desks_own_ledger(box, servers, wait_for, secret):
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    desk = servers.desk("--error-rate", "0.2", "--store-then-fail-rate", "0.1", "--seed", str(seed))
    asked = [box.put(f"c{n % 60}", n // 60 + 1, severity=rng.choice(["low", "high"])) for n in range(240)]
    box.db.close()
    script = str(__file__).replace("test_delivery.py", "run_dispatcher.py")
    kills = 0
    while any(state == "waiting" for state, _ in box_state(box.folder)):
        assert kills < 60, "it never ends"
        process = servers.launch(script, str(box.folder), desk.url + "/cases", secret)
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        until = time.monotonic() + (rng.uniform(0.05, 0.6) if kills < 5 else 30.0)
        while time.monotonic() < until and any(state == "waiting" for state, _ in box_state(box.folder)):
            time.sleep(0.02)
        process.kill()
        process.wait(10)
        kills += 1
    assert kills >= 3, "too few kills: the test proves little"
    lines = desk.received()
    assert Counter(line["id"] for line in lines if line["effect"] == "new") == Counter(asked)
    assert {line["order"] for line in lines} == {"ok"}
    assert {state for state, _ in box_state(box.folder)} == {"sent"}


def box_state(folder: Any) -> list[Any]:
    look = sqlite3.connect(f"file:{folder}/brain.db?mode=ro", uri=True)
    try:
        return look.execute("select state, lease_owner from outbox").fetchall()
    finally:
        look.close()


def test_a_locked_database_is_told_and_got_over(box, servers, dispatcher, wait_for, monkeypatch):
    desk = servers.scripted(default=[{"status": 200, "sleep": 0.5}])
    message = box.put("c")
    running = dispatcher(desk.url)
    wait_for(desk.received)
    blocker = sqlite3.connect(box.folder / "brain.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    try:
        wait_for(lambda: "locked" in running.health().database, 15, "trouble is visible")
    finally:
        blocker.execute("ROLLBACK")
        blocker.close()
    wait_for(box.all_sent)
    wait_for(lambda: running.health().database == "")
    assert [line["id"] for line in desk.received()] == [message]


def test_rows_of_a_desk_that_left_the_settings_are_shown(box, servers, dispatcher):
    box.put("c", desk="old")
    running = dispatcher(servers.scripted().url)
    stray = [desk for desk in running.health().desks if desk.desk == "old"]
    assert [(desk.waiting, desk.state) for desk in stray] == [(1, LineState.PAUSED)]


def test_a_clock_that_was_set_back_makes_nobody_wait_for_days(box, servers, dispatcher, wait_for):
    desk = servers.scripted()
    box.put("c", age_s=-5 * 86400)
    dispatcher(desk.url)
    wait_for(box.all_sent, 5)
