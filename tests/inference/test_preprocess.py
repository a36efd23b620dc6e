"""Pictures fit the input as declared, and boxes come back to where they were."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.inference.cards import InputSpec, Padding
from brain.inference.preprocess import Fit, Preprocessor, fit


def spec(mode: str = "top_left", width: int = 64, height: int = 48, **rest: object) -> InputSpec:
    form = {"colour": "BGR", "scale": "none"} | rest
    return InputSpec(name="x", width=width, height=height, padding=Padding(mode=mode, value=114), **form)


@pytest.mark.parametrize(
    ("sample", "mode", "expected"),
    [
        ((128, 72), "top_left", (0, 0, 64, 36)),
        ((128, 72), "centre", (0, 6, 64, 36)),
        ((128, 72), "stretch", (0, 0, 64, 48)),
        ((32, 48), "centre", (16, 0, 32, 48)),
        ((10, 10), "top_left", (0, 0, 48, 48)),
        ((1000, 1), "centre", (0, 23, 64, 1)),
    ],
)
def test_the_place_in_the_input(sample, mode, expected):
    assert fit(sample, spec(mode)) == Fit(sample, *expected)


@given(
    st.tuples(st.integers(1, 3000), st.integers(1, 3000)),
    st.sampled_from(["top_left", "centre", "stretch"]),
    st.tuples(st.integers(1, 20), st.integers(1, 20)),
    st.lists(st.floats(0, 1), min_size=4, max_size=4),
)
def test_boxes_return_to_where_they_were(sample, mode, size, shares):
    place = fit(sample, spec(mode, size[0] * 32, size[1] * 32))
    box = np.array([shares], np.float32) * np.array([*sample, *sample], np.float32)
    scale = np.array([place.width / sample[0], place.height / sample[1]] * 2, np.float32)
    inside = box * scale + np.array([place.left, place.top] * 2, np.float32)
    assert place.left + place.width <= size[0] * 32
    assert place.top + place.height <= size[1] * 32
    np.testing.assert_allclose(place.to_sample(inside), box, atol=max(sample) * 2e-4)


@pytest.mark.parametrize("colour", ["BGR", "RGB"])
@pytest.mark.parametrize("scale", ["none", "unit"])
@pytest.mark.parametrize("norm", [None, ((0.4, 0.5, 0.6), (0.2, 0.3, 0.25))])
@pytest.mark.parametrize("mode", ["top_left", "centre"])
def test_values_are_those_of_the_formula(colour, scale, norm, mode):
    mean, std = norm or (None, None)
    form = spec(mode, colour=colour, scale=scale, mean=mean, std=std)
    picture = np.random.default_rng(5).integers(0, 256, (36, 64, 3), np.uint8)
    batch, place = Preprocessor(form)(picture)
    board = np.full((48, 64, 3), 114, np.float64)
    board[place.top : place.top + 36] = picture
    board = board[..., ::-1] if colour == "RGB" else board
    board = board / 255 if scale == "unit" else board
    board = board if norm is None else (board - np.array(mean)) / np.array(std)
    assert batch.dtype == np.float32
    assert batch.flags.c_contiguous
    np.testing.assert_allclose(batch[0], board.transpose(2, 0, 1), rtol=1e-5, atol=1e-4)


def test_a_change_of_size_leaves_nothing_of_the_last_picture():
    prepare = Preprocessor(spec("centre"))
    prepare(np.full((48, 64, 3), 255, np.uint8))
    again, place = prepare(np.zeros((72, 128, 3), np.uint8))
    assert (again[0, :, : place.top] == 114).all()
    assert (again[0, :, place.top + place.height :] == 114).all()
    assert (again[0, :, place.top : place.top + place.height] == 0).all()


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((4, 4, 3), np.float32),
    ],
)
def test_other_arrays_are_refused(picture):
    with pytest.raises(ValueError, match="H×W×3 uint8"):
        Preprocessor(spec())(picture)
