"""Algorithms share inferences, and each gets what it would get alone."""

from __future__ import annotations

import numpy as np
import pytest

from brain.core.errors import WeightsError
from brain.core.types import Detections
from brain.inference.algorithms import Algorithm
from brain.inference.catalog import Catalog
from brain.inference.detector import Detector, load_detector, plan_models
from brain.inference.library import Library
from brain.inference.model import load_model
from brain.inference.runtimes import OnnxRuntime
from brain.inference.street import street_picture


def algorithm(name: str, classes: dict[str, list[str]], **rest: object) -> Algorithm:
    form = {"kind": "weights", "weights": ["tiny"]} | rest
    return Algorithm.model_validate({"id": name, "name": {"zh": name, "en": name}, "classes": classes, **form})


REDS = algorithm("reds", {"thing": ["red"]}, min_score=0.1)
BLUES = algorithm("blues", {"cold": ["blue", "cyan"]})
BOTH = algorithm("both", {"red": ["red"], "blue": ["blue"]}, min_score=0.5)
METHOD = algorithm("still", {}, kind="method", weights=[])


class Counting(OnnxRuntime):
    """Counts its runs, and fails while told to."""

    runs = 0
    broken = False

    def run(self, batch, names):
        self.runs += 1
        if self.broken:
            raise WeightsError("network fails", where="tiny", remedy="none")
        return super().run(batch, names)


@pytest.fixture
def library(nets, tmp_path):
    nets.folder(name="tiny")
    nets.folder(name="other", colour="RGB")
    return Library(nets.root, tmp_path / "none", Catalog())


@pytest.fixture
def model(library):
    loaded = load_model(library.own / "tiny", runtime="onnxruntime")
    loaded.runtime = Counting(loaded.weights.file)
    return loaded


def same(one: Detections, two: Detections) -> bool:
    return one.label == two.label and np.array_equal(one.xyxy, two.xyxy) and np.array_equal(one.score, two.score)


def test_one_run_serves_all_and_changes_nothing(model):
    used = [REDS, BLUES, BOTH, METHOD]
    detector = Detector(plan_models(used, {"reds": model, "blues": model, "both": model}))
    assert detector.algorithms == ("reds", "blues", "both")
    assert detector.models == (model,)
    shared = detector.observe(street_picture())
    assert model.runtime.runs == 1
    assert set(shared) == {"reds", "blues", "both"}
    assert set(shared["reds"].label) == {"thing"}
    assert set(shared["blues"].label) == {"cold"}
    for one in (REDS, BLUES, BOTH):
        alone = Detector(plan_models([one], {one.id: model})).observe(street_picture())
        assert len(alone[one.id]) > 0
        assert same(alone[one.id], shared[one.id])
    assert (shared["reds"].score >= 0.1).all()
    assert shared["reds"].score.min() < 0.3 <= shared["blues"].score.min()
    assert shared["both"].score.min() >= 0.5


def test_only_what_is_due_runs(model, library):
    other = load_model(library.own / "other", runtime="onnxruntime")
    other.runtime = Counting(other.weights.file)
    detector = Detector(plan_models([REDS, BLUES], {"reds": model, "blues": other}))
    assert detector.models == (model, other)
    assert set(detector.observe(street_picture(), frozenset({"blues"}))) == {"blues"}
    assert (model.runtime.runs, other.runtime.runs) == (0, 1)
    assert detector.observe(street_picture(), frozenset()) == {}


def test_a_failing_network_harms_no_other(model, library):
    other = load_model(library.own / "other", runtime="onnxruntime")
    detector = Detector(plan_models([REDS, BLUES], {"reds": model, "blues": other}))
    model.runtime.broken = True
    assert set(detector.observe(street_picture())) == {"blues"}
    assert detector.failures == {"reds": "tiny: network fails – none"}
    model.runtime.broken = False
    assert set(detector.observe(street_picture())) == {"reds", "blues"}
    assert detector.failures == {}


def test_weights_are_found_and_loaded_once(library):
    detector = load_detector([REDS, BLUES, METHOD], library, runtime="onnxruntime")
    assert [model.card.id for model in detector.models] == ["tiny"]
    wished = load_detector([REDS, BLUES], library, wishes={"blues": "other"}, runtime="onnxruntime")
    assert [model.card.id for model in wished.models] == ["tiny", "other"]
    everywhere = load_detector([REDS, BLUES], library, wishes={"*": "other"}, runtime="onnxruntime")
    assert [model.card.id for model in everywhere.models] == ["other"]
    assert load_detector([METHOD], library).observe(street_picture()) == {}


@pytest.mark.parametrize(
    ("wanted", "wishes", "text"),
    [
        (algorithm("dogs", {"dog": ["dog"]}), {}, r"'tiny' know none of the classes that dogs needs \(dog\)"),
        (algorithm("dogs", {"dog": ["red"]}, weights=["away"]), {}, "brain models pull away"),
        (algorithm("dogs", {"dog": ["red"]}, weights=[]), {}, "give your own"),
        (REDS, {"reds": "nowhere"}, "no weights called 'nowhere'"),
    ],
)
def test_weights_that_do_not_serve(library, wanted, wishes, text):
    with pytest.raises(WeightsError, match=text):
        load_detector([wanted], library, wishes=wishes, runtime="onnxruntime")


def test_an_algorithm_without_model_is_named(model):
    with pytest.raises(WeightsError, match="blues: has no weights"):
        plan_models([REDS, BLUES], {"reds": model})
