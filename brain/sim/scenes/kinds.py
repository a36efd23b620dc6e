"""What a scene is: its name, what it shows or what it is easily taken for, and who builds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from brain.sim.cast import Cast


class Begins(StrEnum):
    """Which moment of a thing begins its event: the first picture of which this is true, and never an earlier one.

    What *appears* – fire, smoke, water, waste, stalls, goods, holes, dust – begins with its first painted pixel. What
    is seen before and only becomes an event by its *state* begins with that state: a vehicle or a carried case is seen
    long before it stands, a person long before he is inside.
    """

    SHOWS = "shows"
    """The first pixel of it is painted, whether or not something passes before it at that moment."""
    STANDS = "stands"
    """It no longer moves: a vehicle has halted, a cycle is parked, a thing that was carried or fell lies at rest."""
    ENTERS = "enters"
    """Its ground point is in the zone of the event."""


@dataclass(frozen=True, slots=True)
class SceneKind:
    """A scene by name.

    Attributes:
        name: as on the command line.
        zh, en: one line for people.
        stage: name of the stage.
        build: fills a cast.
        shows: id of the scenario whose event it shows; empty = none.
        begins: which moment begins that event; count: how many of its things must have reached it (the 30th person of a
            crowd, the 5th cycle, the 2nd bag).
        confuses: id of the scenario that it is easily taken for; empty = none.
        seconds: its own length.
        walkers: passers-by unless told.
        shake_px, shadow_moves: of the spec unless told.
    """

    name: str
    zh: str
    en: str
    stage: str
    build: Callable[[Cast], None]
    shows: str = ""
    begins: Begins = Begins.SHOWS
    count: int = 1
    confuses: str = ""
    seconds: float = 40.0
    walkers: int = 4
    shake_px: float = 0.0
    shadow_moves: bool = False

    @property
    def looked_for(self) -> tuple[str, ...]:
        """Scenarios that its truth speaks of."""
        return tuple(name for name in (self.shows, self.confuses) if name)
