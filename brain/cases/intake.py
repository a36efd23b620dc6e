"""From changes of events to cases: one transaction for a commit and all that follows from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from brain.cases.changes import Applied, Book, Changes
from brain.cases.classes import CaseClass
from brain.config.settings import BrainSettings
from brain.core.clock import utc_now
from brain.store.database import Database
from brain.store.errors import UnkeepableReport
from brain.store.records import Commit
from brain.store.states import check_owner, save_states


class CaseIntake:
    """Takes what the workers report. Safe to call from any thread."""

    def __init__(
        self,
        database: Database,
        classes: Mapping[str, CaseClass],
        settings: BrainSettings,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """Looks every class up at once.

        Args:
            database: opened for writing.
            classes: scenario id → what its cases are.
            settings: city, cameras and desks.
            clock: the time now, UTC.

        Raises:
            ConfigError: a class code that the taxonomy does not have.
        """
        self._database = database
        self._book = Book.of(classes, settings)
        self._clock = clock

    def apply(self, commit: Commit) -> Applied:
        """Keeps a commit whole or not at all: events, rule states, cases, transitions, evidence and outbox rows.

        The same change applied twice has no further effect, so a worker that got no answer may send it again.

        Raises:
            StaleOwner: the camera belongs to another worker meanwhile; stop reporting it.
            StoreUnavailable: disk full, database locked …: nothing was kept, send it again later.
            UnkeepableReport: it can never be kept.
            StoreError: a store that a person must mend.
        """
        for report in commit.reports:
            if report.change.camera != commit.camera:
                raise UnkeepableReport(f"a commit of camera {commit.camera} reports of camera {report.change.camera}")
        now = self._clock()
        with self._database.write() as connection:
            check_owner(connection, commit.camera, commit.token)
            changes = Changes(connection, self._book, now)
            for report in commit.reports:
                changes.report(report)
            for late in commit.late:
                changes.late(late)
            save_states(connection, commit.camera, commit.states, now)
        return changes.applied()
