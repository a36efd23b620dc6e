"""What ``brain check`` looks at."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from brain.cases.changes import Book
from brain.config.settings import WITHOUT_NETWORK, BrainSettings, load_settings, source_scheme
from brain.core.errors import BrainError
from brain.dispatch.signing import parse_secret
from brain.runtime.assembly import Assembly
from brain.scenarios.registry import BrokenScenario
from brain.store.database import FILE_NAME, Database, location
from brain.store.sqlite_library import sqlite_report
from brain.video.address import pin_address
from brain.video.demux import Demuxer, OpenOptions, check_file
from brain.video.timeline import Timeline


class Verdict(Enum):
    """What a finding means."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """One line of the check."""

    verdict: Verdict
    text: str


def check_settings(
    path: Path, *, connect: bool, read: Callable[[Path], BrainSettings] = load_settings
) -> Iterator[CheckFinding]:
    """All findings, one after the other.

    Args:
        connect: also open each camera.
        read: reads the settings file; one that knows drawn scenes also checks their names.

    Raises:
        ConfigError: the file itself is wrong; nothing else can be looked at then.
    """
    settings = read(path)
    base = path.absolute().parent
    yield CheckFinding(Verdict.GOOD, f"{path}: {len(settings.cameras)} cameras, {len(settings.desks)} desks")
    yield from _assignments(settings, base)
    yield from _sources(settings, base, connect)
    yield from _desks(settings, base)
    yield from _store(settings, base)


def _assignments(settings: BrainSettings, base: Path) -> Iterator[CheckFinding]:
    try:
        assembly = Assembly(settings, base)
        for found in assembly.parts.registry.list():
            if isinstance(found, BrokenScenario):
                yield CheckFinding(Verdict.NOTE, f"scenario {found.id} is broken: {found.error.line}")
        for camera in settings.cameras:
            pipeline = assembly.pipeline(camera.id)
            names = ", ".join(task.key for task in pipeline.tasks)
            yield CheckFinding(Verdict.GOOD, f"camera {camera.id}: {names}; one sample each {pipeline.every_s:g} s")
        Book.of(assembly.case_classes(), settings)
    except BrainError as error:
        yield CheckFinding(Verdict.BAD, error.line)


def _sources(settings: BrainSettings, base: Path, connect: bool) -> Iterator[CheckFinding]:
    for camera in settings.cameras:
        try:
            address = camera.resolved_address(base)
            scheme = source_scheme(address.url)
            if scheme == "file":
                check_file(Path(address.url))
            elif scheme not in WITHOUT_NETWORK:
                pin_address(address.url, settings.network.allow)
            if connect and scheme not in ("feed", "sim"):
                options = OpenOptions(camera.transport, settings.network.allow)
                demuxer = Demuxer(address, options, Timeline(0.0, live=False))
                info = demuxer.info
                demuxer.close()
                yield CheckFinding(Verdict.GOOD, f"camera {camera.id}: {info.codec} {info.width}×{info.height}")
        except BrainError as error:
            yield CheckFinding(Verdict.BAD, f"camera {camera.id}: {error.line}")


def _desks(settings: BrainSettings, base: Path) -> Iterator[CheckFinding]:
    if not settings.desks:
        yield CheckFinding(Verdict.NOTE, "no desk: cases stay here and are delivered to nobody")
    for desk in settings.desks:
        try:
            secret = desk.resolved_secret(base)
            if secret is None:
                yield CheckFinding(Verdict.NOTE, f"desk {desk.id}: no secret, its messages are not signed")
            else:
                parse_secret(secret.get_secret_value(), what=f"desk {desk.id}: secret")
        except BrainError as error:
            yield CheckFinding(Verdict.BAD, error.line)


def _store(settings: BrainSettings, base: Path) -> Iterator[CheckFinding]:
    report = sqlite_report()
    yield CheckFinding(Verdict.GOOD, report.line)
    where = location(settings, base)
    if isinstance(where, str):
        return
    folder = where if where.exists() else next(parent for parent in where.absolute().parents if parent.exists())
    if not os.access(folder, os.W_OK | os.X_OK):
        yield CheckFinding(Verdict.BAD, f"{folder}: this user may not write there; give it the right or set state")
    elif (where / FILE_NAME).exists():
        try:
            with Database.open(where, writer=False):
                yield CheckFinding(Verdict.GOOD, f"{where}: database opens")
        except BrainError as error:
            yield CheckFinding(Verdict.BAD, error.line)
