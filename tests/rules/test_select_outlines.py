"""The outline of what a rule looks at goes along to the picture that proves it."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from brain.core.types import Detections, Observations, Zone
from brain.rules.base import Moment
from brain.rules.present import Present, PresentParameters
from brain.runtime.pictures import marked

RING = np.array([[0.25, 0.25], [0.75, 0.25], [0.75, 0.75], [0.25, 0.75]], np.float32)
HOLE = np.array([[0.4, 0.4], [0.6, 0.4], [0.6, 0.6], [0.4, 0.6]], np.float32)


def test_from_detection_to_picture() -> None:
    box = np.array([[20, 10, 60, 30]], np.float32)
    seen = Detections(box, np.array([0.9], np.float32), ("water",), ((RING, HOLE),))
    rule = Present(PresentParameters(classes=("water",)), "water_detection")
    observations = Observations(0.0, datetime(2026, 1, 1, tzinfo=UTC), (80, 40), {"water_detection": seen})
    _, finding = rule.step(rule.start(), Zone("all", "road"), observations, Moment(0.0, 0.0))
    assert [len(ring) for ring in finding.boxes[0].outline] == [4, 4]
    drawn = marked(np.zeros((200, 400, 3), np.uint8), finding.boxes, None, "")
    red = drawn[..., 2]
    assert red[80, 120] > 60  # in the region
    assert red[100, 200] == 0  # in its hole
    assert red[20, 380] == 0  # beside it
