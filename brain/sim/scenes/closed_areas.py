"""Somebody who loiters before a closed-off place; and staff who may be inside, and mirror images in its glass."""

from __future__ import annotations

import numpy as np

from brain.sim.actors.people import Walker, on_track
from brain.sim.actors.tracks import Track
from brain.sim.bodies.look import Look
from brain.sim.cast import Cast
from brain.sim.life import umbrella
from brain.sim.scenes.intrusion import DEPTH_Z, closed
from brain.sim.scenes.kinds import Begins, SceneKind
from brain.sim.scenes.zones import add_areas
from brain.sim.stages.plan import Area
from brain.sim.things.mirrors import GlassFront
from brain.sim.things.still import StillThing
from brain.sim.things.wares import parcels

BEFORE = "before the gate"
BEFORE_Z = (10.6, 13.6)
FRONT_M = 5.2
HELMETS = ((40, 190, 235), (220, 222, 224), (50, 60, 210))


def loitering(cast: Cast) -> None:
    """Somebody comes to the gate and walks up and down before it for more than two minutes."""
    spec, rng = cast.spec, cast.rng("loiters")
    span, gap = closed(cast, ("back",))
    add_areas(cast, Area.box(BEFORE, "forbidden", (span[0] - 1.0, span[1] + 1.0), BEFORE_Z))
    enters_s = min(20.0, spec.seconds * rng.uniform(0.12, 0.2))
    at = gap + rng.uniform(-1.5, 1.5)
    times, points = [enters_s - 6.0, enters_s], [(at + rng.uniform(-2, 2), BEFORE_Z[0] - 7.2), (at, BEFORE_Z[0])]
    while times[-1] < spec.seconds + 10.0:
        place = rng.uniform(span[0], span[1]), rng.uniform(BEFORE_Z[0] + 0.5, BEFORE_Z[1] - 0.5)
        steps = float(np.hypot(place[0] - points[-1][0], place[1] - points[-1][1]))
        times += [times[-1] + max(0.5, steps / rng.uniform(0.8, 1.1))]
        points.append((float(place[0]), float(place[1])))
        times += [times[-1] + rng.uniform(2.0, 7.0)]
        points.append(points[-1])
    track = Track(times, np.array(points))
    look = Look.of(int(rng.integers(1 << 30)))
    person = cast.add(Walker(look, on_track(track), span=track.span, umbrella=umbrella(cast, rng)))
    cast.event("perimeter_intrusion", BEFORE, enters_s, None, person)


def staff_inside(cast: Cast) -> None:
    """Workers in vests and helmets walk and stand inside the closed area, where they belong."""
    spec, rng = cast.spec, cast.rng("staff")
    span, _ = closed(cast)
    for index in range(int(rng.integers(2, 5))):
        times = np.arange(-2.0, spec.seconds + 8.0, 6.0)
        points = np.column_stack(
            [rng.uniform(span[0] + 1.0, span[1] - 1.0, len(times)), rng.uniform(15.0, 21.0, len(times))]
        )
        stays = np.flatnonzero(rng.uniform(size=len(times)) < 0.5)
        points[stays[stays > 0]] = points[stays[stays > 0] - 1]
        look = Look.of(int(rng.integers(1 << 30))).worn(helmet=HELMETS[index % len(HELMETS)], vest=True)
        cast.add(Walker(look, on_track(Track(times, points, before=True, after=True))))
    for _ in range(2):
        cast.add(StillThing("", parcels(rng), rng.uniform(span[0] + 1, span[1] - 1), rng.uniform(17, 21)))


def glass_reflections(cast: Cast) -> None:
    """A glass front closes the area at its back: passers-by before the fence are mirrored as if they were inside."""
    rng = cast.rng("glass")
    span, _ = closed(cast)
    people = []
    for index in range(int(rng.integers(3, 6))):
        way = 1.0 if index % 2 else -1.0
        middle, speed = (span[0] + span[1]) / 2, rng.uniform(0.9, 1.4)
        z, start = rng.uniform(DEPTH_Z[0] - 2.4, DEPTH_Z[0] - 0.8), rng.uniform(-10, 10)
        # In the middle of the clip each is somewhere before the front.
        half_m = way * speed * cast.spec.seconds / 2
        ends = np.array([[middle + start * 0.4 - half_m, z], [middle + start * 0.4 + half_m, z]])
        walker = Walker(Look.of(int(rng.integers(1 << 30))), on_track(Track([0.0, cast.spec.seconds], ends)))
        people.append(cast.add(walker))
    cast.add(GlassFront((span[0] - 0.2, span[1] + 0.2), DEPTH_Z[1] + 0.35, FRONT_M, people))


KINDS = (
    SceneKind("loitering", "重点区域徘徊", "somebody loiters before a closed-off place", "plaza", loitering,
              shows="perimeter_intrusion", begins=Begins.ENTERS, seconds=180.0),
    SceneKind("staff_inside", "围栏内工作人员", "staff work inside a closed-off place", "plaza", staff_inside,
              confuses="perimeter_intrusion"),
    SceneKind("glass_reflections", "玻璃幕墙倒影", "a glass front mirrors passers-by", "plaza", glass_reflections,
              confuses="perimeter_intrusion"),
)  # fmt: skip
