"""One pinhole camera over a flat ground.

World: metres, ``x`` along the street, ``y`` up, ``z`` across the street, the camera stands above the origin. Picture:
pixels, the centre of the top left pixel is (0, 0), as OpenCV counts. The camera is turned by ``yaw`` from across the
street towards along it, and tilted down. Model: Hartley and Zisserman, Multiple View Geometry, ch. 6.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
NEAREST_M = 0.02
"""Points nearer to the camera's plane are projected as if they were here, so that pixels stay finite."""


@dataclass(frozen=True, slots=True)
class Camera:
    """Where the camera hangs and how it sees.

    Attributes:
        width, height: pixels of the picture.
        focal: focal length in pixels.
        height_m: metres above the ground.
        yaw, tilt: radians; ``yaw`` 0 looks across the street, ``tilt`` 0 is level, positive looks down.
        mirrored: the street runs away to the left instead of to the right.
        margin: pixels drawn beyond each edge of the picture, for shake.
    """

    width: int
    height: int
    focal: float
    height_m: float
    yaw: float
    tilt: float
    mirrored: bool = False
    margin: int = 0

    @property
    def canvas(self) -> tuple[int, int]:
        """Width and height of what is drawn, margins included."""
        return self.width + 2 * self.margin, self.height + 2 * self.margin

    @property
    def axes(self) -> Floats:
        """Rows right, up, forward of the camera in world axes (3×3)."""
        cos_yaw, sin_yaw = np.cos(self.yaw), np.sin(self.yaw)
        cos_tilt, sin_tilt = np.cos(self.tilt), np.sin(self.tilt)
        side = -1.0 if self.mirrored else 1.0
        return np.array(
            [
                [side * cos_yaw, 0.0, -side * sin_yaw],
                [sin_yaw * sin_tilt, cos_tilt, cos_yaw * sin_tilt],
                [sin_yaw * cos_tilt, -sin_tilt, cos_yaw * cos_tilt],
            ]
        )

    @property
    def centre(self) -> tuple[float, float]:
        """Principal point on the canvas."""
        canvas_width, canvas_height = self.canvas
        return (canvas_width - 1) / 2, (canvas_height - 1) / 2

    def rays(self, oversample: int, rows: tuple[int, int]) -> Floats32:
        """Directions of view through canvas rows ``rows[0] … rows[1] - 1``, on a grid ``oversample`` times as fine.

        Returns:
            H×W×3, scaled so that the part along the axis of view is 1.
        """
        cx, cy = self.centre
        u = (np.arange(self.canvas[0] * oversample) + 0.5) / oversample - 0.5
        v = (np.arange(rows[0] * oversample, rows[1] * oversample) + 0.5) / oversample - 0.5
        local = np.empty((len(v), len(u), 3), np.float32)
        local[..., 0] = (u[None, :] - cx) / self.focal
        local[..., 1] = (cy - v[:, None]) / self.focal
        local[..., 2] = 1.0
        directions: Floats32 = local @ self.axes.astype(np.float32)
        return directions


class Projector:
    """A camera made ready to project many points quickly."""

    def __init__(self, camera: Camera) -> None:
        self.camera = camera
        self._axes = camera.axes.T.copy()
        self._cx, self._cy = camera.centre
        self._centre = np.array(camera.centre)
        # Focal lengths right and down, then depth: a point's pixel is the first two, divided by the third.
        self._matrix = self._axes * np.array([camera.focal, -camera.focal, 1.0])
        self._shift = -np.array([0.0, camera.height_m, 0.0]) @ self._matrix

    def __call__(self, points: Floats) -> tuple[Floats, Floats]:
        """Pixels on the canvas (N×2) and depth in metres along the axis of view (N) of world points (N×3).

        A point at or behind the camera has depth ≤ 0 and no meaningful pixel.
        """
        local = points @ self._matrix + self._shift
        depth = local[:, 2]
        return local[:, :2] / np.maximum(depth, NEAREST_M)[:, None] + self._centre, depth

    def shares(self, points: Floats) -> Floats:
        """The same pixels as shares (0–1) of width and height of the unshaken picture (N×2)."""
        pixels, _ = self(points)
        size = np.array([self.camera.width, self.camera.height])
        found: Floats = (pixels + 0.5 - self.camera.margin) / size
        return found

    def ground(self, shares: Floats) -> Floats:
        """Ground points (N×2: ``x, z``) seen at picture points given as shares; they must lie below the horizon."""
        cx, cy = self._cx, self._cy
        pixels = shares * np.array([self.camera.width, self.camera.height]) - 0.5 + self.camera.margin
        local = np.column_stack(
            [
                (pixels[:, 0] - cx) / self.camera.focal,
                (cy - pixels[:, 1]) / self.camera.focal,
                np.ones(len(pixels)),
            ]
        )
        world = local @ self._axes.T
        reach = -self.camera.height_m / world[:, 1]
        return np.column_stack([world[:, 0] * reach, world[:, 2] * reach])
