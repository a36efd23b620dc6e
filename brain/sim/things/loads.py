"""Cargo tricycles with what they carry: wares, bins, a courier's box; each on a track."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from brain.sim.actors.people import placed_cycle, placed_person
from brain.sim.actors.tracks import Track
from brain.sim.bodies.cycles import make_tricycle
from brain.sim.bodies.people import Look
from brain.sim.bodies.pose import Pose
from brain.sim.draw import scaled
from brain.sim.entity import Placed
from brain.sim.paint.mesh import TRIM, MeshBuilder, turned
from brain.sim.things.life import ALL_THE_TIME, Life
from brain.sim.things.still import Body, Lump, placed
from brain.sim.things.wares import load

ORANGE = (40, 120, 230)
COURIER = ((190, 130, 40), (60, 170, 70), (50, 60, 190), (40, 180, 225))


def ware_load(rng: np.random.Generator) -> Body:
    """Fruit in heaps."""
    return load(rng)


def bin_load(rng: np.random.Generator) -> Body:
    """Two waste bins and a broom on the bed."""
    meshes = []
    for x in (-0.95, -0.35):
        bin_ = MeshBuilder()
        bin_.box((x - 0.27, 0.85, -0.3), (x + 0.27, 1.55, 0.3), scaled(ORANGE, rng.uniform(0.9, 1.05)))
        bin_.box((x - 0.3, 1.55, -0.33), (x + 0.3, 1.63, 0.33), scaled(ORANGE, 0.75))
        meshes.append(bin_.mesh((x, 1.2, 0)))
    broom = Lump(np.array([[0.0, 0.95, 0.4, 0.02], [-1.3, 1.75, 0.4, 0.02]]), (90, 130, 160))
    twigs = Lump(np.array([[-1.3, 1.75, 0.4, 0.05], [-1.7, 2.0, 0.4, 0.14]]), (70, 110, 120))
    return Body(tuple(meshes), (broom, twigs))


def parcel_load(rng: np.random.Generator) -> Body:
    """A courier's closed box."""
    builder, paint = MeshBuilder(), COURIER[int(rng.integers(len(COURIER)))]
    builder.box((-1.3, 0.8, -0.52), (0.2, 1.75, 0.52), paint, gloss=0.3)
    for z in (-0.53, 0.53):
        builder.face(((-0.95, 1.15, z), (-0.15, 1.15, z), (-0.15, 1.45, z), (-0.95, 1.45, z)), (225, 228, 228),
                     layer=TRIM)  # fmt: skip
    return Body((builder.mesh((-0.5, 1.3, 0)),))


class LoadedTricycle:
    """A cargo tricycle (part 0), its load (part 1), and its rider (part 2) while it moves.

    Args:
        label: class name of the load; empty for none.
        rider: second from which somebody rides it; ``None`` = never.
    """

    def __init__(
        self,
        seed: int,
        track: Track,
        body: Body,
        label: str,
        *,
        life: Life = ALL_THE_TIME,
        rider: float | None = None,
    ) -> None:
        self.labels = ("tricycle", label, "person")
        self.span = max(track.span[0], life.begins_s), min(track.span[1], life.ends_s)
        self._cycle, self._look = make_tricycle(seed), Look.of(seed)
        self._track, self._body, self._life, self._rider = track, body, life, rider

    def at(self, time_s: float) -> Sequence[Placed]:
        """Tricycle, load, rider."""
        place = self._track.at(time_s)
        if place is None or not self._life.there(time_s):
            return ()
        middle = np.array([place.x, 0.0, place.z])
        outline = turned(self._body.points(), place.heading) + middle
        carried = placed(1, self._body, middle, place.heading, outline, "load")
        still = "load" if place.speed < 1e-6 else None
        parts = [
            _behind(placed_cycle(0, self._cycle, place)),
            Placed(1, middle, outline, carried.paint, carried.casters, None, still),
        ]
        if self._rider is not None and time_s >= self._rider:
            height, back = self._cycle.seat
            x, z = place.x + back * np.cos(place.heading), place.z + back * np.sin(place.heading)
            parts.append(placed_person(2, Pose(float(x), float(z), place.heading, sits=height), self._look))
        return parts


def _behind(cycle: Placed) -> Placed:
    """The same, sorted as if it stood at its far end, so that it is painted before its load: depth is a mean."""
    far = cycle.outline[np.argmax(cycle.outline[:, 0] + cycle.outline[:, 2])]
    return replace(cycle, outline=np.vstack([cycle.outline, np.repeat(far[None, :], 40, axis=0)]))
