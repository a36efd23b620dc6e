"""Calibration of a drawn camera: intrinsics, height, angles and the homography from ground to picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from brain.sim.camera import Camera, Floats

Row = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Calibration:
    """How a camera sees, unshaken.

    Attributes:
        width, height: pixels.
        focal_px: focal length; the principal point is ``centre_px``.
        height_m: above the ground; ``tilt_deg`` downwards; ``yaw_deg`` from across the street towards along it.
        mirrored: the street runs away to the left.
        ground_to_picture: 3×3, ``(x, z, 1)`` in metres → pixels times depth.
    """

    width: int
    height: int
    focal_px: float
    centre_px: tuple[float, float]
    height_m: float
    tilt_deg: float
    yaw_deg: float
    mirrored: bool
    ground_to_picture: tuple[Row, Row, Row]

    def project(self, ground: Floats) -> Floats:
        """Pixels (N×2) of ground points (N×2: x, z) before the camera."""
        found = np.column_stack([ground, np.ones(len(ground))]) @ np.array(self.ground_to_picture).T
        pixels: Floats = found[:, :2] / found[:, 2:]
        return pixels


def calibration(camera: Camera) -> Calibration:
    """The calibration of a camera (Hartley and Zisserman, ch. 8: a plane's homography)."""
    axes = camera.axes
    centre = camera.centre[0] - camera.margin, camera.centre[1] - camera.margin
    inner = np.array([[camera.focal, 0, centre[0]], [0, -camera.focal, centre[1]], [0, 0, 1]])
    plane = np.column_stack([axes[:, 0], axes[:, 2], -axes[:, 1] * camera.height_m])
    rows = [tuple(float(value) for value in row) for row in inner @ plane]
    return Calibration(
        width=camera.width,
        height=camera.height,
        focal_px=float(camera.focal),
        centre_px=centre,
        height_m=float(camera.height_m),
        tilt_deg=float(np.degrees(camera.tilt)),
        yaw_deg=float(np.degrees(camera.yaw)),
        mirrored=camera.mirrored,
        ground_to_picture=((*rows[0],), (*rows[1],), (*rows[2],)),  # type: ignore[arg-type]
    )
