"""Many people for a good reason: school is over, a market, a file seen end-on; and mannequins, which are none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from brain.sim.actors.people import Waiting, Walker, on_track
from brain.sim.actors.tracks import Track, along
from brain.sim.bodies.look import Look
from brain.sim.bodies.pose import Pose
from brain.sim.cast import Cast
from brain.sim.life import held, riders, traffic, umbrella, walkers
from brain.sim.scenes.kinds import SceneKind
from brain.sim.scenes.sight import clear_x
from brain.sim.scenes.zones import add_areas
from brain.sim.stages.plan import Area
from brain.sim.things.afloat import Bather
from brain.sim.things.furnishings import kiosk
from brain.sim.things.still import StillThing

CHILD = (0.68, 0.84)
UNIFORMS = ((150, 84, 40), (50, 60, 170), (214, 216, 216))
PACKS = ((60, 60, 190), (190, 120, 50), (170, 90, 190), (60, 150, 70))


def _child(rng: np.random.Generator) -> Look:
    look = Look.of(int(rng.integers(1 << 30)))
    top = UNIFORMS[int(rng.integers(len(UNIFORMS)))]
    pack = PACKS[int(rng.integers(len(PACKS)))]
    return replace(look, scale=float(rng.uniform(*CHILD)), top=top, backpack=pack, bag=None, coat_m=0.06)


def school_release(cast: Cast) -> None:
    """School is over: children stream across the square past waiting parents, fewer than thirty at a time."""
    spec, rng = cast.spec, cast.rng("school")
    walkers(cast, max(2, spec.walkers // 2), ("back",))
    x, z, _ = cast.plan.spots["middle"]
    door = float(x + rng.uniform(-2, 2)), 30.0
    for index in range(int(rng.integers(6, 10))):
        place = x + 1.0 * (index - 4) + rng.uniform(-0.3, 0.3), z - 2.5 + rng.uniform(-0.6, 0.6)
        waits = Waiting(float(place[0]), float(place[1]), 1.57 + rng.normal(0, 0.4), rng.uniform(0, 6))
        cast.add(Walker(Look.of(int(rng.integers(1 << 30))), waits, umbrella=umbrella(cast, rng)))
    # A child crosses the zone within some twenty seconds.
    gap_s, begins_s = rng.uniform(1.1, 1.5), -14.0
    while begins_s < spec.seconds:
        exit_x = x + rng.choice((-1.0, 1.0)) * rng.uniform(9, 14)
        middle = x + rng.uniform(-3, 3), z + rng.uniform(-1, 3)
        way = [door, (float(middle[0]), float(middle[1])), (float(exit_x), float(rng.uniform(8, 14)))]
        track = along(way, begins_s, float(rng.uniform(1.3, 1.9)), after=False)
        cast.add(Walker(_child(rng), on_track(track), span=track.span, umbrella=umbrella(cast, rng)))
        begins_s += gap_s * rng.uniform(0.5, 1.5)


def street_market(cast: Cast) -> None:
    """A licensed market on the square: two rows of stands, sellers behind them, buyers between."""
    spec, rng = cast.spec, cast.rng("market")
    walkers(cast, max(3, spec.walkers), ("front", "back"))
    x, z, _ = cast.plan.spots["middle"]
    count = int(rng.integers(3, 5))
    for row, way in ((z + 3.2, 1.0), (z - 1.2, -1.0)):
        for index in range(count):
            at = x + 3.9 * (index - (count - 1) / 2) + rng.uniform(-0.2, 0.2)
            cast.add(StillThing("stall", kiosk(rng), at, row))
            sells = Waiting(at + rng.uniform(-0.5, 0.5), row + 0.85 * way, -1.57 * way, rng.uniform(0, 6))
            cast.add(Walker(Look.of(int(rng.integers(1 << 30))), sells))
    for _ in range(int(rng.integers(8, 13))):
        times = np.arange(-4.0, spec.seconds + 8.0, 6.0)
        stops = np.column_stack([x + rng.uniform(-6.5, 6.5, len(times)), z + 1.0 + rng.uniform(-0.8, 0.9, len(times))])
        stays = np.flatnonzero(rng.uniform(size=len(times)) < 0.5)
        stops[stays[stays > 0]] = stops[stays[stays > 0] - 1]
        for index in range(1, len(stops)):
            # Nobody runs between stands.
            step = stops[index] - stops[index - 1]
            stops[index] = stops[index - 1] + step * min(1.0, 6.6 / max(1e-6, float(np.hypot(*step))))
        track = Track(times, stops, before=True, after=True)
        cast.add(Walker(Look.of(int(rng.integers(1 << 30))), on_track(track), umbrella=umbrella(cast, rng)))


def mannequins(cast: Cast) -> None:
    """Mannequins in coats stand in two rows before a clothes shop; zone ``crowd`` on the far footway."""
    rng = cast.rng("mannequins")
    walkers(cast, cast.spec.walkers, ("far", "house side"))
    traffic(cast, gaps_s=(4.0, 9.0), mix={"car": 1.0})
    riders(cast)
    add_areas(cast, Area.box("far footway", "crowd", (6.0, 26.0), (12.6, 15.9)))
    x = clear_x(cast, rng, (11.0, 15.0), 15.0)
    white = (206.0, 212.0, 218.0)
    for index in range(int(rng.integers(8, 14))):
        look = Look.of(int(rng.integers(1 << 30)))
        look = replace(look, skin=white, hair=white, shoes=white, bag=None, backpack=None, coat_m=0.3, long_hair=False)
        column, row = divmod(index, 2)
        raised = float(rng.uniform() < 0.25)
        pose = Pose(x + 0.8 * column + 0.3 * row, 15.3 - 0.75 * row, -1.57 + rng.normal(0, 0.25), 0.3, raised=raised)
        cast.add(Bather(look, held(pose), label=""))


def marching_file(cast: Cast) -> None:
    """A long file walks straight away from the camera, two metres apart: in the picture they stand in one another."""
    spec, rng = cast.spec, cast.rng("file")
    walkers(cast, max(2, spec.walkers), ("back",))
    bearing = cast.plan.camera.yaw + rng.normal(0, 0.04)
    ahead = np.array([np.sin(bearing), np.cos(bearing)])
    aside = np.array([ahead[1], -ahead[0]])
    speed = float(rng.uniform(0.5, 0.8))
    count, step_m = int(rng.integers(18, 25)), float(rng.uniform(1.7, 2.2))
    for index in range(count):
        start = (7.0 + step_m * index - speed * spec.seconds / 2) * ahead + rng.normal(0, 0.12) * aside
        points = np.vstack([start, start + (speed * (spec.seconds + 10.0)) * ahead])
        track = Track([0.0, spec.seconds + 10.0], points, before=True, after=True)
        cast.add(Walker(Look.of(int(rng.integers(1 << 30))), on_track(track), umbrella=umbrella(cast, rng)))


KINDS = (
    SceneKind("school_release", "放学人流", "children stream out of school past waiting parents", "plaza",
              school_release, confuses="crowd_gathering"),
    SceneKind("street_market", "持证集市", "buyers walk between the stands of a market", "plaza", street_market,
              confuses="crowd_gathering"),
    SceneKind("mannequins", "店前模特", "mannequins stand before a clothes shop", "street", mannequins,
              confuses="crowd_gathering"),
    SceneKind("marching_file", "透视重叠的队列", "a long file walks away from the camera", "plaza", marching_file,
              confuses="crowd_gathering"),
)  # fmt: skip
