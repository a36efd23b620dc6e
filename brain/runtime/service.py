"""The service process: owner of the database, keeper of the workers, home of the dispatcher."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from brain.cases.intake import CaseIntake
from brain.config.logs import logger
from brain.config.settings import BrainSettings
from brain.core.clock import monotonic_s, utc_now
from brain.core.errors import BrainError, StoreError
from brain.dispatch.control import SOCKET_NAME, ControlServer
from brain.dispatch.dispatcher import Dispatcher
from brain.dispatch.health import DispatchHealth
from brain.runtime.assembly import Assembly
from brain.runtime.plan import shards, worker_count
from brain.runtime.supervisor import ShardView, Supervisor, settings_with_secrets
from brain.store.database import Database, location
from brain.store.evidence import EvidenceFolder
from brain.store.queries import Counts, counts
from brain.store.records import Commit
from brain.store.retention import prune
from brain.store.states import check_owner, save_states

PRUNE_EVERY_S = 300.0
STOP_WORKERS_S = 7.0
STOP_DISPATCH_S = 2.0


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
        self.database = Database.open(location(settings, base), writer=True)
        try:
            self.evidence = EvidenceFolder(self.state / "evidence")
            self.evidence.sweep_temporary()
            self._intake = CaseIntake(self.database, assembly.case_classes(), settings)
            self.dispatcher = Dispatcher(self.database, self.evidence, desks)
            names = [camera.id for camera in settings.cameras]
            plan = shards(names, worker_count(settings.workers, len(names)))
            self.supervisor = Supervisor(
                settings_with_secrets(settings.model_dump(mode="python", by_alias=True)),
                base.absolute(),
                self.state,
                plan,
                self.database,
                self._keep,
            )
            self._control = ControlServer(self.state / SOCKET_NAME, {"retry": self._retry})
        except BaseException:
            self.database.close()
            raise
        self._stopping = threading.Event()
        self.started_s = monotonic_s()

    def start(self) -> None:
        """Starts dispatcher, control socket and workers."""
        self._control.start()
        self.dispatcher.start()
        self.supervisor.start()
        threading.Thread(target=self._tidy, name="tidy", daemon=True).start()
        logger().info("service started", cameras=len(self.settings.cameras), state=str(self.state))

    def stop(self) -> None:
        """Ends in good order within ten seconds: workers first, then deliveries under way, then the store."""
        logger().info("service stops")
        self._stopping.set()
        self.supervisor.stop(STOP_WORKERS_S)
        self.dispatcher.stop(STOP_DISPATCH_S)
        self._control.close()
        self.database.close()
        logger().info("service stopped")

    def snapshot(self) -> Snapshot:
        """The present state of everything."""
        trouble = self.supervisor.trouble
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
        """Keeps what a worker sent: mere states together in one transaction, events camera by camera."""
        states = [commit for commit in commits if not commit.reports and not commit.late]
        if states:
            now = utc_now()
            with self.database.write() as connection:
                for commit in states:
                    check_owner(connection, commit.camera, commit.token)
                    save_states(connection, commit.camera, commit.states, now)
        for commit in commits:
            if commit.reports or commit.late:
                self._intake.apply(commit)
                self.dispatcher.wake()

    def _retry(self, request: dict[str, Any]) -> dict[str, Any]:
        ids = tuple(str(item) for item in request.get("ids") or ())
        desk = request.get("desk")
        rows = self.dispatcher.retry(desk=desk if desk is None else str(desk), ids=ids, dead=bool(request.get("dead")))
        return {"retried": rows}

    def _tidy(self) -> None:
        limit = int(self.settings.storage.evidence_limit_gb * (1 << 30))
        while not self._stopping.wait(PRUNE_EVERY_S):
            try:
                pruned = prune(self.database, self.evidence, limit, utc_now())
            except BrainError as error:
                logger().warning("evidence could not be tidied", reason=error.line)
                continue
            if pruned.files or pruned.over_bytes:
                logger().info("evidence tidied", files=pruned.files, bytes=pruned.bytes, over=pruned.over_bytes)
