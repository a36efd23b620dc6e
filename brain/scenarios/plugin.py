"""Scenarios as code: one class with one method."""

from __future__ import annotations

from abc import ABC, abstractmethod

from brain.core.types import Finding, Observations, Sample, Zone


class ScenarioPlugin(ABC):
    """Base of a scenario's own rule, in ``scenario.py`` beside its manifest or in an installed package.

    One object is made for each camera, view and zone, so it may remember things in itself; what it remembers does not
    outlive the process. Confirm, clear, severity, schedule, evidence and cases come from the manifest as for stock
    rules. A plug-in that raises, or returns something else than a sound finding, is counted and reported; its sample is
    then unknown, and no other scenario notices.
    """

    @abstractmethod
    def observe(self, sample: Sample, observations: Observations, zone: Zone) -> Finding:
        """What it says of a zone at one sample.

        Args:
            sample: with the image.
            observations: of the manifest's algorithms; boxes in pixels of the sample; masked areas are left out.
            zone: polygon in shares of width and height.

        Returns:
            A finding. With ``active=True`` and no ``since_s``, the time that it lasts is counted for the plug-in:
            ``Finding(active=True, needed_s=60)`` is raised after 60 watched seconds.
        """
