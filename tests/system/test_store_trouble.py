"""A store that refuses while the product runs: seen, waited for, and nothing lost."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from brain.store.database import Database
from brain.store.queries import counts

from .harness import BRAIN, Child, Product, wait_until

EPOCH = 1_790_000_000.0
PERSON = ["person", 0.9, 0.4, 0.4, 0.45, 0.6]


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    numbers = {
        "rule.count.for": "2s",
        "rule.count.at_least": 1,
        "rule.count.release_below": 1,
        "clear.after": "2s",
        "cooldown": "0s",
        "confirm.of": 2,
        "confirm.at_least": 2,
    }
    settings = {
        "cameras": [{"id": "feed", "source": "feed:feed.jsonl"}],
        "assignments": [{"scenario": "crowd_gathering", "profile": "short", "set": numbers}],
    }
    made = Product.prepare(tmp_path, settings)
    made.run()
    yield made
    made.kill()


def show(product: Product, start: int) -> None:
    """Lets a crowd come and go."""
    with (product.folder / "feed.jsonl").open("a") as feed:
        for second in range(12):
            seen = [PERSON] if second < 5 else []
            feed.write(json.dumps({"pts_s": EPOCH + start + second, "detections": {"person_detection": seen}}) + "\n")


def closed(product: Product) -> int:
    with Database.open(product.folder / "state", writer=False) as database, database.read() as connection:
        return counts(connection).cases_closed


@pytest.mark.timed
@pytest.mark.slow
def test_a_locked_database_holds_up_and_loses_nothing(product: Product) -> None:
    show(product, 0)
    wait_until(lambda: closed(product) == 1, 20, "the first case")
    other = sqlite3.connect(product.folder / "state" / "brain.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    show(product, 100)
    wait_until(lambda: "locked" in product.status()["trouble"], 20, "the trouble is shown")
    assert product.get("/health").status_code == 503
    assert "locked by another program" in product.get("/").text
    other.execute("ROLLBACK")
    other.close()
    wait_until(lambda: closed(product) == 2, 20, "the second case, without a restart")
    wait_until(lambda: product.get("/health").status_code == 200, 10, "all well again")
    assert product.end()[0] == 0


@pytest.mark.timed
@pytest.mark.slow
def test_evidence_that_cannot_be_written_holds_up_and_loses_nothing(product: Product) -> None:
    show(product, 0)
    wait_until(lambda: closed(product) == 1, 20, "the first case")
    evidence = product.folder / "state" / "evidence"
    away = evidence.with_name("evidence-away")
    evidence.rename(away)
    evidence.write_text("a file where the folder was: nothing can be written below it")
    show(product, 100)
    wait_until(lambda: any(w["trouble"] for w in product.status()["workers"]), 20, "the trouble is shown")
    evidence.unlink()
    away.rename(evidence)
    wait_until(lambda: closed(product) == 2, 20, "the second case, without a restart")
    wait_until(lambda: not any(w["trouble"] for w in product.status()["workers"]), 10, "all well again")


def test_a_second_service_on_the_same_state_is_refused_by_name(product: Product) -> None:
    second = Child("second", product.folder, [*BRAIN, "run", "config.yaml"])
    try:
        with pytest.raises(AssertionError):
            second.start(r"status page on (http://\S+)")
        assert str(product.pid) in second.words()
        assert "Traceback" not in second.words()
    finally:
        second.kill()
    assert product.get("/health").status_code == 200


@pytest.mark.timed
@pytest.mark.slow
def test_sigterm_ends_within_ten_seconds_although_the_store_refuses(product: Product) -> None:
    show(product, 0)
    wait_until(lambda: closed(product) == 1, 20, "the first case")
    other = sqlite3.connect(product.folder / "state" / "brain.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    show(product, 100)
    wait_until(lambda: "locked" in product.status()["trouble"], 20, "the trouble is shown")
    code, seconds = product.end()
    other.close()
    print(f"ended in {seconds:.1f} s")
    assert (code, seconds < 10) == (0, True)


@pytest.mark.timed
@pytest.mark.slow
def test_a_sigterm_for_the_whole_group_still_drains(product: Product) -> None:
    """As systemd stops a service: every process of it gets the signal at once."""
    show(product, 0)
    wait_until(lambda: closed(product) == 1, 20, "the first case")
    for pid in product.worker_pids():
        os.kill(pid, signal.SIGTERM)
    assert product.end()[0] == 0
    assert "worker died" not in product.words()


@pytest.mark.timed
@pytest.mark.slow
def test_a_state_folder_that_is_taken_away_is_noticed(product: Product) -> None:
    show(product, 0)
    wait_until(lambda: closed(product) == 1, 20, "the first case")
    state = product.folder / "state"
    state.rename(product.folder / "elsewhere")
    wait_until(lambda: product.get("/health").status_code == 503, 15, "the trouble is shown")
    assert "moved or deleted" in product.status()["trouble"]
    (product.folder / "elsewhere").rename(state)
    wait_until(lambda: product.get("/health").status_code == 200, 15, "all well again")


def test_a_mistake_in_one_camera_is_refused_before_the_start(tmp_path: Path) -> None:
    settings = {
        "cameras": [{"id": "good", "source": "feed:feed.jsonl"}, {"id": "idle", "source": "feed:other.jsonl"}],
        "assignments": [{"scenario": "crowd_gathering", "cameras": ["good"]}],
    }
    made = Product.prepare(tmp_path, settings)
    try:
        with pytest.raises(AssertionError):
            made.run()
        assert "camera 'idle' has no assignment" in made.words()
        assert "Traceback" not in made.words()
        assert made.wait(10) == 2
    finally:
        made.kill()


@pytest.mark.timed
@pytest.mark.slow
def test_what_needs_attention_is_said_though_the_service_works(tmp_path: Path) -> None:
    settings = {
        "cameras": [{"id": "away", "source": "rtsp://127.0.0.1:1/x?password=hidden-word", "name": "North gate 北门"}],
        "assignments": [{"scenario": "left_object", "set": {"zones.default": "whole_picture"}}],
    }
    made = Product.prepare(tmp_path, settings)
    made.run()
    try:
        wait_until(lambda: made.get("/health").json()["attention"], 20, "something needs attention")
        health = made.get("/health")
        assert (health.status_code, health.json()["ok"]) == (200, True)
        assert health.json()["attention"] == ["camera away: unreachable: connection refused"]
        page = made.get("/").text
        assert "needs attention" in page
        assert "North gate 北门" in page
        assert "hidden-word" not in page + made.words() + made.get("/metrics").text + made.get("/api/status").text
    finally:
        made.kill()
