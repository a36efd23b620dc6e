"""What a camera hands over of its state, its events and their proof."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, tzinfo

from brain.config.logs import logger
from brain.core.clock import monotonic_s
from brain.core.types import EventChange, EventKind, EvidenceKind, Picture, Zone
from brain.runtime.outgoing import Outgoing, Parcel, Proof
from brain.runtime.pictures import caption_of, jpeg, marked
from brain.runtime.pipeline import CameraPipeline, Outcome
from brain.store.records import SavedState

KEEP_VIEW_S = 60.0


class StateKeeper:
    """Hands a camera's events and states over, no more often and no more of them than needed."""

    def __init__(self, camera: str, pipeline: CameraPipeline, outgoing: Outgoing, city: tzinfo = UTC) -> None:
        self._camera = camera
        self._city = city
        self._pipeline = pipeline
        self._outgoing = outgoing
        self._sent: dict[str, bytes] = {}
        self._view_saved_s = monotonic_s()
        self._was_busy = False

    def report(self, outcome: Outcome, picture: Callable[[], Picture], *extra: SavedState) -> None:
        """Changes of events with their proof, and the state that goes with them, as one parcel."""
        reports = tuple(
            (change, self._proofs(change, step.task.zone, picture)) for step in outcome.steps for change in step.changes
        )
        self._outgoing.submit(Parcel(self._camera, reports, (), (*self._fresh(methods=True), *extra)))
        self._was_busy = True

    def keep(self, *extra: SavedState) -> None:
        """The state alone, if something is in progress (or was at the sample before), or the view is due."""
        busy = self._pipeline.in_progress
        view = monotonic_s() - self._view_saved_s >= KEEP_VIEW_S
        if busy or self._was_busy or view or extra:
            states = (*self._fresh(methods=view), *extra)
            if states:
                self._outgoing.submit(Parcel(self._camera, states=states))
        self._was_busy = busy

    def keep_all(self) -> None:
        """Everything, before an orderly end."""
        self._outgoing.submit(Parcel(self._camera, states=self._pipeline.saved(methods=True)))

    def _proofs(self, change: EventChange, zone: Zone, picture: Callable[[], Picture]) -> tuple[Proof, ...]:
        """The proof of a change; a picture that cannot be made must not cost the report."""
        try:
            return proofs_of(change, zone, picture(), self._city)
        except Exception as error:
            logger().error("no proof picture", camera=self._camera, event_id=change.event_id, reason=repr(error))
            return ()

    def _fresh(self, *, methods: bool) -> tuple[SavedState, ...]:
        if methods:
            self._view_saved_s = monotonic_s()
        states = tuple(s for s in self._pipeline.saved(methods=methods) if self._sent.get(s.key) != s.data)
        self._sent |= {state.key: state.data for state in states if len(state.data) < 65_536}
        return states


def proofs_of(change: EventChange, zone: Zone, picture: Picture, city: tzinfo = UTC) -> tuple[Proof, ...]:
    """The pictures that prove a change: untouched and with boxes; for an end the view without the trouble."""
    plain = jpeg(picture)
    if change.kind is EventKind.ENDED:
        return (Proof(EvidenceKind.CLEAR_PICTURE, plain, "image/jpeg", change.at),)
    drawn = jpeg(marked(picture, change.boxes, zone, caption_of(change, city)))
    return (
        Proof(EvidenceKind.PICTURE, plain, "image/jpeg", change.at),
        Proof(EvidenceKind.PICTURE_MARKED, drawn, "image/jpeg", change.at),
    )
