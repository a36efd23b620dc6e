"""States of a case and who may move it, as a table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from brain.core.errors import StoreError

ENGINE = "engine"
"""The cameras' side: what opens, follows and, where the class lets it, closes a case by itself."""


class CaseState(StrEnum):
    """Where a case stands."""

    REPORTED = "reported"
    """上报: with the city, trouble still there as far as the camera knows."""
    CLOSED = "closed"
    """结案: done with."""


@dataclass(frozen=True, slots=True)
class Step:
    """One allowed step: from a state (``None``: there was no case) to a state, by whom, on which ground."""

    source: CaseState | None
    target: CaseState
    by: str
    ground: str


STEPS = (
    Step(None, CaseState.REPORTED, ENGINE, "an event was raised where no case is open"),
    Step(CaseState.REPORTED, CaseState.REPORTED, ENGINE, "an event joined, changed or ended, or proof was added"),
    Step(CaseState.REPORTED, CaseState.CLOSED, ENGINE, "the camera sees it gone and the class says close: camera"),
    Step(CaseState.CLOSED, CaseState.CLOSED, ENGINE, "proof came late: the clip of an event that was over soon"),
)


def require_step(source: CaseState | None, target: CaseState, by: str) -> None:
    """Refuses a step that the table does not hold.

    Raises:
        StoreError: nobody, or not this one, may move a case so.
    """
    if any(step.source is source and step.target is target and step.by == by for step in STEPS):
        return
    raise StoreError(
        f"{by} may not move a case from {source or 'nothing'} to {target}",
        remedy="brain/cases/lifecycle.py lists who may do what",
    )
