"""What every rule word has in common: its state, its parameters, its one step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from brain.config.settings import Settings
from brain.core.types import Finding, Observations, Zone

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


class Rule(Protocol[S]):
    """One rule word with its parameters; pure, so that the same samples always give the same findings."""

    @property
    def word(self) -> str:
        """Its name in a manifest."""

    @property
    def algorithm(self) -> str:
        """Id of the algorithm whose detections it reads."""

    @property
    def state_type(self) -> type[S]:
        """The model of its state, for reading a saved one."""

    def start(self) -> S:
        """The state before the first sample."""

    def step(self, state: S, zone: Zone, observations: Observations, now: Moment) -> tuple[S, Finding]:
        """The next state, and what the rule says of this sample.

        A finding with ``active=None`` and no ``since_s`` is *unknown*: nothing can be said. One with ``active=None``
        and a ``since_s`` is *hidden*: the thing was there and is not seen just now; neither confirms nor clears.
        """
