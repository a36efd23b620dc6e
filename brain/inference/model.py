"""Weights that are loaded, checked and ready to look at samples."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from brain.core.errors import WeightsError
from brain.core.types import Detections, Picture
from brain.inference.cards import CARD_FILE, Card, Layout, Reference, file_sha256
from brain.inference.choice import RuntimeChoice, choose_runtime
from brain.inference.heads import Array, check_outputs, make_head
from brain.inference.library import Weights, weights_in
from brain.inference.preprocess import Preprocessor
from brain.inference.reference import (
    REGION_THRESHOLDS,
    THRESHOLDS,
    differences,
    record,
    record_regions,
    reference_picture,
    summary,
    variants,
)
from brain.inference.runtimes import Runtime
from brain.inference.segment import SegmentHead

_FLOAT = "tensor(float)"


class Model:
    """One network with its card.

    Several threads may call ``detect``; they take turns.

    Attributes:
        card: what is declared.
        runtime: what computes it.
        weights: where it came from.
    """

    def __init__(self, weights: Weights, runtime: Runtime) -> None:
        _check_input(weights, runtime)
        self.weights = weights
        self.card: Card = weights.card
        self.runtime = runtime
        self._prepare = Preprocessor(self.card.input)
        self._regions = SegmentHead(self.card) if self.gives_regions else None
        self._head = None if self.gives_regions else make_head(self.card)
        self._lock = threading.Lock()

    @property
    def gives_regions(self) -> bool:
        """Whether what it finds has outlines."""
        return self.card.layout is Layout.SEGMENT

    def detect(
        self, image: Picture, classes: frozenset[str] | None = None, min_score: float | None = None
    ) -> Detections:
        """What the network sees in one sample, highest score first.

        Args:
            image: H×W×3 uint8, BGR.
            classes: only these of the card's classes; ``None`` for all.
            min_score: least score, 0–1; the card's threshold unless told.

        Returns:
            Boxes in pixels of ``image``, and outlines where the network gives regions.

        Raises:
            WeightsError: the network fails.
            ValueError: not a picture of that form.
        """
        threshold = self.card.score_threshold if min_score is None else min_score
        if not 0 < threshold < 1:
            raise ValueError(f"min_score must lie between 0 and 1, not {threshold}")
        names = self.card.classes
        wanted = None if classes is None else np.fromiter((name in classes for name in names), bool, len(names))
        with self._lock:
            batch, place = self._prepare(image)
            outputs = self.runtime.run(batch, self.card.output.names)
            if self._regions is not None:
                return self._regions(outputs, threshold, wanted, place)
            assert self._head is not None
            found = self._head(outputs, threshold, wanted)
        boxes = place.to_sample(found.boxes)
        # A box may lie in the padding alone; nothing of it is left in the sample.
        solid = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
        labels = tuple(names[index] for index in found.classes[solid])
        return Detections(boxes[solid].astype(np.float32), found.scores[solid].astype(np.float32), labels)

    def raw(self, image: Picture) -> list[Array]:
        """The network's own outputs for one sample, copied."""
        with self._lock:
            batch, _ = self._prepare(image)
            return [output.copy() for output in self.runtime.run(batch, self.card.output.names)]


def load_model(
    source: Path | Weights, *, runtime: RuntimeChoice = "auto", cache_dir: Path | None = None, verify: bool = True
) -> Model:
    """Weights from their folder (``card.yaml`` and the ONNX file), or from where the library found them.

    Args:
        source: folder of a card, or located weights.
        runtime: a runtime's name; ``auto`` takes the faster of those present.
        cache_dir: where the winner of ``auto`` is kept; ``None`` measures each time.
        verify: run the reference picture and compare.

    Raises:
        ConfigError: the card cannot be read or does not fit its form.
        WeightsError: file missing, empty, of another sha256, no ONNX, other inputs or outputs than declared, or the
            reference picture gives other boxes.
    """
    weights = source if isinstance(source, Weights) else weights_in(source)
    digest = file_sha256(weights.file)
    if digest != weights.card.sha256:
        raise WeightsError(
            f"sha256 is {digest[:12]}…, the card says {weights.card.sha256[:12]}…",
            where=str(weights.file),
            remedy="pull or copy the file again; if it is meant to be another one, add it with `brain models add`",
        )
    model = Model(weights, choose_runtime(weights.card, weights.file, runtime, cache_dir))
    if verify:
        verify_model(model)
    return model


