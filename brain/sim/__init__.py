"""Drawn street video with exact truth: for the demo, for tests and for desks that wait for their first camera.

    spec            what a clip is asked to be, checked on entry
    scenes/         named scenes: each fills a cast and tells its events
    cast, life      the world of one scene; the ordinary life that scenes take from
    stages/         where it plays: camera, ground, fronts, fixed things, zones, lanes
    actors/, things/, bodies/   who moves, what lies about, what they look like
    climate, sunshine, still, glow, rain   light and weather
    paint/          the small software rasteriser
    bodies_layer, order   bodies, shadows and mirror images from far to near
    sensor, render  pictures
    instances, truth, calibration, export   what the pictures show
    judge           what a detector trained on real pictures says of them
    encode          pictures into a video file

A picture is a pure function of the spec and its index, so that any part of a clip can be drawn again, in any process.
"""

from brain.sim.encode import Encoded, encode
from brain.sim.render import Scene, measure_speed, render
from brain.sim.spec import SceneSpec
from brain.sim.truth import Truth, TruthEvent, truth

__all__ = ["Encoded", "Scene", "SceneSpec", "Truth", "TruthEvent", "encode", "measure_speed", "render", "truth"]
