"""ONNX with 8-bit weights and activations: static quantisation, calibrated on pictures.

Each tensor's range is the mean over the pictures of its least and greatest value. First layers see raw pixels, and
their outputs spread so far that 256 steps are too coarse for a small network; last layers give scores. So a few recipes
are tried, the one with most 8-bit layers first, and the first is taken that keeps what the original finds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from brain.core.errors import UsageError, WeightsError
from brain.core.types import Picture
from brain.inference.export.agreement import loosened, sum_shared
from brain.inference.export.network import after_last_weights, first_layers, load_network, weighted_count
from brain.inference.library import Weights
from brain.inference.model import Model, compare
from brain.inference.preprocess import Preprocessor
from brain.inference.reference import reference_picture, summary
from brain.inference.runtimes import OnnxRuntime

LEAST_PICTURES = 8
MOST_PICTURES = 60
JUDGED_EVERY = 3
"""Of three pictures one is kept apart: it is not calibrated on, and judges the result."""
FIRST_LAYERS = (0, 2, 5, 9)
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Recipe:
    """Which layers stay 32-bit floats: the first ones (how many), and perhaps the last of each branch."""

    first: int
    last: bool

    def __str__(self) -> str:
        kept = [f"the first {self.first} layers"] if self.first else []
        kept += ["the last layers"] if self.last else []
        return f"{' and '.join(kept)} in 32 bits" if kept else "all layers in 8 bits"


@dataclass(frozen=True, slots=True)
class Int8:
    """What came out: the recipe, the share (0–1) of the original's findings kept, and how many pictures were used."""

    recipe: Recipe
    kept: float
    calibrated: int
    judged: int


def recipes(layers: int) -> Iterator[Recipe]:
    """What is tried for a network of so many weighted layers; at most half of them stay 32-bit."""
    for first in FIRST_LAYERS:
        if 2 * first <= layers:
            yield Recipe(first, last=False)
            yield Recipe(first, last=True)


def split(pictures: Sequence[Picture]) -> tuple[list[Picture], list[Picture]]:
    """Pictures to calibrate on, and pictures to judge by; at most 60 of those given, evenly taken.

    Raises:
        UsageError: fewer than 8.
    """
    if len(pictures) < LEAST_PICTURES:
        raise UsageError(
            f"{len(pictures)} pictures are too few to calibrate on",
            remedy=f"give --pictures a folder of {LEAST_PICTURES} or more, like those the weights are meant for",
        )
    count = min(len(pictures), MOST_PICTURES)
    taken = [pictures[index * len(pictures) // count] for index in range(count)]
    apart = [picture for index, picture in enumerate(taken) if index % JUDGED_EVERY == JUDGED_EVERY - 1]
    return [picture for index, picture in enumerate(taken) if index % JUDGED_EVERY != JUDGED_EVERY - 1], apart


def quantise(
    original: Model, target: Path, scratch: Path, pictures: Sequence[Picture], least: float, tell: Tell
) -> Int8:
    """Write an 8-bit copy of a network to ``target``.

    Args:
        original: loaded and verified.
        scratch: an empty folder for files in between.
        pictures: of any size, H×W×3 uint8 BGR.
        least: share (0–1) of the original's findings that must be kept.
        tell: told what is tried.

    Raises:
        WeightsError: the network cannot be quantised, or no recipe keeps enough.
        UsageError: too few pictures, or the original finds nothing in those that judge.
    """
    calibrating, judging = split(pictures)
    seen = [original.detect(picture) for picture in judging]
    if not any(len(found) for found in seen):
        raise UsageError(
            f"the weights find nothing in the {len(judging)} pictures that are to judge the result",
            remedy="give --pictures a folder that shows what they were trained to find",
        )
    plain = scratch / "plain.onnx"
    model = _plain(original, plain)
    image = reference_picture(original.card, original.weights.folder)
    assert original.card.reference is not None
    expected = loosened(original.card.reference, original.card.score_threshold)
    best, reason = 0.0, "none could be tried"
    for recipe in recipes(weighted_count(model)):
        tell(str(recipe))
        _quantise(original, plain, target, calibrating, scratch / "ranges.json", _kept(model, recipe))
        made = Model(Weights(original.card, target, original.weights.folder), OnnxRuntime(target))
        kept = sum_shared((one, made.detect(picture)) for one, picture in zip(seen, judging, strict=True)).share
        texts = compare(made, image, expected)
        if kept >= least and not texts:
            return Int8(recipe, kept, len(calibrating), len(judging))
        if kept >= best:
            best, reason = kept, f"{recipe}: keeps {kept:.1%} of what it found"
            reason += f"; in the reference picture {summary(texts)}" if texts else ""
    raise WeightsError(
        f"no 8-bit form agrees with the original ({least:.1%} are asked). The best – {reason}",
        where=original.card.id,
        remedy="give --pictures real pictures like those it is meant for; where the share alone is too low, ask less "
        "with --least; or take another form: not every network bears 8-bit numbers",
    )


def _plain(original: Model, target: Path) -> Any:
    """The network prepared for quantisation, written to ``target``: constants folded, batch normalisation fused."""
    import onnx
    from onnxruntime.quantization import quant_pre_process  # type: ignore[import-untyped]

    onnx.save(load_network(original.card, original.weights.file), str(target))
    try:
        quant_pre_process(str(target), str(target), skip_symbolic_shape=True)
    except Exception as error:
        raise _failed(original, error) from None
    return onnx.load(str(target))


def _quantise(
    original: Model, plain: Path, target: Path, pictures: Sequence[Picture], ranges: Path, kept: list[str]
) -> None:
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static

    try:
        quantize_static(
            str(plain),
            str(target),
            _Reader(original, pictures),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=kept,
            extra_options={"CalibMovingAverage": True},
            calibration_cache_path=str(ranges),
        )
    except Exception as error:
        raise _failed(original, error) from None


def _kept(model: Any, recipe: Recipe) -> list[str]:
    """Names of the nodes that stay 32-bit: the answer being put together always does."""
    plain, last = after_last_weights(model)
    names = plain | first_layers(model, recipe.first) if recipe.first else plain
    return sorted(names | last if recipe.last else names)


class _Reader:
    """Pictures as the network gets them, one at a time (``CalibrationDataReader`` of ONNX Runtime)."""

    def __init__(self, original: Model, pictures: Sequence[Picture]) -> None:
        self._name = original.runtime.inputs[0].name
        self._prepare = Preprocessor(original.card.input)
        self._left = iter(pictures)

    def get_next(self) -> dict[str, Any] | None:
        """The next input, or ``None`` at the end."""
        picture = next(self._left, None)
        return None if picture is None else {self._name: self._prepare(picture)[0].copy()}


def _failed(original: Model, error: Exception) -> WeightsError:
    text = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
    return WeightsError(
        f"cannot be quantised: {text}", where=original.card.id, remedy="export the original anew with operator set 17"
    )
