"""The reference picture: a declaration is right as a whole when the weights find in it what they found before."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from brain.core.errors import WeightsError
from brain.core.geometry import iou
from brain.core.types import Detections, Picture
from brain.inference.cards import (
    BOX_LAYOUTS,
    Card,
    Colour,
    InputSpec,
    Layout,
    PaddingMode,
    Reference,
    ReferenceBox,
    Scale,
    Scores,
    Tolerance,
)
from brain.inference.pictures import read_picture
from brain.inference.street import STREET, street_picture

RECORDED_BOXES = 20
THRESHOLDS = (0.05, 0.01, 0.002, 0.0005)
REGION_THRESHOLDS = (0.5, 0.3, 0.15, 0.05, 0.01)
_SHOWN = 4
_SCORES = {
    False: (Scores.PROBABILITIES, Scores.LOGITS),
    True: (Scores.PROBABILITIES, Scores.LOGITS, Scores.SOFTMAX),
}


def reference_picture(card: Card, folder: Path) -> Picture:
    """The picture that the card names: beside it, or the built-in drawing.

    Raises:
        WeightsError: the card has no reference, or its picture cannot be read.
    """
    if card.reference is None:
        raise WeightsError(
            "card has no reference picture, so nothing proves what it declares",
            where=card.id,
            remedy="add the weights again with `brain models add FILE --force`",
        )
    if card.reference.picture == STREET:
        return street_picture()
    return read_picture(folder / card.reference.picture)


def record(picture_name: str, detections_by_threshold: Iterator[tuple[float, Detections]]) -> Reference:
    """A reference from what the weights find, at the first threshold that yields at least three boxes.

    Weights that are sure of nothing in the picture are fingerprinted by their faint boxes; the score tolerance then
    shrinks with the best score, or it would forgive everything.

    Args:
        picture_name: file name beside the card, or ``drawn:street``.
        detections_by_threshold: falling thresholds, each with what is found at it.

    Raises:
        WeightsError: nothing at all is found.
    """
    best: tuple[float, Detections] | None = None
    for threshold, found in detections_by_threshold:
        if len(found):
            best = (threshold, found)
        if len(found) >= 3:
            break
    if best is None:
        raise _nothing(picture_name)
    threshold, found = best
    if len(found) > RECORDED_BOXES:
        threshold = float(found.score[RECORDED_BOXES])
    return _reference(picture_name, threshold, found)


def record_regions(picture_name: str, regions_by_threshold: Iterator[tuple[float, Detections]]) -> Reference:
    """A reference from the regions that weights find, at the first threshold that yields some, and not too many.

    Args:
        picture_name: file name beside the card, or ``drawn:street``.
        regions_by_threshold: falling thresholds, each with the regions of cells that reach it; the card's own first.

    Raises:
        WeightsError: nothing at all is found, or more than a reference holds at every threshold.
    """
    most = 0
    for threshold, found in regions_by_threshold:
        if 0 < len(found) <= RECORDED_BOXES:
            return _reference(picture_name, threshold, found)
        most = max(most, len(found))
    if not most:
        raise _nothing(picture_name)
    raise WeightsError(
        f"the weights find {most} regions in the reference picture; {RECORDED_BOXES} are the most that can be compared",
        where=picture_name,
        remedy="give --picture with few of the things that they were trained to find, and check the declarations",
    )


def _nothing(picture_name: str) -> WeightsError:
    return WeightsError(
        "the weights find nothing in the reference picture, so it proves nothing",
        where=picture_name,
        remedy="give --picture with something that they were trained to find, and check the declarations",
    )


def _reference(picture_name: str, threshold: float, found: Detections) -> Reference:
    count = min(len(found), RECORDED_BOXES)
    boxes = tuple(
        ReferenceBox(
            label=found.label[index],
            box=tuple(round(value, 2) for value in found.box(index)),
            score=round(float(found.score[index]), 4),
        )
        for index in range(count)
    )
    top = boxes[0].score
    scale = 1.0 if top >= 0.3 else top / 0.3
    tolerance = Tolerance(score=max(1e-6, 0.05 * scale), unexpected=max(2e-6, 0.1 * scale))
    return Reference(
        picture=picture_name, threshold=math.floor(threshold * 1e5) / 1e5, boxes=boxes, tolerance=tolerance
    )


def differences(reference: Reference, found: Detections) -> list[str]:
    """What differs between the recorded boxes and those found now, one sentence each; empty when they agree.

    Args:
        found: at a threshold of ``reference.threshold - reference.tolerance.score`` or lower.
    """
    tolerance = reference.tolerance
    free = list(range(len(found)))
    texts = []
    for expected in reference.boxes:
        same = [index for index in free if found.label[index] == expected.label]
        overlaps = {index: iou(expected.box, found.box(index)) for index in same}
        near = [index for index in same if overlaps[index] >= tolerance.iou]
        place = f"{expected.label} at {_box_text(expected.box)}"
        if not near:
            close = max(overlaps.values(), default=0.0)
            hint = f" (nearest box overlaps by {close:.2f})" if close > 0 else ""
            texts.append(f"{place} with score {expected.score:.3g} is not found{hint}")
            continue
        chosen = min(near, key=lambda index: abs(float(found.score[index]) - expected.score))
        free.remove(chosen)
        score = float(found.score[chosen])
        if abs(score - expected.score) > tolerance.score:
            texts.append(f"{place} has score {score:.3g} instead of {expected.score:.3g}")
    for index in free:
        if found.score[index] > reference.threshold + tolerance.unexpected:
            place = f"{found.label[index]} at {_box_text(found.box(index))}"
            texts.append(f"{place} with score {float(found.score[index]):.3g} is found, but not expected")
    return texts


def summary(texts: list[str]) -> str:
    """The first few differences as one text."""
    more = f"; and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    return "; ".join(texts[:_SHOWN]) + more


def variants(card: Card) -> Iterator[tuple[str, Card]]:
    """The card with one declared field changed, for all likely mistakes: what to check, and the changed card.

    Regions and boxes are never taken for each other: their outputs have another form.
    """
    spec = card.input
    other_colour = Colour.RGB if spec.colour is Colour.BGR else Colour.BGR
    yield f"input.colour (it fits with {other_colour})", _with_input(card, colour=other_colour)
    other_scale = Scale.UNIT if spec.scale is Scale.NONE else Scale.NONE
    yield f"input.scale (it fits with {other_scale})", _with_input(card, scale=other_scale)
    for mode in PaddingMode:
        if mode is not spec.padding.mode:
            padding = spec.padding.model_copy(update={"mode": mode})
            yield f"input.padding.mode (it fits with {mode})", _with_input(card, padding=padding)
    for other_scores in _SCORES[card.layout is Layout.SEGMENT]:
        if other_scores is not card.output.scores:
            output = card.output.model_copy(update={"scores": other_scores})
            yield f"output.scores (it fits with {other_scores})", card.model_copy(update={"output": output})
    if card.layout is Layout.YOLOX:
        output = card.output.model_copy(update={"decoded": not card.output.decoded})
        yield f"output.decoded (it fits with {str(output.decoded).lower()})", card.model_copy(update={"output": output})
    for layout in () if card.layout is Layout.SEGMENT else BOX_LAYOUTS:
        if layout is not card.layout:
            iou_limit = 0.45 if layout in (Layout.YOLOX, Layout.YOLO) else None
            yield f"layout (it fits with {layout})", card.model_copy(update={"layout": layout, "nms_iou": iou_limit})


def _with_input(card: Card, **changes: object) -> Card:
    spec: InputSpec = card.input.model_copy(update=changes)
    return card.model_copy(update={"input": spec})


def _box_text(box: tuple[float, float, float, float]) -> str:
    return "[" + ", ".join(f"{value:.0f}" for value in box) + "]"
