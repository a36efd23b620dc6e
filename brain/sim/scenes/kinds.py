"""What a scene is: its name, what it shows or what it is easily taken for, and who builds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from brain.sim.cast import Cast


@dataclass(frozen=True, slots=True)
class SceneKind:
    """A scene by name.

    Attributes:
        name: as on the command line.
        zh, en: one line for people.
        stage: name of the stage.
        build: fills a cast.
        shows: id of the scenario whose event it shows; empty = none.
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
    confuses: str = ""
    seconds: float = 40.0
    walkers: int = 4
    shake_px: float = 0.0
    shadow_moves: bool = False

    @property
    def looked_for(self) -> tuple[str, ...]:
        """Scenarios that its truth speaks of."""
        return tuple(name for name in (self.shows, self.confuses) if name)
