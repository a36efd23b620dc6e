"""A person in a closed-off place; and animals, shadows and a branch, which only move there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from brain.sim.actors.animals import WalkingAnimal
from brain.sim.actors.people import Walker, on_track
from brain.sim.actors.tracks import Track
from brain.sim.bodies.animals import Animal
from brain.sim.bodies.people import Look
from brain.sim.cast import Cast
from brain.sim.life import umbrella, walkers
from brain.sim.scenes.kinds import Begins, SceneKind
from brain.sim.scenes.zones import add_areas
from brain.sim.stages.plan import Area, Lamp, Stand
from brain.sim.things.barrier import SwayingBranch, fence_off

ZONE = "closed area"
DEPTH_Z = (14.0, 22.0)


def closed(cast: Cast, walks: tuple[str, ...] = ("front", "back")) -> tuple[tuple[float, float], float]:
    """Barriers, lamps and a zone ``forbidden`` on the square; people walk around. Its span along ``x``, its opening."""
    middle = cast.plan.spots["middle"][0]
    span = middle - 5.0, middle + 5.0
    gap = span[0] + 1.0 + 2.0 * int(cast.rng("gap").integers(1, 4))
    fence_off(cast, span, DEPTH_Z, gap)
    stands = tuple(Stand("lamp", x, 16.0) for x in (span[0] - 0.8, span[1] + 0.8))
    lamps = tuple(Lamp(stand.x, 6.3, stand.z + 1.5) for stand in stands)
    cast.plan = replace(cast.plan, stands=(*cast.plan.stands, *stands), lamps=(*cast.plan.lamps, *lamps))
    add_areas(cast, Area.box(ZONE, "forbidden", span, DEPTH_Z))
    walkers(cast, max(3, cast.spec.walkers), walks)
    return span, gap


def _inside(span: tuple[float, float], x: float, z: float) -> bool:
    return span[0] < x < span[1] and DEPTH_Z[0] < z < DEPTH_Z[1]


def intrusion(cast: Cast) -> None:
    """Somebody goes in through the gap, walks about inside and comes out again; the event is his time inside."""
    spec, rng = cast.spec, cast.rng("intruder")
    span, gap = closed(cast)
    enters_s = spec.seconds * rng.uniform(0.2, 0.3)
    inside = [(rng.uniform(span[0] + 1.5, span[1] - 1.5), rng.uniform(15.2, 20.8)) for _ in range(4)]
    stays = rng.uniform() < 0.4
    path = [(gap + rng.uniform(-9, 9), 9.0), (gap, 12.6), (gap, 14.6), *inside]
    if not stays:
        path += [(gap, 14.6), (gap, 12.6), (gap + rng.uniform(-12, 12), 6.0)]
    points = np.array(path)
    steps = np.hypot(*np.diff(points, axis=0).T)
    inner = 4 if stays else 6
    speeds = np.full(len(steps), 1.3)
    speeds[2:inner] = max(0.35, float(steps[2:inner].sum()) / (spec.seconds * 0.5))
    times = np.concatenate([[0.0], np.cumsum(steps / speeds)])
    times += enters_s - times[1] - 1.0
    track = Track(times, points, after=stays)
    look = Look.of(int(rng.integers(1 << 30)))
    person = cast.add(Walker(look, on_track(track), span=track.span, umbrella=umbrella(cast, rng)))
    begins_s, ends_s = None, None
    for index in range(spec.pictures):
        place = track.at(spec.time_s(index))
        within = place is not None and _inside(span, place.x, place.z)
        if within and begins_s is None:
            begins_s = spec.time_s(index)
        if begins_s is not None and not within:
            ends_s = spec.time_s(index)
            break
    if begins_s is not None:
        cast.event("perimeter_intrusion", ZONE, begins_s, ends_s, person)


def animals_inside(cast: Cast) -> None:
    """Cats and a dog run about in the closed area, no person does."""
    spec, rng = cast.spec, cast.rng("animals")
    span, _ = closed(cast)
    for index in range(int(rng.integers(2, 4))):
        times = np.arange(-2.0, spec.seconds + 6.0, 4.0)
        points = np.column_stack(
            [rng.uniform(span[0] + 0.6, span[1] - 0.6, len(times)), rng.uniform(14.8, 21.2, len(times))]
        )
        stops = np.flatnonzero(rng.uniform(size=len(times)) < 0.35)
        points[stops[stops > 0]] = points[stops[stops > 0] - 1]
        cast.add(WalkingAnimal(Animal.of(rng, cat=index > 0), Track(times, points, before=True, after=True)))


def swaying_branch(cast: Cast) -> None:
    """A branch sways before the closed area, its shadow and those of passers-by move over it."""
    rng = cast.rng("branch")
    span, _ = closed(cast)
    walker = Look.of(int(rng.integers(1 << 30)))
    times = np.array([0.0, cast.spec.seconds])
    edge = np.array([(span[0] - 4.0, 13.2), (span[1] + 4.0, 13.2)])
    cast.add(Walker(walker, on_track(Track(times, edge)), umbrella=umbrella(cast, rng)))
    bearing = cast.plan.camera.yaw
    for index in range(3):
        away, aside = rng.uniform(6.5, 8.5), (-1.0 if index % 2 else 1.0) * rng.uniform(1.2, 3.4)
        x = away * np.sin(bearing) + aside * np.cos(bearing)
        z = away * np.cos(bearing) - aside * np.sin(bearing)
        height = cast.plan.camera.height_m - rng.uniform(0.6, 1.7)
        cast.add(SwayingBranch(cast.spec.seed + index, float(x), float(height), float(z)))


KINDS = (
    SceneKind("intrusion", "闯入封闭区域", "a person enters a closed-off place", "plaza", intrusion,
              shows="perimeter_intrusion", begins=Begins.ENTERS),
    SceneKind("animals_inside", "猫狗进入封闭区域", "cats and a dog run about in a closed-off place", "plaza",
              animals_inside, confuses="perimeter_intrusion"),
    SceneKind("swaying_branch", "树枝摇晃、影子掠过", "a branch sways, shadows move over a closed-off place", "plaza",
              swaying_branch, confuses="perimeter_intrusion", shadow_moves=True),
)  # fmt: skip
