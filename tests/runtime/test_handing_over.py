"""From a worker to the store: nothing is dropped but what is said, whatever goes wrong on the way."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from brain.core.errors import StoreError
from brain.core.types import EventChange, EventKind, EvidenceKind, MarkedBox, Severity, Zone
from brain.runtime import outgoing as outgoing_module
from brain.runtime.intake_line import IntakeLine
from brain.runtime.keeper import proofs_of
from brain.runtime.outgoing import Outgoing, Parcel, Proof
from brain.runtime.pictures import jpeg, marked
from brain.runtime.wire import Ack, Channel, CommitRequest
from brain.store.errors import StaleOwner, StoreUnavailable
from brain.store.evidence import EvidenceFolder
from brain.store.records import Commit, SavedState

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
PICTURE = np.full((90, 160, 3), 80, np.uint8)


def change(event_id: str, *boxes: MarkedBox) -> EventChange:
    return EventChange(
        event_id, EventKind.RAISED, "left_object", "c", "main", "z", 1.0, 2.0, NOW, NOW, Severity.LOW, 1.0, 0.9, boxes
    )


def proof(size: int) -> Proof:
    return Proof(EvidenceKind.PICTURE, bytes(size), "image/jpeg", NOW)


@pytest.fixture
def pair() -> Iterator[tuple[Channel, Channel]]:
    ours, theirs = socket.socketpair()
    made = Channel(ours), Channel(theirs)
    yield made
    for channel in made:
        channel.close()


def asked(channel: Channel) -> CommitRequest:
    message = channel.receive()
    assert isinstance(message, CommitRequest)
    return message


def started(channel: Channel, folder: Path, broken: Callable[[str], None] = lambda _: None) -> Outgoing:
    line = Outgoing(channel, EvidenceFolder(folder), 7, on_stale=lambda: None, on_broken=broken)
    line.start()
    return line


def test_evidence_is_on_disk_before_its_row_is_asked_for(pair: tuple[Channel, Channel], tmp_path: Path) -> None:
    ours, theirs = pair
    line = started(ours, tmp_path)
    state = SavedState("task:x", b"1")
    line.submit(Parcel("c", ((change("e1"), (proof(10),)),), states=(state,)))
    request = asked(theirs)
    (commit,) = request.commits
    assert (commit.camera, commit.token, commit.states) == ("c", 7, (state,))
    (piece,) = commit.reports[0].evidence
    assert (tmp_path / piece.path).read_bytes() == bytes(10)
    assert line.waiting == 1
    line.acknowledge(request.seq, stale=False)
    assert line.drain(2)
    line.abandon()


def test_states_of_many_cameras_travel_together_and_only_the_newest(
    pair: tuple[Channel, Channel], tmp_path: Path
) -> None:
    ours, theirs = pair
    line = started(ours, tmp_path)
    for number in range(3):
        for camera in ("a", "b"):
            line.submit(Parcel(camera, states=(SavedState("k", str(number).encode()),)))
    (first, second) = asked(theirs).commits
    assert {(first.camera, first.states[0].data), (second.camera, second.states[0].data)} == {("a", b"2"), ("b", b"2")}
    line.abandon()


def test_beyond_the_bound_pictures_are_given_up_and_never_reports(
    pair: tuple[Channel, Channel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing_module, "PROOF_BYTES", 25)
    ours, theirs = pair
    line = Outgoing(ours, EvidenceFolder(tmp_path), 7, on_stale=lambda: None, on_broken=lambda _: None)
    for number in range(4):
        line.submit(Parcel("c", ((change(f"e{number}"), (proof(10),)),)))
    assert line.dropped == 2
    line.start()
    told = []
    for _ in range(4):
        request = asked(theirs)
        told.append((request.commits[0].reports[0].change.event_id, len(request.commits[0].reports[0].evidence)))
        line.acknowledge(request.seq, stale=False)
    assert told == [("e0", 1), ("e1", 1), ("e2", 0), ("e3", 0)]
    line.abandon()


def test_a_report_that_cannot_be_sent_is_said_and_not_swallowed(pair: tuple[Channel, Channel], tmp_path: Path) -> None:
    said: list[str] = []
    told = threading.Event()

    def broken(reason: str) -> None:
        said.append(reason)
        told.set()

    line = started(pair[0], tmp_path, broken)
    line.submit(Parcel("c", ((change("e1", MarkedBox((0, 0, 1, 1), "\ud800", 0.5)), ()),)))
    assert told.wait(5)
    assert "cannot be handed over" in said[0]


@pytest.mark.parametrize("label", ["car", "车", "\x00", "a" * 500])
def test_any_label_can_be_drawn(label: str) -> None:
    drawn = marked(PICTURE, [MarkedBox((0.1, 0.1, 0.6, 0.6), label, 0.5)], Zone("z", "public"), "c/z 中文")
    assert drawn.shape == PICTURE.shape
    assert jpeg(drawn)[:2] == b"\xff\xd8"


def test_a_raise_has_two_pictures_and_an_end_one() -> None:
    assert [item.kind for item in proofs_of(change("e"), Zone("z", "public"), PICTURE)] == ["picture", "picture_marked"]


def request_of(number: int) -> CommitRequest:
    return CommitRequest(number, (Commit("c", 1, states=(SavedState("k", b""),)),))


def answers(keep: Callable[[tuple[Commit, ...]], None], pair: tuple[Channel, Channel], count: int) -> list[object]:
    ours, theirs = pair
    line = IntakeLine(keep)
    line.start()
    for number in range(count):
        line.put(0, ours, request_of(number))
    found: list[object] = [theirs.receive() for _ in range(count)]
    line.finish(2)
    assert not line.is_alive()
    assert line.pending() == 0
    return found


@pytest.mark.parametrize(
    "error", [StoreUnavailable("full"), StoreError("read-only"), OSError(28, "no space"), KeyError("x")]
)
def test_what_cannot_be_kept_now_is_kept_later(error: Exception, pair: tuple[Channel, Channel]) -> None:
    tries = []

    def keep(commits: tuple[Commit, ...]) -> None:
        tries.append(commits)
        if len(tries) == 1:
            raise error

    assert answers(keep, pair, 2) == [Ack(0), Ack(1)]
    assert len(tries) == 3


def test_a_stale_worker_is_told(pair: tuple[Channel, Channel]) -> None:
    def keep(_: tuple[Commit, ...]) -> None:
        raise StaleOwner("another has it")

    assert answers(keep, pair, 1) == [Ack(0, stale=True)]


def test_a_stopping_service_does_not_wait_for_a_refusing_store(pair: tuple[Channel, Channel]) -> None:
    def keep(_: tuple[Commit, ...]) -> None:
        raise StoreUnavailable("locked")

    line = IntakeLine(keep)
    line.start()
    line.put(0, pair[0], request_of(0))
    line.give_up_after(0.1)
    line.finish(4)
    assert not line.is_alive()


def test_a_message_nobody_reads_is_given_up() -> None:
    ours, theirs = socket.socketpair()
    channel = Channel(ours, send_limit_s=0.2)
    large = CommitRequest(1, (Commit("c", 1, states=(SavedState("k", bytes(8 << 20)),)),))
    with theirs, pytest.raises(BlockingIOError):
        channel.send(large)
    channel.close()
