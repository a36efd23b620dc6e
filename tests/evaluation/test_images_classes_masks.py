"""Classes matched by name, and IoU of masks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.core.errors import UsageError
from brain.evaluation.images.classes import match_classes
from brain.evaluation.images.masks import MaskTally, mean_iou

OURS = ("person", "traffic light", "motorcycle", "car")


@pytest.mark.parametrize(
    ("theirs", "maps", "names", "index", "left_theirs", "left_ours"),
    [
        (["car", "person"], [], ("person", "car"), (1, 0), (), ("traffic light", "motorcycle")),
        (["Traffic_Light", "TRAFFIC-light"], [], ("traffic light",), (0, 0), (), ("person", "motorcycle", "car")),
        (["tree", "Car"], [], ("car",), (None, 0), ("tree",), ("person", "traffic light", "motorcycle")),
        (
            ["moped", "scooter", "car"],
            ["moped=motorcycle", "Scooter = Motorcycle"],
            ("motorcycle", "car"),
            (0, 0, 1),
            (),
            ("person", "traffic light"),
        ),
        # What is said wins over the name.
        (["car"], ["car=person"], ("person",), (0,), (), ("traffic light", "motorcycle", "car")),
    ],
)
def test_match(theirs, maps, names, index, left_theirs, left_ours) -> None:
    match = match_classes(theirs, OURS, maps)
    assert (match.names, match.index) == (names, index)
    assert (match.left_out_theirs, match.left_out_ours) == (left_theirs, left_ours)


@pytest.mark.parametrize(
    ("theirs", "ours", "maps", "says"),
    [
        (["tree"], OURS, [], "no class in common: labels have tree"),
        ([], OURS, [], "no class in common: labels have none"),
        (["car"], OURS, ["car"], "--map 'car' is no pair"),
        (["car"], OURS, ["=car"], "is no pair"),
        (["car"], OURS, ["cat=car"], "the labels have no class 'cat'\n  remedy: did you mean 'car'?"),
        (["car"], OURS, ["car=persn"], "the weights have no class 'persn'\n  remedy: did you mean 'person'?"),
        (["car"], OURS, ["car=person", "car=car"], "gives class 'car' twice"),
        (["bigcar"], ["big car", "big_car"], [], "fits 'big car' and 'big_car' of the weights"),
    ],
)
def test_no_match(theirs, ours, maps, says) -> None:
    with pytest.raises(UsageError) as caught:
        match_classes(theirs, ours, maps)
    assert says in str(caught.value)
    assert caught.value.remedy


def mask(*rows: str) -> np.ndarray:
    return np.array([[letter == "#" for letter in row] for row in rows])


def test_iou_over_the_set_is_not_the_mean_of_pictures() -> None:
    truth = [{"water": mask("####", "####")}, {"water": mask("#...", "....")}]
    predicted = [{"water": mask("####", "####")}, {"water": mask(".#..", "....")}]
    figures = mean_iou(truth, predicted, ["water", "smoke"])
    assert figures.per_class == {"water": pytest.approx(8 / 10), "smoke": None}
    assert figures.iou == pytest.approx(0.8)
    assert figures.per_picture == pytest.approx((1 + 0) / 2)


def test_a_class_that_is_only_predicted_is_no_part_of_the_mean() -> None:
    figures = mean_iou([{"water": mask("##")}], [{"water": mask("#."), "smoke": mask(".#")}], ["water", "smoke"])
    assert figures.per_class == {"water": 0.5, "smoke": 0.0}
    assert figures.iou == 0.5
    assert figures.per_picture == 0.25


def test_ignored_pixels_count_for_nothing() -> None:
    tally = MaskTally(["water"])
    tally.add({"water": mask("##..")}, {"water": mask("#.##")}, ignored=mask(".#.#"))
    assert tally.figures().per_class == {"water": 0.5}


def test_nothing_at_all() -> None:
    figures = mean_iou([{}, {"a": mask("..")}], [{}, {"a": mask("..")}], ["a"])
    assert (figures.iou, figures.per_picture, figures.per_class) == (None, None, {"a": None})


@pytest.mark.parametrize(
    ("truth", "predicted", "says"),
    [({"a": mask("#")}, {"a": mask("##")}, "differ in size"), ({"b": mask("#")}, {}, "no such class")],
)
def test_masks_that_do_not_fit(truth, predicted, says) -> None:
    with pytest.raises(ValueError, match=says):
        mean_iou([truth], [predicted], ["a"])


_masks = st.lists(st.binary(min_size=12, max_size=12), min_size=1, max_size=4)


@given(_masks, _masks)
def test_iou_against_sets_of_pixels(one: list[bytes], other: list[bytes]) -> None:
    count = min(len(one), len(other))
    truth, predicted = ([np.frombuffer(item, np.uint8) % 2 == 1 for item in side[:count]] for side in (one, other))
    figures = mean_iou([{"a": item} for item in truth], [{"a": item} for item in predicted], ["a"])
    pixels = [{(n, int(p)) for n, item in enumerate(side) for p in np.flatnonzero(item)} for side in (truth, predicted)]
    either = pixels[0] | pixels[1]
    assert figures.per_class["a"] == (len(pixels[0] & pixels[1]) / len(either) if either else None)
