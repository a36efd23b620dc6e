"""The cameras of the demo: what each draws and what watches it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from brain.config.paths import assets, home
from brain.core.errors import BrainError
from brain.inference.algorithms import load_algorithms
from brain.inference.detector import choose_weights
from brain.inference.library import Library
from brain.sim.clips_source import read_source
from brain.sim.spec import SceneSpec
from brain.sim.truth import truth

# Short numbers, so that the whole story fits into twenty seconds; a street uses minutes.
SHORT = "sample.every: 0.5s, confirm.of: 4, confirm.at_least: 3, clear.after: 2s, cooldown: 2s"
SCENARIOS = {
    "left_object": ("", f"rule.change.for: 1s, rule.change.occlusion: 1s, {SHORT}"),
    "illegal_parking": ("vehicle_detection", f"rule.stationary.for: 2s, rule.stationary.occlusion: 1s, {SHORT}"),
    "crowd_gathering": (
        "person_detection",
        f"rule.count.density.at_least: 0.03, rule.count.density.hysteresis: 0.01, {SHORT}",
    ),
}
"""Scenario → the algorithm whose weights it needs (empty = none), and its numbers."""


@dataclass(frozen=True, slots=True)
class DemoCamera:
    """A camera of the demo.

    Attributes:
        id: as in the settings.
        source: a drawn scene, see ``brain.sim.clips_source``.
        scenario: what watches it.
        zone: kind of the scene's zone that it watches.
        alarms: it shows what the scenario looks for, so that a case opens.
        clears: it also sees that go away, so that its case closes.
    """

    id: str
    source: str
    scenario: str
    zone: str
    alarms: bool = False
    clears: bool = False

    @property
    def spec(self) -> SceneSpec:
        """The clip that it plays."""
        return read_source(self.source)


def _source(scene: str, rest: str, seconds: float, fps: float = 4) -> str:
    return f"sim:{scene}?{rest}&seconds={seconds:g}&fps={fps:g}&size=480x270"


LEFT_AND_TAKEN = "put_down=6.8&taken=14"
"""The view is learned for 5 s, during which nobody may stand there; a thing is believed after it lay for 4 s."""
CAMERAS = (
    DemoCamera("left-object", _source("left_object", f"seed=1&{LEFT_AND_TAKEN}", 20), "left_object",
               "public", alarms=True, clears=True),
    DemoCamera("overcast", _source("left_object", f"seed=4&light=overcast&{LEFT_AND_TAKEN}", 20), "left_object",
               "public", alarms=True, clears=True),
    DemoCamera("light-and-shade", _source("left_object_confusers", "seed=2", 12), "left_object", "public"),
    DemoCamera("night", _source("quiet", "seed=5&light=night", 10), "left_object", "public"),
    DemoCamera("no-parking", _source("parked_car", "seed=2", 18, fps=3), "illegal_parking", "no_parking",
               alarms=True, clears=True),
    DemoCamera("square", _source("crowd", "seed=3", 18, fps=2), "crowd_gathering", "crowd", alarms=True),
)  # fmt: skip
"""Few and small pictures: on a first run, people wait for them to be drawn."""


def cameras_at_hand() -> tuple[DemoCamera, ...]:
    """The cameras whose scenarios can run on this machine: those that need weights only where they are at hand."""
    return tuple(camera for camera in CAMERAS if _can_run(SCENARIOS[camera.scenario][0]))


def _can_run(algorithm: str) -> bool:
    if not algorithm:
        return True
    try:
        choose_weights(
            load_algorithms(assets() / "models" / "algorithms.yaml").get(algorithm), Library.at(assets(), home())
        )
    except BrainError:
        return False
    return True


def settings_text(cameras: Sequence[DemoCamera], desk: str) -> str:
    """The settings file of the demo, as a person would write it."""
    lines = ["# The demo's settings: what `brain run` was given.", "state: state", "server: {port: 0}", "cameras:"]
    lines += [f"  - {{id: {camera.id}, source: '{camera.source}'}}" for camera in cameras]
    lines.append("assignments:")
    for scenario, (_, numbers) in SCENARIOS.items():
        watched = [camera for camera in cameras if camera.scenario == scenario]
        if watched:
            names = ", ".join(camera.id for camera in watched)
            zones = ", ".join(dict.fromkeys(_zone(camera) for camera in watched))
            lines += [
                f"  - scenario: {scenario}",
                f"    cameras: [{names}]",
                f"    zones: [{zones}]",
                "    profile: short",
            ]
            lines.append(f"    set: {{{numbers}}}")
    lines += ["desks:", f"  - {{id: desk, url: '{desk}/cases', secret_file: secret.txt}}", ""]
    return "\n".join(lines)


def _zone(camera: DemoCamera) -> str:
    """Name of the scene's zone of the kind that is watched."""
    return next(zone.name for zone in truth(camera.spec).zones if zone.kind == camera.zone)
