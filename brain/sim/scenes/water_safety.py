"""People in the water and on the outer bank; and who may be there: crews, keepers, statues, dogs, mirror images."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from brain.sim.actors.people import Waiting, Walker
from brain.sim.actors.tracks import along
from brain.sim.actors.vehicles import Vehicle
from brain.sim.bodies.boats import make_boat
from brain.sim.bodies.people import Look
from brain.sim.bodies.pose import Pose
from brain.sim.cast import Cast
from brain.sim.life import walkers
from brain.sim.paint.mesh import MeshBuilder
from brain.sim.scenes.kinds import Begins, SceneKind
from brain.sim.scenes.sight import clear_x
from brain.sim.things.afloat import Bather, Rod, Splash, Wake
from brain.sim.things.animals import DOGS, dog, goose, heron
from brain.sim.things.moving import MovingBody, Spot, still_at
from brain.sim.things.still import Body, Lump, StillThing

WATER_Z, EDGE_Z, WALK_Z = 7.1, 5.8, 3.6
"""Where the zone of the water and that of the edge begin, and where people walk."""
WALK_MS = 1.3
STEP_S = 0.7
"""From the edge to where he lies in the water."""
SWIM_LIFT = -1.36


def _bank(cast: Cast) -> None:
    walkers(cast, min(3, cast.spec.walkers), ("trees",))


def _look(rng: np.random.Generator) -> Look:
    return Look.of(int(rng.integers(1 << 30)))


def person_in_water(cast: Cast) -> None:
    """Somebody goes to the edge, falls into the water and struggles, drifting away."""
    spec, rng = cast.spec, cast.rng("swimmer")
    _bank(cast)
    begins_s = spec.seconds * rng.uniform(0.18, 0.3)
    x = clear_x(cast, rng, (10.5, 15.0), WATER_Z)
    flow = rng.uniform(0.05, 0.15) * rng.choice((-1.0, 1.0))
    reach_s = begins_s - (WATER_Z - WALK_Z) / WALK_MS

    def pose(time_s: float) -> Pose | None:
        past = time_s - begins_s
        if past < -1e-9:
            walked = WALK_MS * max(0.0, time_s - reach_s)
            back = min(0.0, WALK_MS * (time_s - reach_s))
            if back < 0:
                return Pose(x + back, WALK_Z, 0.0, WALK_MS * time_s, 1.0)
            return Pose(x, min(WATER_Z - 0.02, WALK_Z + walked), np.pi / 2, WALK_MS * time_s, 1.0)
        sunk = min(1.0, past / STEP_S)
        out = WATER_Z + 1.5 * sunk + 0.04 * max(0.0, past - STEP_S)
        bob = 0.09 * np.sin(4.2 * past) if sunk >= 1 else 0.0
        beat = 0.5 + 0.5 * float(np.sin(6.0 * past))
        return Pose(x + flow * past, min(out, 12.0), np.pi / 2 + 0.5 * float(np.sin(0.8 * past)), 6 * past, 0.4,
                    bend=0.35 * (1 - sunk), reach=beat, raised=1 - beat,
                    lift=min(-0.01, SWIM_LIFT * sunk**1.4 + float(bob)))  # fmt: skip

    person = cast.add(Bather(_look(rng), pose))

    def wet(time_s: float) -> tuple[float, float] | None:
        where = pose(time_s)
        return None if where is None or time_s < begins_s + 0.4 * STEP_S else (where.x, where.z)

    cast.add(Splash(int(rng.integers(1 << 30)), wet))
    cast.event("water_safety", "river", begins_s, None, person)


def person_on_outer_bank(cast: Cast) -> None:
    """Somebody steps onto the stone edge over the water and stays there."""
    spec, rng = cast.spec, cast.rng("edge")
    _bank(cast)
    begins_s = spec.seconds * rng.uniform(0.15, 0.25)
    person = cast.add(Walker(_look(rng), _to_the_edge(cast, rng, begins_s)))
    cast.event("water_safety", "edge", begins_s, None, person)


def _to_the_edge(cast: Cast, rng: np.random.Generator, begins_s: float) -> Callable[[float], Pose | None]:
    """Along the promenade, then out; the ground point passes into the zone of the edge at ``begins_s``."""
    x = clear_x(cast, rng, (10.5, 15.5), EDGE_Z)
    stands_z = EDGE_Z + rng.uniform(0.4, 0.9)
    turns_s = begins_s - (EDGE_Z - WALK_Z) / WALK_MS
    phase = rng.uniform(0, 6)

    def pose(time_s: float) -> Pose | None:
        if time_s < turns_s:
            return Pose(x + WALK_MS * (time_s - turns_s), WALK_Z, 0.0, WALK_MS * time_s, 1.0)
        z = EDGE_Z + WALK_MS * (time_s - begins_s)
        if z < stands_z:
            inside = EDGE_Z + 0.01 if time_s >= begins_s - 1e-9 else EDGE_Z - 0.01
            return Pose(x, max(z, inside) if time_s >= begins_s - 1e-9 else min(z, inside), np.pi / 2,
                        WALK_MS * time_s, 1.0)  # fmt: skip
        turn = round(4 * float(np.sin(0.3 * time_s + phase))) / 4
        return Pose(x, stands_z, np.pi / 2 + 0.5 * turn, 0.35)

    return pose


def fishing(cast: Cast) -> None:
    """Somebody stands at the edge with a fishing rod for two minutes and more."""
    spec, rng = cast.spec, cast.rng("angler")
    _bank(cast)
    begins_s = min(20.0, spec.seconds * rng.uniform(0.12, 0.2))
    way = _to_the_edge(cast, rng, begins_s)
    fishes_s = begins_s + 2.5
    there = way(fishes_s)
    assert there is not None

    def pose(time_s: float) -> Pose | None:
        if time_s < fishes_s:
            return way(time_s)
        return Pose(there.x, there.z, np.pi / 2, 0.35, reach=0.85)

    person = cast.add(Walker(_look(rng), pose))
    cast.add(Rod(there.x, there.z, np.pi / 2, (fishes_s, np.inf)))
    bucket = Body(lumps=(Lump(np.array([[0, 0.05, 0, 0.14], [0, 0.28, 0, 0.16]]), (190, 120, 50)),))
    cast.add(StillThing("", bucket, there.x + 0.7, there.z - 0.3))
    cast.event("water_safety", "edge", begins_s, None, person)


def boat_crew(cast: Cast) -> None:
    """Two of the crew of a cleaning boat work on the water."""
    rng = cast.rng("crew")
    _bank(cast)
    way = float(rng.choice((-1.0, 1.0)))
    z, speed = rng.uniform(9.8, 12.5), rng.uniform(0.3, 0.6)
    start = 13.0 - way * speed * (cast.spec.seconds * 0.5 + 30)
    track = along([(start, z), (start + way * 400.0, z)], -30.0, speed)
    cast.add(Vehicle("", int(rng.integers(1 << 30)), track, body=make_boat(rng)))
    cast.add(Wake(int(rng.integers(1 << 30)), track, long_m=3.0))
    for place, stands in ((-1.0, False), (0.9, True)):

        def pose(time_s: float, place: float = place, stands: bool = stands) -> Pose | None:
            boat = track.at(time_s)
            if boat is None:
                return None
            x = boat.x + place * way
            if stands:
                return Pose(x, boat.z - 0.12, boat.heading, 0.35, reach=0.7, bend=0.1, lift=0.32)
            return Pose(x, boat.z - 0.12, boat.heading, sits=0.42, lift=0.38)

        cast.add(Bather(_look(rng).worn(vest=True), pose))


def keeper_in_vest(cast: Cast) -> None:
    """A keeper in an orange vest walks the edge."""
    rng = cast.rng("keeper")
    _bank(cast)
    x, way, z = rng.uniform(10, 14), float(rng.choice((-1.0, 1.0))), rng.uniform(6.1, 6.6)
    look = _look(rng).worn(vest=True, helmet=(60, 170, 225) if rng.uniform() < 0.5 else None)
    middle_s = cast.spec.seconds * 0.5

    def pose(time_s: float) -> Pose:
        gone = 0.45 * (time_s - middle_s)
        return Pose(x + way * gone, z, 0.0 if way > 0 else np.pi, gone, 0.6)

    cast.add(Walker(look, pose))


def statue(cast: Cast) -> None:
    """A statue stands on a plinth at the edge."""
    rng = cast.rng("statue")
    _bank(cast)
    tone = rng.uniform(120, 170)
    stone = (tone * 0.97, tone, tone * 1.02) if rng.uniform() < 0.6 else (70.0, 96.0, 96.0)
    x, z = clear_x(cast, rng, (10.0, 15.0), 6.3), rng.uniform(6.1, 6.5)
    builder = MeshBuilder()
    builder.box((-0.4, 0.0, -0.4), (0.4, 0.6, 0.4), (150, 152, 152))
    cast.add(StillThing("", Body(meshes=(builder.mesh((0, 0.3, 0)),)), x, z))
    look = Look(1.05, 1.15, stone, stone, stone, stone, stone, long_hair=False, coat_m=0.3)
    pose = Pose(x, z - 0.01, rng.uniform(-2.4, -0.6), 0.3, reach=rng.choice((0.0, 0.6)), raised=rng.choice((0.0, 1.0)),
                lift=0.6)  # fmt: skip
    cast.add(Bather(look, lambda _time: pose, label=""))


def mirrored_walkers(cast: Cast) -> None:
    """People stand on the promenade before the edge; the water mirrors some of them."""
    rng = cast.rng("mirrored")
    _bank(cast)
    for _ in range(int(rng.integers(3, 6))):
        pose = Waiting(rng.uniform(10, 20), rng.uniform(4.7, 5.6), rng.uniform(0.6, 2.4), rng.uniform(0, 6))
        cast.add(Walker(_look(rng), pose))


def dogs(cast: Cast) -> None:
    """A dog trots along the edge, another swims."""
    rng = cast.rng("dogs")
    _bank(cast)
    x, way, z = rng.uniform(10, 15), float(rng.choice((-1.0, 1.0))), rng.uniform(6.0, 6.6)
    colour, other = DOGS[int(rng.integers(len(DOGS)))], DOGS[int(rng.integers(len(DOGS)))]

    def trot(time_s: float) -> Spot:
        turn = 0.28 * time_s
        heading = (0.0 if np.cos(turn) > 0 else np.pi) if way > 0 else (np.pi if np.cos(turn) > 0 else 0.0)
        return Spot(x + way * 4.0 * float(np.sin(turn)), z, heading)

    def swim(time_s: float) -> Spot:
        turn = 0.16 * time_s
        return Spot(x + 2.5 * float(np.cos(turn)), 9.6 + 1.1 * float(np.sin(turn)), turn + np.pi / 2)

    cast.add(MovingBody("", lambda time_s: dog(colour, time_s), trot))
    head = Body(lumps=tuple(Lump(np.array(part), other) for part in (
        [[-0.4, 0.02, 0, 0.06], [0.1, 0.03, 0, 0.09]], [[0.2, 0.12, 0, 0.1], [0.36, 0.1, 0, 0.06]])))  # fmt: skip
    cast.add(MovingBody("", head, swim))


def large_birds(cast: Cast) -> None:
    """Herons as tall as a child stand at the edge and wade before it, geese walk along it."""
    rng = cast.rng("large birds")
    _bank(cast)
    for _ in range(int(rng.integers(2, 4))):
        wades = rng.uniform() < 0.4
        place = rng.uniform(10.0, 16.0), rng.uniform(7.3, 7.8) if wades else rng.uniform(6.0, 6.6)
        spot = Spot(float(place[0]), float(place[1]), rng.uniform(0, 6.28), -0.2 if wades else 0.0)
        cast.add(MovingBody("", heron(rng), still_at(spot)))
    for _ in range(int(rng.integers(2, 4))):
        x, z, way, phase = rng.uniform(10, 15), rng.uniform(5.9, 6.5), float(rng.choice((-1, 1))), rng.uniform(0, 6)

        def stroll(time_s: float, x: float = x, z: float = z, way: float = way, phase: float = phase) -> Spot:
            turn = 0.12 * time_s + phase
            return Spot(x + way * 2.2 * float(np.sin(turn)), z, 0.0 if way * np.cos(turn) > 0 else np.pi)

        cast.add(MovingBody("", goose(rng), stroll))


KINDS = (
    SceneKind("person_in_water", "人员落水", "somebody falls into the river and struggles", "river_bank",
              person_in_water, shows="water_safety", begins=Begins.ENTERS),
    SceneKind("person_on_outer_bank", "翻越护岸", "somebody stays on the stone edge over the water", "river_bank",
              person_on_outer_bank, shows="water_safety", begins=Begins.ENTERS, seconds=60.0),
    SceneKind("fishing", "违规垂钓", "somebody fishes at the edge", "river_bank", fishing, shows="water_safety",
              begins=Begins.ENTERS, seconds=180.0),
    SceneKind("boat_crew", "保洁船作业", "the crew of a cleaning boat works on the water", "river_bank", boat_crew,
              confuses="water_safety"),
    SceneKind("keeper_in_vest", "巡河员", "a keeper in a vest walks the edge", "river_bank", keeper_in_vest,
              confuses="water_safety"),
    SceneKind("statue", "岸边雕像", "a statue stands at the edge", "river_bank", statue, confuses="water_safety"),
    SceneKind("mirrored_walkers", "行人倒影", "the water mirrors people on the promenade", "river_bank",
              mirrored_walkers, confuses="water_safety"),
    SceneKind("large_birds", "大型水鸟", "herons and geese stand and walk at the edge", "river_bank", large_birds,
              confuses="water_safety"),
    SceneKind("dogs", "岸边犬只", "a dog trots along the edge, another swims", "river_bank", dogs,
              confuses="water_safety"),
)  # fmt: skip
