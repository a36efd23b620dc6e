"""People in and by the water: swimmers cut at the water line, anglers' rods, crews; the wake of a boat."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from brain.sim.actors.people import placed_person
from brain.sim.actors.tracks import Track
from brain.sim.bodies.people import Look, outline, paint_person
from brain.sim.bodies.pose import Pose, skeleton
from brain.sim.canvas import Canvas
from brain.sim.draw import bounds
from brain.sim.entity import ALWAYS, Painted, Placed
from brain.sim.paint.pad import Pad
from brain.sim.paint.shading import Shade
from brain.sim.paint.view import View
from brain.sim.things.sheets import lit


class Bather:
    """A person who may be in the water: what is below its surface is not seen.

    Args:
        pose: media second → pose; a negative ``lift`` lowers him into the water.
        label: class name.
    """

    def __init__(
        self, look: Look, pose: Callable[[float], Pose | None], *, span: tuple[float, float] = ALWAYS,
        label: str = "person",
    ) -> None:  # fmt: skip
        self.labels = (label,)
        self.span = span
        self.pose = pose
        self._look = look

    def at(self, time_s: float) -> Sequence[Placed]:
        """The person, or his head and shoulders."""
        pose = self.pose(time_s)
        if pose is None:
            return ()
        if pose.lift >= 0:
            return (placed_person(0, pose, self._look),)
        look = self._look
        joints = skeleton(pose, look.scale)
        foot = np.array([pose.x, 0.0, pose.z])
        points = outline(joints, look.scale)
        points = points[points[:, 1] > -0.05]

        def paint(pad: Pad, view: View, shade: Shade) -> None:
            paint_person(pad, view, pose, look, shade)
            line = pad.fixed(view.project(foot[None, :])[0])[0, 1] / 16
            row = round(max(0.0, min(float(line), pad.image.shape[0])))
            if view.mirrored:
                pad.image[:row] = 0
            else:
                pad.image[row:] = 0

        return (Placed(0, foot, np.vstack([points, foot[None, :]]), paint),)


class Splash:
    """White water around somebody who struggles.

    Args:
        where: media second → ``(x, z)``, ``None`` while he is not in the water.
    """

    labels = ("",)
    span = ALWAYS

    def __init__(self, seed: int, where: Callable[[float], tuple[float, float] | None]) -> None:
        self._seed, self._where = seed, where

    def at(self, time_s: float) -> Sequence[Painted]:
        """Rings and drops of a moment."""
        place = self._where(time_s)
        if place is None:
            return ()
        x, z = place
        foot = np.array([x, 0.0, z])
        rng = np.random.default_rng([self._seed, round(time_s * 12)])
        turn = np.linspace(0, 2 * np.pi, 17)[:-1]
        radii = [0.4 + ((0.7 * time_s + share) % 1.0) * 1.1 for share in (0.0, 0.33, 0.66)]
        rings = [foot + radius * np.column_stack([np.cos(turn), 0 * turn, np.sin(turn)]) for radius in radii]
        drops = foot + rng.normal(0, 1, (26, 3)) * np.array([0.3, 0.0, 0.22])
        drops[:, 1] = np.abs(rng.normal(0, 0.16, 26))

        def draw(canvas: Canvas, number: int) -> None:
            white = lit(canvas, (236, 236, 234))
            image = canvas.image
            for ring, radius in zip(rings, radii, strict=True):
                pixels, depth = canvas.projector(ring)
                rect = bounds(pixels, canvas.projector.camera.canvas) if depth.min() > 1 else None
                if rect is None:
                    continue
                pad = np.zeros((rect[3] - rect[1], rect[2] - rect[0]), np.uint8)
                points = np.rint((pixels - np.array(rect[:2])) * 16).astype(np.int32)
                cv2.polylines(pad, [points], True, 120 * (1.5 - radius), 1, cv2.LINE_AA, 4)
                under = image[rect[1] : rect[3], rect[0] : rect[2]]
                under[:] = (under + (white - under) * (pad[..., None] / 255)).astype(np.uint8)
            pixels, depth = canvas.projector(drops)
            size = max(0.5, 0.035 * canvas.projector.camera.focal / float(depth.mean()))
            for at in np.rint(pixels * 16).astype(int):
                cv2.circle(image, (int(at[0]), int(at[1])), round(size * 16), white.tolist(), -1, cv2.LINE_AA, 4)
            rect = bounds(pixels, canvas.projector.camera.canvas, pad=0)
            if rect is not None:
                canvas.mark(rect, np.zeros((rect[3] - rect[1], rect[2] - rect[0]), bool), number)

        return (Painted(0, foot, np.vstack([*rings, drops]), draw, flat=True),)


class Rod:
    """A fishing rod with its line, held by somebody who stands at a place and looks along ``heading``."""

    labels = ("",)

    def __init__(self, x: float, z: float, heading: float, span: tuple[float, float]) -> None:
        self.span = span
        ahead = np.array([np.cos(heading), 0.0, np.sin(heading)])
        hand = np.array([x, 1.0, z]) + 0.45 * ahead
        tip = hand + 3.2 * ahead + np.array([0.0, 1.5, 0.0])
        float_ = np.array([tip[0], 0.0, tip[2]]) + 1.2 * ahead
        self._points = np.array([hand, hand + 0.55 * (tip - hand) + np.array([0, 0.12, 0]), tip, float_])
        self._foot = np.array([x, 0.0, z + 0.05])

    def at(self, time_s: float) -> Sequence[Placed]:
        """Rod, line and float."""
        points = self._points + np.array([0, 0.02 * np.sin(0.8 * time_s), 0]) * np.array([[0], [0.5], [1], [0]])

        def paint(pad: Pad, view: View, shade: Shade) -> None:
            pixels, depth = view.project(points)
            if depth.min() < 0.5:
                return
            metre = view.metre(float(depth.mean()))
            pad.line(pixels[:3], 0.035 * metre, shade.flat((40, 44, 50)))
            pad.line(pixels[2:], 0.008 * metre, shade.flat((150, 150, 150)))
            pad.hull(pixels[3:], (0.05 * metre + 0.3,), shade.flat((60, 60, 220)))

        return (Placed(0, self._foot, points, paint, casters=((points[:3], 0.02),)),)


class Wake:
    """The foaming V behind a boat on a straight track."""

    labels = ("",)

    def __init__(self, seed: int, track: Track, *, long_m: float = 12.0) -> None:
        self._seed, self._track, self._long = seed, track, long_m
        self.span = track.span

    def at(self, time_s: float) -> Sequence[Painted]:
        """The wake while the boat moves."""
        place = self._track.at(time_s)
        if place is None or place.speed < 0.2:
            return ()
        ahead = np.array([np.cos(place.heading), 0.0, np.sin(place.heading)])
        aside = np.array([-ahead[2], 0.0, ahead[0]])
        stern = np.array([place.x, 0.0, place.z]) - 1.9 * ahead
        back = np.linspace(0.0, self._long, 26)
        rng = np.random.default_rng(self._seed)
        wave = 0.12 * np.sin(back * 3.0 - 5 * time_s) + rng.normal(0, 0.05, 26)
        arms = [stern - back[:, None] * ahead + (side * (0.5 + 0.3 * back) + wave)[:, None] * aside for side in (-1, 1)]
        churn = stern - back[:14, None] * ahead * 0.5 + wave[:14, None] * aside

        def draw(canvas: Canvas, number: int) -> None:
            white = lit(canvas, (214, 216, 214))
            for line, wide, strong in ((arms[0], 0.12, 130), (arms[1], 0.12, 130), (churn, 0.35, 150)):
                pixels, depth = canvas.projector(line)
                keep = depth > 1.0
                rect = bounds(pixels[keep], canvas.projector.camera.canvas) if keep.sum() > 2 else None
                if rect is None:
                    continue
                pixels, depth = pixels[keep], depth[keep]
                pad = np.zeros((rect[3] - rect[1], rect[2] - rect[0]), np.uint8)
                points = np.rint((pixels - np.array(rect[:2])) * 16).astype(np.int32)
                for index in range(len(points) - 1):
                    metre = canvas.projector.camera.focal / float(depth[index])
                    fade = strong * (1 - index / len(points)) * (0.6 + 0.4 * np.sin(9.1 * index + 7 * time_s))
                    cv2.line(pad, points[index].tolist(), points[index + 1].tolist(), float(fade),
                             max(1, round(wide * metre * 0.5)), cv2.LINE_AA, 4)  # fmt: skip
                pad = cv2.GaussianBlur(pad, (0, 0), 0.9).astype(np.uint8, copy=False)
                under = canvas.image[rect[1] : rect[3], rect[0] : rect[2]]
                under[:] = (under + (white - under) * (pad[..., None] / 255)).astype(np.uint8)
                canvas.mark(rect, pad > 90, number)

        return (Painted(0, stern, np.vstack([*arms, churn]), draw, flat=True),)
