"""The trial desk as a process: signatures, effect once, faults by seed, and its own SIGKILL."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from brain.core.errors import StoreError, UsageError
from brain.desk.command import run_desk
from brain.desk.faults import Fault, FaultPlan, Faults
from brain.desk.ledger import Ledger
from brain.desk.message import MessageError, parse
from brain.dispatch.signing import parse_secret, sign

ROOT = Path(__file__).resolve().parents[2]
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
PICTURE = b"\xff\xd8 picture"


def body(case: str = "c1", revision: int = 1, **more: Any) -> bytes:
    data = {"id": case, "number": f"N-{case}", "revision": revision, "severity": "high", "evidence": [], **more}
    return json.dumps({"type": "case.opened", "timestamp": "2026-11-24T08:00:00.000Z", "data": data}).encode()


def evidence(data: bytes = PICTURE, **change: Any) -> dict[str, Any]:
    sha256 = hashlib.sha256(data).hexdigest()
    content = base64.b64encode(data).decode()
    return {"name": "p", "kind": "picture", "media_type": "image/jpeg", "sha256": sha256, "content": content, **change}


class Desk:
    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        env = {**os.environ, "DESK_SECRET": SECRET, "PYTHONPATH": str(ROOT)}
        command = [
            sys.executable,
            "-m",
            "brain.desk",
            "--dir",
            str(folder),
            "--port",
            "0",
            "--secret-env",
            "DESK_SECRET",
        ]
        self.process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True, env=env)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("desk listening on http://127.0.0.1:")
        self.url = line.split()[-1]

    def post(self, raw: bytes, message_id: str = "m1", **change: Any) -> httpx.Response:
        stamp = int(time.time())
        headers = {
            "webhook-id": message_id,
            "webhook-timestamp": str(stamp),
            "webhook-signature": sign(parse_secret(SECRET), message_id, stamp, raw),
        }
        return httpx.post(self.url + "/cases", content=raw, headers={**headers, **change}, timeout=20)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return httpx.get(self.url + path, timeout=20, **more)

    def ledger(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "received.jsonl").read_text().splitlines()]

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Any]:
    running: list[Desk] = []

    def make(*options: str, name: str = "desk") -> Desk:
        running.append(Desk(tmp_path / name, *options))
        return running[-1]

    yield make
    for desk in running:
        desk.end(signal.SIGKILL)


def test_takes_a_case_once_and_shows_it(start):
    desk = start()
    raw = body(evidence=[evidence()], address="东风路 <b>1</b>", **{"class": {"name": "机动车乱停放", "code": "09009"}})
    assert desk.post(raw).json() == {"id": "desk-N-c1", "effect": "new"}
    assert desk.post(raw).json() == {"id": "desk-N-c1", "effect": "duplicate"}
    assert [line["effect"] for line in desk.ledger()] == ["new", "duplicate"]
    assert desk.get("/health").json() == {
        "ok": True, "received": 2, "new": 1, "duplicates": 1, "behind": 0, "cases": 1,
    }  # fmt: skip
    (case,) = desk.get("/cases").json()
    kept = case["messages"][0]["body"]["data"]["evidence"][0]
    assert "content" not in kept
    shown = desk.get(f"/files/{kept['sha256']}.jpg")
    assert (shown.content, shown.headers["content-type"]) == (PICTURE, "image/jpeg")
    page = desk.get("/", headers={"accept-language": "zh-CN"}).text
    assert "试用派遣平台" in page
    assert "机动车乱停放" in page
    assert "&lt;b&gt;" in page
    assert kept["sha256"] in page
    assert "Trial desk" in desk.get("/?lang=en").text
    assert desk.end() == 0


@pytest.mark.parametrize("path", ["/files/..%2freceived.jsonl", "/files/.x", "/files/none.jpg", "/docs", "/?lang=fr"])
def test_other_paths_give_nothing(start, path):
    desk = start()
    desk.post(body())
    assert desk.get(path).status_code in (404, 422)


def test_refuses_what_is_not_signed_not_a_case_or_too_large(start):
    desk = start("--max-body-mb", "0.01")
    cases = [
        (body(), {"webhook-signature": "v1,AAAA"}, 401),
        (body(), {"webhook-signature": b"\xff"}, 401),
        (body(), {"webhook-timestamp": "1"}, 401),
        (b"\xff", {}, 400),
        (b"[" * 5000, {}, 400),
        (body(number=5), {}, 400),
        (body(evidence=[evidence(sha256="0" * 64)]), {}, 400),
        (body(evidence=[evidence(content="?")]), {}, 400),
        (body(note="x" * 20_000), {}, 413),
    ]
    for raw, change, status in cases:
        assert desk.post(raw, **change).status_code == status, raw[:80]
    assert desk.post(body(), message_id="../../x").status_code == 400
    assert desk.get("/health").json()["received"] == 0


def test_a_lower_revision_after_a_higher_is_noted(start):
    desk = start()
    for message_id, revision in (("m1", 1), ("m3", 3), ("m2", 2), ("m3", 3)):
        desk.post(body(revision=revision), message_id)
    assert [(line["revision"], line["effect"], line["order"]) for line in desk.ledger()] == [
        (1, "new", "ok"), (3, "new", "ok"), (2, "new", "behind"), (3, "duplicate", "ok"),
    ]  # fmt: skip


def test_its_own_kill_loses_and_doubles_nothing(start):
    desk = start()
    answered: list[str] = []

    def send() -> None:
        for n in range(500):
            try:
                if desk.post(body(f"c{n}", evidence=[evidence(b"%d" % n)]), f"m{n}").status_code == 200:
                    answered.append(f"m{n}")
            except httpx.HTTPError:
                return

    sender = threading.Thread(target=send)
    sender.start()
    while len(answered) < 8:
        time.sleep(0.01)
    desk.end(signal.SIGKILL)
    sender.join()
    with (desk.folder / "received.jsonl").open("ab") as file:
        file.write(b'{"id": "torn')

    again = start()
    kept = {line["id"] for line in again.ledger()}
    assert set(answered) <= kept
    assert again.post(body("c0"), "m0").json()["effect"] == "duplicate"
    assert again.post(body("c499"), "m499").json()["effect"] == "new"
    for case in again.get("/cases").json():
        for item in case["messages"][0]["body"]["data"]["evidence"]:
            assert (again.folder / "files" / f"{item['sha256']}.jpg").is_file()


def test_store_then_fail_keeps_it(start):
    desk = start("--store-then-fail-rate", "1", "--seed", "3")
    seen: Counter[str] = Counter()
    for n in range(12):
        try:
            seen[str(desk.post(body(), f"m{n}").status_code)] += 1
        except httpx.RemoteProtocolError:
            seen["hung up"] += 1
    assert set(seen) == {"502", "hung up"}
    assert [line["effect"] for line in desk.ledger()] == ["new"] * 12


def test_late_answers_come_after_the_sleep(start):
    desk = start("--timeout-rate", "1", "--timeout-sleep", "0.5")
    began = time.monotonic()
    assert desk.post(body()).status_code in (200, 503)
    assert time.monotonic() - began >= 0.5


def test_errors_keep_nothing_and_ask_for_patience(start):
    desk = start("--error-rate", "1")
    answers = [desk.post(body(), f"m{n}") for n in range(20)]
    assert {a.status_code for a in answers} == {500, 503, 429}
    assert all((a.status_code == 500) == ("retry-after" not in a.headers) for a in answers)
    assert desk.ledger() == []


def test_faults_follow_the_rates_and_the_seed():
    plan = FaultPlan(0.2, 0.1, 0.1, seed=5)
    one, other = Faults(plan), Faults(plan)
    drawn = [one.draw() for _ in range(4000)]
    assert drawn == [other.draw() for _ in range(4000)]
    shares = Counter(fault.value.split("_")[0] for fault in drawn)
    assert {name: round(count / 4000, 1) for name, count in shares.items()} == {
        "none": 0.6, "error": 0.2, "late": 0.1, "kept": 0.1,
    }  # fmt: skip
    assert set(drawn) == set(Fault)


def test_two_desks_do_not_share_a_folder_and_a_damaged_ledger_is_told(tmp_path):
    with Ledger.open(tmp_path), pytest.raises(StoreError, match="another desk"):
        Ledger.open(tmp_path)
    (tmp_path / "received.jsonl").write_text('{"id": 1}\n')
    with pytest.raises(StoreError, match=r"received\.jsonl:1"):
        Ledger.open(tmp_path)


@pytest.mark.parametrize("raw", [b"", b"null", b"[]", b'{"type": "x"}', b'{"type": "x", "data": {"number": "n"}}'])
def test_bodies_that_are_no_cases(raw):
    with pytest.raises(MessageError):
        parse(raw)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({}, "no secret"),
        ({"unsigned": True, "host": "0.0.0.0"}, "any-host"),
        ({"unsigned": True, "host": "name"}, "not an IP address"),
        ({"unsigned": True, "error_rate": 0.7, "timeout_rate": 0.7}, "more than 1"),
    ],
)
def test_contradicting_options(options, word, tmp_path):
    with pytest.raises(UsageError, match=word):
        run_desk(folder=tmp_path / "d", **options)


def test_a_taken_port_is_told_in_words(start, tmp_path):
    port = start().url.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "brain.desk", "--dir", str(tmp_path / "two"), "--port", port, "--unsigned"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=30, check=False)
    assert done.returncode == 2
    assert "cannot listen" in done.stderr
    assert "Traceback" not in done.stderr
