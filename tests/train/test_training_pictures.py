"""What is done to training pictures keeps labels on their things."""

import random
from pathlib import Path

import numpy as np
from augment import CELL, Augmenter, Looked, cell_shares, letterbox, paste, spoil
from hypothesis import given, settings
from hypothesis import strategies as st
from recipe import SetSpec
from sets import Item

SPEC = SetSpec(name="one", folder="one", classes={})
RED = (0, 0, 255)


def red_box(x1: int, y1: int, x2: int, y2: int, width: int = 120, height: int = 80) -> Item:
    picture = np.full((height, width, 3), 90, np.uint8)
    picture[y1:y2, x1:x2] = RED
    regions = np.zeros((height, width), np.uint8)
    regions[y1:y2, x1:x2] = 1
    box = np.array([[x1 / width, y1 / height, x2 / width, y2 / height]], np.float32)
    return Item(SPEC, Path("none"), (width, height), picture, box, np.array([0]), regions)


def red_bounds(picture: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero((picture[..., 2] > 170) & (picture[..., 1] < 50))
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


@settings(max_examples=40, deadline=None)
@given(
    at=st.tuples(st.integers(-40, 60), st.integers(-40, 60), st.integers(60, 200), st.integers(60, 200)),
    window=st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(60, 128), st.integers(60, 128)),
)
def test_boxes_lie_on_what_was_pasted(at: tuple[int, int, int, int], window: tuple[int, int, int, int]) -> None:
    looked = Looked(np.full((128, 128, 3), 114, np.uint8), regions=np.zeros((128, 128), np.uint8))
    paste(looked, red_box(40, 20, 90, 60), at, window)
    for box in looked.all_boxes():
        assert np.abs(np.array(red_bounds(looked.picture)) - box).max() <= 2
        assert (box[:2] >= window[:2]).all()
        assert (box[2:] <= window[2:]).all()
    assert looked.regions is not None
    marked = looked.regions > 0
    assert ((looked.picture[..., 1] < 60) ^ marked).sum() <= 2 * sum(marked.shape)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), size=st.sampled_from([64, 96]), mosaic=st.sampled_from([0.0, 1.0]))
def test_drawn_pictures_are_repeatable_and_in_bounds(seed: int, size: int, mosaic: float) -> None:
    augmenter = Augmenter([red_box(10, 10, 50, 70)], [1.0], mosaic=mosaic, scales=(0.4, 1.5), segment=True)
    one, again = (augmenter.draw(size, random.Random(seed)) for _ in range(2))
    assert (one.picture == again.picture).all()
    assert (one.all_boxes() == again.all_boxes()).all()
    assert one.picture.shape == (size, size, 3)
    assert ((one.all_boxes() >= 0) & (one.all_boxes() <= size)).all()
    assert len(one.all_boxes()) == len(one.all_labels())


def test_cut_things_are_unsure() -> None:
    looked = Looked(np.full((64, 64, 3), 114, np.uint8))
    paste(looked, red_box(0, 0, 60, 80), (-20, 0, 60, 40), (0, 0, 64, 64))  # two thirds of the box are cut off
    assert looked.all_labels().tolist() == [-1]


def test_spoiling_keeps_shape_and_kind() -> None:
    for seed in range(60):
        spoilt = spoil(red_box(1, 2, 30, 40).picture, random.Random(seed))
        assert spoilt.shape == (80, 120, 3)
        assert spoilt.dtype == np.uint8


def test_cells_hold_shares_and_the_unknown() -> None:
    regions = np.zeros((16, 24), np.uint8)
    regions[:8, :12] = 1
    regions[8:, 16:] = 255
    shares, known = cell_shares(regions, 2)
    assert shares.shape == (2, 16 // CELL, 24 // CELL)
    assert shares[0].tolist() == [[1.0, 0.5, 0.0], [0.0, 0.0, 0.0]]
    assert not shares[1].any()
    assert known.tolist() == [[[1.0, 1.0, 1.0], [1.0, 1.0, 0.0]]]


def test_letterbox_stands_top_left() -> None:
    boxed, scale = letterbox(np.full((40, 80, 3), 7, np.uint8), 64)
    assert scale == 0.8
    assert (boxed[:32] == 7).all()
    assert (boxed[32:] == 114).all()
