"""How bodies are seen: straight, or as their mirror image in a wet ground."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from brain.sim.camera import Floats, Projector

NEAR_M = 0.3
"""What lies nearer to the camera's plane than this is not drawn."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A projector, and whether all is seen upside down below the ground.

    Attributes:
        projector: of the canvas.
        mirrored: points are reflected at the ground (``y`` → ``-y``) before they are projected.
    """

    projector: Projector
    mirrored: bool = False

    @property
    def eye(self) -> Floats:
        """Where the camera is, in the world of the bodies: below the ground when mirrored."""
        height = self.projector.camera.height_m
        return np.array([0.0, -height if self.mirrored else height, 0.0])

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the canvas."""
        return self.projector.camera.canvas

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """Canvas pixels (N×2) and depth (N) of world points (N×3)."""
        if self.mirrored:
            points = points * np.array([1.0, -1.0, 1.0])
        return self.projector(points)

    def metre(self, depth: float) -> float:
        """Pixels per metre at a depth."""
        return self.projector.camera.focal / max(depth, NEAR_M)