def verify_model(model: Model) -> None:
    """Run the card's reference picture and compare with what was recorded.

    Raises:
        WeightsError: outputs that do not fit the declaration, or other boxes; names the field to check.
    """
    image = reference_picture(model.card, model.weights.folder)
    reference = model.card.reference
    assert reference is not None  # reference_picture refuses a card without
    check_outputs(model.card, model.raw(image))
    texts = compare(model, image, reference)
    if texts:
        suspects = _suspects(model, image, reference)
        remedy = "check " + " or ".join(suspects) if suspects else _UNKNOWN
        raise WeightsError(
            f"finds other things in its reference picture than its card says: {summary(texts)}",
            where=model.card.id,
            remedy=f"{remedy} in {model.weights.folder / CARD_FILE}",
        )


_UNKNOWN = "check layout, input (colour, scale, mean, std, padding), output and classes"


def compare(model: Model, image: Picture, reference: Reference) -> list[str]:
    """Differences between the reference and what the model finds now (see ``reference.differences``)."""
    if model.gives_regions:
        return differences(reference, _regions_at(model, image, reference.threshold))
    floor = max(reference.threshold - reference.tolerance.score, reference.threshold / 10)
    return differences(reference, model.detect(image, min_score=floor))


def _regions_at(model: Model, image: Picture, threshold: float) -> Detections:
    """The regions of cells whose score reaches ``threshold``: with another threshold they are others."""
    card = model.card.model_copy(update={"score_threshold": threshold})
    return Model(Weights(card, model.weights.file, model.weights.folder), model.runtime).detect(image)


def record_reference(model: Model, image: Picture, picture_name: str) -> Reference:
    """The reference of a model that is being added: what it finds in ``image`` now.

    Raises:
        WeightsError: outputs that do not fit the declaration, or nothing is found.
    """
    check_outputs(model.card, model.raw(image))
    if model.gives_regions:
        return record_regions(picture_name, _region_looks(model, image))

    def looks() -> Iterator[tuple[float, Detections]]:
        for threshold in THRESHOLDS:
            yield threshold, model.detect(image, min_score=threshold)

    return record(picture_name, looks())


def _region_looks(model: Model, image: Picture) -> Iterator[tuple[float, Detections]]:
    own = model.card.score_threshold
    for threshold in (own, *(lower for lower in REGION_THRESHOLDS if lower < own)):
        yield threshold, _regions_at(model, image, threshold)


def _suspects(model: Model, image: Picture, reference: Reference) -> list[str]:
    """Declared fields which, changed alone, make the reference fit."""
    found = []
    for field, card in variants(model.card):
        try:
            twin = Model(Weights(card, model.weights.file, model.weights.folder), model.runtime)
            check_outputs(card, twin.raw(image))
            if not compare(twin, image, reference):
                found.append(field)
        except WeightsError:
            continue
    return found


def _check_input(weights: Weights, runtime: Runtime) -> None:
    spec, where = weights.card.input, str(weights.file)
    if len(runtime.inputs) != 1:
        names = ", ".join(value.name for value in runtime.inputs)
        raise WeightsError(
            f"network has {len(runtime.inputs)} inputs ({names}); one picture input is supported",
            where=where,
            remedy="export it without post-processing (for DETR: the plain boxes and logits)",
        )
    given = runtime.inputs[0]
    if not given.is_called(spec.name):
        raise WeightsError(
            f"network has no input {spec.name!r}, only {given.name!r}",
            where=where,
            remedy="mend input.name in the card",
        )
    if given.kind != _FLOAT:
        raise WeightsError(
            f"input {given.name!r} is {given.kind}, not float32", where=where, remedy="export it with float32 input"
        )
    declared = (1, 3, spec.height, spec.width)
    fits = len(given.shape) == 4 and all(
        size is None or size == ours for size, ours in zip(given.shape, declared, strict=True)
    )
    if not fits:
        shape = "×".join("?" if size is None else str(size) for size in given.shape)
        raise WeightsError(
            f"input {given.name!r} is {shape}, the card declares 1×3×{spec.height}×{spec.width}",
            where=where,
            remedy="mend input.width and input.height in the card",
        )
