"""The service process: owner of the database, keeper of the workers, home of the dispatcher."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from brain.cases.intake import CaseIntake
from brain.config.logs import logger
from brain.config.settings import BrainSettings
from brain.core.clock import monotonic_s, utc_now
from brain.core.errors import BrainError, StoreError
from brain.core.types import CameraState
from brain.dispatch.control import SOCKET_NAME, ControlServer, retry_order
from brain.dispatch.dispatcher import Dispatcher
from brain.dispatch.health import DispatchHealth
from brain.runtime.assembly import Assembly
from brain.runtime.intake_line import IntakeLine
from brain.runtime.plan import shards, worker_count
from brain.runtime.supervisor import ShardView, Supervisor, settings_with_secrets
from brain.store.database import FILE_NAME, Database, location
from brain.store.errors import UnkeepableReport
from brain.store.evidence import EVIDENCE_FOLDER, EvidenceFolder
from brain.store.queries import Counts, counts
from brain.store.records import Commit
from brain.store.retention import prune
from brain.store.states import check_owner, save_states

PRUNE_EVERY_S = 300.0
GUARD_EVERY_S = 5.0
BUSY_S = 2.0
STOP_WORKERS_S = 6.0
GIVE_UP_S = 3.5
STOP_INTAKE_S = 2.5
STOP_DISPATCH_S = 4.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The service as the status page and metrics see it.

    Attributes:
        shards: what each worker last said.
        counts: of the database; ``None`` when it cannot be read just now.
        dispatch: health per desk.
        trouble: what keeps the service from working, empty when nothing does.
        attention: what a person should look at, though the service itself works.
        replaced: reason → how often a worker was replaced.
    """

    shards: tuple[ShardView, ...]
    counts: Counts | None
    dispatch: DispatchHealth
    trouble: str
    attention: tuple[str, ...]
    replaced: Mapping[str, int]


