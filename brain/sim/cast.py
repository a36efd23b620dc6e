"""The world of one scene while it is put together, and afterwards: entities, their numbers, events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from brain.core.errors import UsageError
from brain.sim.climate import Climate
from brain.sim.draw import stream
from brain.sim.entity import Entity
from brain.sim.paint.lens import LensEffect
from brain.sim.spec import SceneSpec
from brain.sim.stages.plan import Plan

E = TypeVar("E", bound=Entity)
WHOLE = "whole_picture"
"""Name and kind of the zone of events that may lie anywhere; a scene tells an event in it by this name."""


@dataclass(frozen=True, slots=True)
class Happening:
    """An event that a scene's author tells.

    Attributes:
        scenario: id; ``zone``: name of the area that it lies in.
        began_s, ended_s: media seconds; ``None`` = it lasts to the end.
        of: the entities that it is about.
        with_shadow: whether what it changes in the picture includes a shadow.
    """

    scenario: str
    zone: str
    began_s: float
    ended_s: float | None
    of: tuple[Entity, ...]
    with_shadow: bool = True


class Cast:
    """What a scene's builder fills.

    Attributes:
        spec: what was asked; plan: the stage; climate: light and weather.
        entities: in order of adding.
        happenings: in order of telling.
        effects: what the lens adds to every picture, in this order.
    """

    def __init__(self, spec: SceneSpec, plan: Plan, climate: Climate) -> None:
        self.spec = spec
        self.plan = plan
        self.climate = climate
        self.entities: list[Entity] = []
        self.happenings: list[Happening] = []
        self.effects: list[LensEffect] = []
        self._firsts: list[int] = []
        self._spans: tuple[np.ndarray[tuple[int], np.dtype[np.float64]], ...] | None = None

    @property
    def lights(self) -> bool:
        """Whether vehicles have their lamps on: at dusk and night, and in fog and rain."""
        return self.climate.lamps > 0 or self.climate.haze_m < 130

    def rng(self, purpose: str) -> np.random.Generator:
        """Random numbers of one purpose."""
        return stream(self.spec.seed, purpose)

    def add(self, entity: E) -> E:
        """Put an entity into the world; returns it."""
        last = self._firsts[-1] + len(self.entities[-1].labels) if self.entities else 1
        if last + len(entity.labels) > 65_535:
            raise UsageError(
                "more than 65,535 things in one scene", where=self.spec.scene, remedy="draw a shorter clip"
            )
        self._firsts.append(last)
        self.entities.append(entity)
        self._spans = None
        return entity

    def event(
        self,
        scenario: str,
        zone: str,
        began_s: float,
        ended_s: float | None,
        of: Entity | Sequence[Entity],
    ) -> None:
        """Tell an event; one that would begin after the clip's last picture is left out.

        Args:
            began_s: the moment that ``SceneKind.begins`` of the scene names; ``ended_s``: ``None`` = it stays.
            of: what it is about, without bystanders.
        """
        if self.spec.first_picture(began_s) >= self.spec.pictures:
            return
        ended_s = None if ended_s is None or ended_s >= self.spec.seconds else ended_s
        about = tuple(of) if isinstance(of, Sequence) else (of,)
        self.happenings.append(Happening(scenario, zone, began_s, ended_s, about))

    def first_number(self, entity: Entity) -> int:
        """Number of an entity's first part."""
        return self._firsts[next(i for i, known in enumerate(self.entities) if known is entity)]

    def present(self, time_s: float) -> list[tuple[int, Entity]]:
        """Number of the first part and entity of all that may be there at a moment."""
        if self._spans is None:
            spans = np.array([entity.span for entity in self.entities], float).reshape(-1, 2)
            self._spans = spans[:, 0], spans[:, 1]
        begins, ends = self._spans
        chosen = np.flatnonzero((begins <= time_s) & (ends >= time_s))
        return [(self._firsts[index], self.entities[index]) for index in chosen]

    def label(self, number: int) -> str:
        """Class name of an instance."""
        index = int(np.searchsorted(self._firsts, number, side="right")) - 1
        return self.entities[index].labels[number - self._firsts[index]]
