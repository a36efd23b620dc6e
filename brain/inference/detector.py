"""All detecting algorithms of a camera on one sample: algorithms that use the same weights share one inference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from brain.core.errors import WeightsError
from brain.core.types import Detections, Picture
from brain.inference.algorithms import Algorithm
from brain.inference.choice import RuntimeChoice
from brain.inference.library import Library, Weights, resolve
from brain.inference.model import Model, load_model


@dataclass(frozen=True, slots=True)
class Part:
    """What one algorithm takes from a shared inference.

    Attributes:
        algorithm: its id.
        names: model's class → algorithm's class.
        min_score: least score.
    """

    algorithm: str
    names: Mapping[str, str]
    min_score: float


@dataclass(frozen=True, slots=True)
class Share:
    """One inference and the algorithms that live on it."""

    model: Model
    parts: tuple[Part, ...]


def plan_models(algorithms: Iterable[Algorithm], models: Mapping[str, Model]) -> tuple[Share, ...]:
    """Group algorithms by the weights they use.

    Args:
        algorithms: methods among them are left out.
        models: algorithm id → its model; several may be given the same weights.

    Raises:
        WeightsError: an algorithm without model, or with one that knows none of its classes.
    """
    groups: list[tuple[Model, list[Part]]] = []
    for algorithm in algorithms:
        if algorithm.kind == "method":
            continue
        model = models.get(algorithm.id)
        if model is None:
            raise WeightsError(
                "has no weights", where=algorithm.id, remedy=f"name some under weights: {algorithm.id}: ID or FILE"
            )
        parts = next((parts for known, parts in groups if known.card == model.card), None)
        if parts is None:
            parts = []
            groups.append((model, parts))
        parts.append(
            Part(algorithm.id, class_names(algorithm, model), algorithm.min_score or model.card.score_threshold)
        )
    return tuple(Share(model, tuple(parts)) for model, parts in groups)


def class_names(algorithm: Algorithm, model: Model) -> dict[str, str]:
    """Model's class → algorithm's class.

    Raises:
        WeightsError: the model knows none of them.
    """
    names = algorithm.mapping(model.card.classes)
    if not names:
        wanted = ", ".join(name for aliases in algorithm.classes.values() for name in aliases)
        raise WeightsError(
            f"weights {model.card.id!r} know none of the classes that {algorithm.id} needs ({wanted})",
            where=str(model.weights.file),
            remedy="name other weights for it; `brain models list` shows their classes",
        )
    return names


class Detector:
    """Runs a plan on samples.

    Attributes:
        failures: algorithm id → why it gave nothing at the last ``observe``; empty when all worked.
    """

    def __init__(self, plan: Sequence[Share]) -> None:
        self._plan = tuple(plan)
        self._wanted = tuple(frozenset(name for part in share.parts for name in part.names) for share in self._plan)
        self._floors = tuple(min(part.min_score for part in share.parts) for share in self._plan)
        self.failures: dict[str, str] = {}

    @property
    def models(self) -> tuple[Model, ...]:
        """The models that run, each once per sample."""
        return tuple(share.model for share in self._plan)

    @property
    def algorithms(self) -> tuple[str, ...]:
        """Ids of the algorithms that are answered."""
        return tuple(part.algorithm for share in self._plan for part in share.parts)

    def observe(self, image: Picture, algorithms: frozenset[str] | None = None) -> dict[str, Detections]:
        """Detections per algorithm of one sample, with the algorithm's own class names.

        An algorithm whose network failed is missing from the answer and named in ``failures``.

        Args:
            image: H×W×3 uint8, BGR.
            algorithms: only these; a model that none of them needs does not run. ``None`` for all.
        """
        answer: dict[str, Detections] = {}
        self.failures = {}
        for share, wanted, floor in zip(self._plan, self._wanted, self._floors, strict=True):
            parts = [part for part in share.parts if algorithms is None or part.algorithm in algorithms]
            if not parts:
                continue
            try:
                found = share.model.detect(image, wanted, floor)
            except WeightsError as error:
                self.failures |= {part.algorithm: error.line for part in parts}
                continue
            for part in parts:
                answer[part.algorithm] = _take(found, part)
        return answer


def load_detector(
    algorithms: Sequence[Algorithm],
    library: Library,
    *,
    wishes: Mapping[str, str] | None = None,
    runtime: RuntimeChoice = "auto",
    cache_dir: Path | None = None,
) -> Detector:
    """A detector for some algorithms, each file loaded and verified once.

    Args:
        algorithms: methods among them are left out.
        wishes: algorithm id → weights id, folder or file, before the algorithm's own list; ``*`` stands for all.
        runtime, cache_dir: see ``load_model``.

    Raises:
        WeightsError, ConfigError: weights missing, broken or unfit; see ``resolve`` and ``load_model``.
    """
    loaded: list[Model] = []
    models: dict[str, Model] = {}
    for algorithm in algorithms:
        if algorithm.kind == "method":
            continue
        weights = choose_weights(algorithm, library, (wishes or {}).get(algorithm.id) or (wishes or {}).get("*"))
        model = next((model for model in loaded if model.weights == weights), None)
        if model is None:
            model = load_model(weights, runtime=runtime, cache_dir=cache_dir)
            loaded.append(model)
        models[algorithm.id] = model
    return Detector(plan_models(algorithms, models))


def choose_weights(algorithm: Algorithm, library: Library, wish: str | None = None) -> Weights:
    """The weights that were wished for, else the first of the algorithm's list that this machine has.

    Raises:
        WeightsError: none is here.
    """
    if wish is not None:
        return resolve(wish, library)
    for name in algorithm.weights:
        found = library.locate(name)
        if found is not None:
            return found
    public = (name for name in algorithm.weights if library.catalog.by_id(name) is not None)
    first = next(public, algorithm.weights[0] if algorithm.weights else "ID")
    raise WeightsError(
        "none of its weights is on this machine",
        where=algorithm.id,
        remedy=f"`brain models pull {first}`, or give your own: weights: {{{algorithm.id}: ID or FILE.onnx}}",
    )


def _take(found: Detections, part: Part) -> Detections:
    mask = np.fromiter((name in part.names for name in found.label), bool, len(found)) & (found.score >= part.min_score)
    return found.keep(mask).renamed(part.names)
