"""Weights that give regions, held against masks: the whole command, with a small real network."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from brain.cli.evaluate import app
from brain.cli.evaluate.images import masks_of
from brain.core.errors import ConfigError
from brain.core.types import Detections
from brain.inference.cards import Layout

ROOT = Path(__file__).resolve().parents[2]
RED = (0, 0, 255)


@pytest.fixture
def nets(tmp_path: Path):
    """Builds small networks that find red and blue cells of 8 pixels."""
    spec = importlib.util.spec_from_file_location("small_nets", ROOT / "tests" / "inference" / "conftest.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["small_nets"] = module
    spec.loader.exec_module(module)
    return module.Nets(tmp_path / "nets")


@pytest.fixture
def flood(tmp_path: Path) -> Path:
    """Two pictures with a red region and its mask, whole and half of it, and one without."""
    root = tmp_path / "flood"
    for name, marked in (("whole", slice(16, 48)), ("half", slice(16, 32)), ("dry", slice(0, 0))):
        image = np.full((64, 64, 3), 128, np.uint8)
        if name != "dry":
            image[16:48, 16:48] = RED
        mask = np.zeros((64, 64), np.uint8)
        mask[16:48, marked] = 1
        for folder, picture in (("images", image), ("masks", mask)):
            (root / folder).mkdir(parents=True, exist_ok=True)
            (root / folder / f"{name}.png").write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    (root / "classes.txt").write_text("ground\nred\n", "utf-8")
    return root


def test_iou_of_masks(nets, flood: Path) -> None:
    weights = nets.folder(Layout.SEGMENT, colour="RGB", unit=True)
    result = CliRunner().invoke(app, ["images", str(flood), "--weights", str(weights), "--json"])
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert (figures["images"], figures["negatives"]) == (3, 1)
    # One region is found twice, and the mask of one of both is half as large: 1.5 of 2.
    assert figures["iou"] == pytest.approx(0.75, abs=0.05)
    assert figures["iou_per_picture"] == pytest.approx((1 + 0.5) / 2, abs=0.05)
    assert figures["per_class"]["red"]["iou"] == figures["iou"]
    assert figures["map50"] is None  # the labels are masks alone


def test_boxes_of_regions_are_scored_as_well(nets, flood: Path) -> None:
    weights = nets.folder(Layout.SEGMENT, colour="RGB", unit=True)
    (flood / "labels").mkdir()
    (flood / "labels" / "whole.txt").write_text("1 0.5 0.5 0.5 0.5\n", "utf-8")
    (flood / "labels" / "half.txt").write_text("1 0.5 0.5 0.5 0.5\n", "utf-8")
    result = CliRunner().invoke(app, ["images", str(flood), "--weights", str(weights), "--json"])
    figures = json.loads(result.stdout)
    assert figures["map50"] == 1
    assert figures["per_class"]["red"]["found"] == 2


def test_masks_need_weights_that_give_regions(nets, flood: Path) -> None:
    weights = nets.folder(Layout.YOLO, colour="RGB", unit=True)
    result = CliRunner().invoke(app, ["images", str(flood), "--weights", str(weights)])
    assert isinstance(result.exception, ConfigError)
    assert "the labels are masks" in str(result.exception)


def test_regions_of_one_class_are_one_mask() -> None:
    corners = ((0, 0), (0.5, 0), (0.5, 0.5), (0, 0.5))
    outlines = tuple((np.array(corners, np.float32) + shift,) for shift in (0, 0.5, 0.25))
    seen = Detections(np.zeros((3, 4), np.float32), np.ones(3, np.float32), ("a", "a", "b"), outlines)
    masks = masks_of(seen, np.zeros((40, 80, 3), np.uint8))
    assert masks["a"].shape == (40, 80)
    assert (masks["a"].sum(), masks["b"].sum()) == (2 * 800, 800)
    assert masks_of(Detections.empty(), np.zeros((4, 4, 3), np.uint8)) == {}