class Service:
    """All parts of the service and their life.

    Args:
        settings: checked.
        base: folder of the settings file.

    Raises:
        BrainError: at construction: a mistake in the settings, weights that are missing, a store that cannot be opened.
    """

    def __init__(self, settings: BrainSettings, base: Path) -> None:
        self.settings = settings
        self.base = base
        self.state = (base / settings.state.expanduser()).absolute()
        assembly = Assembly(settings, base)
        assembly.check()
        desks = [(desk, desk.resolved_secret(base)) for desk in settings.desks]
        try:
            self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"state folder cannot be made: {error.strerror}", where=str(self.state), remedy="check path and rights"
            ) from None
        self.database = Database.open(location(settings, base), writer=True, busy_timeout_s=BUSY_S)
        try:
            self.evidence = EvidenceFolder(self.state / EVIDENCE_FOLDER)
            self.evidence.sweep_temporary()
            self._intake = CaseIntake(self.database, assembly.case_classes(), settings)
            self.dispatcher = Dispatcher(self.database, self.evidence, desks)
            names = [camera.id for camera in settings.cameras]
            plan = shards(names, worker_count(settings.workers, len(names)))
            self.intake = IntakeLine(self._keep)
            self.supervisor = Supervisor(
                settings_with_secrets(settings.model_dump(mode="python", by_alias=True)),
                base.absolute(),
                self.state,
                plan,
                self.database,
                self.intake,
            )
            self._control = ControlServer(self.state / SOCKET_NAME, {"retry": retry_order(self.dispatcher.retry)})
        except BaseException:
            self.database.close()
            raise
        self.refused = 0
        self._stopping = threading.Event()
        self._started = False
        self._gone = ""
        self._file = database_file(self.state)

    def start(self) -> None:
        """Starts dispatcher, control socket and workers."""
        self._control.start()
        self.dispatcher.start()
        self.intake.start()
        self.supervisor.start()
        self._started = True
        threading.Thread(target=self._tidy, name="tidy", daemon=True).start()
        logger().info("service started", cameras=len(self.settings.cameras), state=str(self.state))

    def stop(self) -> None:
        """Ends in good order within ten seconds: workers and deliveries under way, then the store."""
        logger().info("service stops")
        self._stopping.set()
        deliveries = threading.Thread(target=self.dispatcher.stop, args=(STOP_DISPATCH_S,), daemon=True)
        deliveries.start()
        self.intake.give_up_after(GIVE_UP_S)
        self.supervisor.stop(STOP_WORKERS_S)
        self.intake.finish(STOP_INTAKE_S)
        deliveries.join(STOP_INTAKE_S)
        self._control.close()
        self.database.close()
        logger().info("service stopped")

    def snapshot(self) -> Snapshot:
        """The present state of everything."""
        trouble = self.intake.trouble or self._gone
        if self._started and not self._stopping.is_set() and not (self.intake.is_alive() and self.supervisor.watches):
            trouble = "a part of the service has died: restart it"
        totals = None
        try:
            with self.database.read() as connection:
                totals = counts(connection)
        except BrainError as error:
            trouble = trouble or error.line
        shards, dispatch = self.supervisor.views(), self.dispatcher.health()
        return Snapshot(shards, totals, dispatch, trouble, attention(shards, dispatch), dict(self.supervisor.replaced))

    def _keep(self, commits: tuple[Commit, ...]) -> None:
        """Keeps what a worker sent, in its order: mere states that follow each other in one transaction."""
        waiting: list[Commit] = []
        for commit in commits:
            if commit.reports or commit.late:
                self._keep_states(waiting)
                waiting = []
                self._apply(commit)
                self.dispatcher.wake()
            else:
                waiting.append(commit)
        self._keep_states(waiting)

    def _apply(self, commit: Commit) -> None:
        """A commit whole; if a report in it can never be kept, everything but that report."""
        try:
            self._intake.apply(commit)
            return
        except UnkeepableReport as error:
            logger().error("report can never be kept", camera=commit.camera, reason=error.line)
        for report in commit.reports:
            try:
                self._intake.apply(replace(commit, reports=(report,), late=(), states=()))
            except UnkeepableReport:
                self.refused += 1
        self._intake.apply(replace(commit, reports=()))

    def _keep_states(self, commits: list[Commit]) -> None:
        if not commits:
            return
        now = utc_now()
        with self.database.write() as connection:
            for commit in commits:
                check_owner(connection, commit.camera, commit.token)
                save_states(connection, commit.camera, commit.states, now)

    def _guard(self) -> None:
        """A database file that was moved or deleted under us still takes writes, and keeps nothing."""
        gone = self._file is not None and database_file(self.state) != self._file
        text = f"{self.state} was moved or deleted: stop the service and put it back; what happens now is not kept"
        if gone and not self._gone:
            logger().error("state folder is gone", state=str(self.state))
        self._gone = text if gone else ""

    def _tidy(self) -> None:
        limit = int(self.settings.storage.evidence_limit_gb * (1 << 30))
        next_prune_s = monotonic_s() + PRUNE_EVERY_S
        while not self._stopping.wait(GUARD_EVERY_S):
            self._guard()
            if monotonic_s() < next_prune_s:
                continue
            next_prune_s = monotonic_s() + PRUNE_EVERY_S
            if self.intake.trouble or self.intake.pending():
                continue  # files whose rows still wait to be kept must not be taken for orphans
            try:
                pruned = prune(self.database, self.evidence, limit, utc_now())
            except BrainError as error:
                logger().warning("evidence could not be tidied", reason=error.line)
                continue
            if pruned.files or pruned.over_bytes:
                logger().info("evidence tidied", files=pruned.files, bytes=pruned.bytes, over=pruned.over_bytes)


def database_file(state: Path) -> tuple[int, int] | None:
    """Identity of the SQLite file in a state folder; ``None`` where there is none (a server keeps the data)."""
    try:
        found = (state / FILE_NAME).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def attention(shards: tuple[ShardView, ...], dispatch: DispatchHealth) -> tuple[str, ...]:
    """What a person should look at: cameras that are away, desks that take nothing, dead letters."""
    lines = [line for shard in shards for line in (shard.failure, shard.trouble) if line]
    for shard in shards:
        for name, report in sorted(shard.reports.items()):
            if report.state in (CameraState.STALLED, CameraState.REFUSED, CameraState.UNREACHABLE):
                lines.append(f"camera {name}: {report.state.value}: {report.reason}")
            lines += [f"camera {name}: scenario {scenario} fails: {why}" for scenario, why in report.broken.items()]
    for desk in dispatch.desks:
        if desk.state.value != "ok":
            lines.append(f"desk {desk.desk}: {desk.state.value}: {desk.reason}")
        if dead := sum(desk.dead.values()):
            lines.append(f"desk {desk.desk}: {dead} dead letters; `brain dispatch status` names them")
    return tuple(dict.fromkeys(lines))
