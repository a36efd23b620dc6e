"""What every rule word has in common: its state, its parameters, its one step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from brain.config.settings import Settings
from brain.core.types import Finding, Observations, Zone
from brain.rules.select import Selected

EPSILON_S = 1e-6
"""Slack for comparing sums of time steps: ten steps of 0.1 s are one second."""

UNKNOWN = Finding(active=None)
"""What a rule says when it cannot judge: neither presence nor absence."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The media time of one sample.

    Attributes:
        pts_s: media time in seconds.
        watched_s: seconds that were really watched so far; outages and unknown samples are not in it
            (``brain.rules.watch``).
    """

    pts_s: float
    watched_s: float


class State(BaseModel):
    """What a rule remembers between two samples: frozen, bounded, and the same after a trip through JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @property
    def idle(self) -> bool:
        """Whether nothing lasts at the moment, so that losing this state would lose nothing."""
        return True


class Parameters(Settings):
    """Parameters that every rule word takes."""

    algorithm: str | None = Field(
        None, description="which of the scenario's algorithms it reads; needed only if there are several"
    )
    min_score: float = Field(0.3, ge=0, le=1, description="detections with a lower score are ignored")


S = TypeVar("S", bound=State)
Held = TypeVar("Held")


class Rule(ABC, Generic[S, Held]):
    """One rule word with its parameters; pure, so that the same samples always give the same findings.

    A step has three parts, so that who tries many parameters on the same samples need not do all of it again: what is
    seen in the zone (``select``), how long it has been there (``track``), and what that means (``say``).

    Attributes:
        word: its name in a manifest.
        state_type: the model of its state, for reading a saved one.
        tracking: names of the parameters that ``track`` reads and ``select`` does not.
        saying: names of the parameters that only ``say`` reads.
        algorithm: id of the algorithm whose detections it reads.
        parameters: all of them.
    """

    word: ClassVar[str]
    state_type: ClassVar[type[State]]
    tracking: ClassVar[frozenset[str]]
    saying: ClassVar[frozenset[str]] = frozenset({"dwell"})
    algorithm: str
    parameters: Parameters

    @abstractmethod
    def start(self) -> S:
        """The state before the first sample."""

    @abstractmethod
    def select(self, zone: Zone, observations: Observations) -> Selected | None:
        """The things of this sample that count; ``None`` when the algorithm could not judge it."""

    @abstractmethod
    def track(self, state: S, selected: Selected, now: Moment) -> tuple[S, Held]:
        """The next state, and what is held of each thing or of all together."""

    @abstractmethod
    def say(self, held: Held, now: Moment) -> Finding:
        """The finding that follows from what is held."""

    def step(self, state: S, zone: Zone, observations: Observations, now: Moment) -> tuple[S, Finding]:
        """The next state, and what the rule says of this sample.

        A finding with ``active=None`` and no ``since_s`` is *unknown*: nothing can be said. One with ``active=None``
        and a ``since_s`` is *hidden*: the thing was there and is not seen just now; neither confirms nor clears.
        """
        selected = self.select(zone, observations)
        if selected is None:
            return state, UNKNOWN
        state, held = self.track(state, selected, now)
        return state, self.say(held, now)
