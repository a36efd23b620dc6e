"""Drawn street video with exact truth: for the demo, for tests and for desks that wait for their first camera.

    spec       what a scene is asked to be, checked on entry
    scenes     named scenes and families of scenes
    layout     where everything stands, chosen by the seed; camera, zones
    timeline   who is where at which second
    textures, street, light    the still picture, its shade and the moving shadows
    figures, vehicles, things  the moving bodies
    render     pictures; ``truth`` says what they show
    encode     pictures into a video file

A picture is a pure function of the spec and its index, so that any part of a clip can be drawn again, in any process.
"""

from brain.sim.encode import Encoded, encode
from brain.sim.render import Scene, measure_speed, render
from brain.sim.spec import SceneSpec
from brain.sim.truth import Truth, TruthEvent, truth

__all__ = ["Encoded", "Scene", "SceneSpec", "Truth", "TruthEvent", "encode", "measure_speed", "render", "truth"]
