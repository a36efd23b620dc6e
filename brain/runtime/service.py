"""The service process: owner of the database, keeper of the workers, home of the dispatcher."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from brain.cases.intake import CaseIntake
from brain.config.logs import logger
from brain.config.settings import BrainSettings
from brain.core.clock import utc_now
from brain.core.errors import BrainError, StoreError
from brain.dispatch.control import SOCKET_NAME, ControlServer, retry_order
from brain.dispatch.dispatcher import Dispatcher
from brain.dispatch.health import DispatchHealth
from brain.runtime.assembly import Assembly
from brain.runtime.intake_line import IntakeLine
from brain.runtime.plan import shards, worker_count
from brain.runtime.supervisor import ShardView, Supervisor, settings_with_secrets
from brain.store.database import Database, location
from brain.store.errors import UnkeepableReport
from brain.store.evidence import EvidenceFolder
from brain.store.queries import Counts, counts
from brain.store.records import Commit
from brain.store.retention import prune
from brain.store.states import check_owner, save_states

PRUNE_EVERY_S = 300.0
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
        trouble: what keeps the store from working, empty when all is well.
        replaced: reason → how often a worker was replaced.
    """

    shards: tuple[ShardView, ...]
    counts: Counts | None
    dispatch: DispatchHealth
    trouble: str
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
        for camera in settings.cameras:
            assembly.tasks(camera.id)
            camera.resolved_address(base)
        desks = [(desk, desk.resolved_secret(base)) for desk in settings.desks]
        try:
            self.state.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"state folder cannot be made: {error.strerror}", where=str(self.state), remedy="check path and rights"
            ) from None
        self.database = Database.open(location(settings, base), writer=True, busy_timeout_s=BUSY_S)
        try:
            self.evidence = EvidenceFolder(self.state / "evidence")
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
        trouble = self.intake.trouble
        if self._started and not self._stopping.is_set() and not (self.intake.is_alive() and self.supervisor.watches):
            trouble = "a part of the service has died: restart it"
        totals = None
        try:
            with self.database.read() as connection:
                totals = counts(connection)
        except BrainError as error:
            trouble = trouble or error.line
        return Snapshot(
            self.supervisor.views(), totals, self.dispatcher.health(), trouble, dict(self.supervisor.replaced)
        )

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

    def _tidy(self) -> None:
        limit = int(self.settings.storage.evidence_limit_gb * (1 << 30))
        while not self._stopping.wait(PRUNE_EVERY_S):
            if self.intake.trouble or self.intake.pending():
                continue  # files whose rows still wait to be kept must not be taken for orphans
            try:
                pruned = prune(self.database, self.evidence, limit, utc_now())
            except BrainError as error:
                logger().warning("evidence could not be tidied", reason=error.line)
                continue
            if pruned.files or pruned.over_bytes:
                logger().info("evidence tidied", files=pruned.files, bytes=pruned.bytes, over=pruned.over_bytes)
