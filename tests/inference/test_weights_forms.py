"""Other forms of the same weights (int8 beside float32): named, loaded, verified, measured."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from typer.testing import CliRunner

from brain.bench.weights import measure_weights
from brain.cli import bench, models
from brain.core.errors import ConfigError, UsageError, WeightsError
from brain.inference.algorithms import Algorithm
from brain.inference.cards import CARD_FILE, Layout, load_card
from brain.inference.catalog import Catalog
from brain.inference.detector import choose_weights, load_detector
from brain.inference.forms import add_form
from brain.inference.library import Library, resolve, weights_in
from brain.inference.model import load_model
from brain.inference.preprocess import Preprocessor
from brain.inference.runtimes import installed_runtimes
from brain.inference.street import street_picture


def picture() -> np.ndarray:
    """A red and a blue thing on grey."""
    image = np.full((320, 640, 3), 114, np.uint8)
    image[80:240, 160:400] = (40, 20, 230)
    image[240:320, 560:640] = (220, 0, 60)
    return image


class _Pictures(CalibrationDataReader):
    def __init__(self, folder: Path) -> None:
        batch, _ = Preprocessor(load_card(folder).input)(picture())
        self._batches = [{"images": np.ascontiguousarray(batch * share)} for share in (1.0, 0.5, 0.0)]

    def get_next(self):
        return self._batches.pop() if self._batches else None


def int8_of(folder: Path, target: Path) -> Path:
    """The weights of a folder in 8-bit numbers, as an export makes them."""
    quantize_static(
        str(folder / load_card(folder).file),
        str(target),
        _Pictures(folder),
        quant_format=QuantFormat.QDQ,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        per_channel=True,
        op_types_to_quantize=["Conv"],
    )
    return target


@pytest.fixture
def library(nets, tmp_path):
    folder = nets.folder(Layout.SEGMENT, name="tiny", colour="RGB", unit=True)
    add_form(weights_in(folder), "int8", int8_of(folder, tmp_path / "any.onnx"))
    return Library(nets.root, tmp_path / "none", Catalog())


@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
def test_int8_is_loaded_beside_float32(library, runtime):
    pytest.importorskip(runtime)
    first, int8 = (load_model(resolve(name, library), runtime=runtime) for name in ("tiny", "tiny.int8"))
    assert (first.card.id, int8.card.id) == ("tiny", "tiny.int8")
    assert first.weights.file != int8.weights.file
    assert first.card.sha256 != int8.card.sha256
    one, two = first.detect(picture()), int8.detect(picture())
    assert len(one) == len(two) > 0
    assert one.score.tolist() != two.score.tolist()
    np.testing.assert_allclose(one.score, two.score, atol=0.05)


def test_a_form_is_named_wherever_weights_are(library, tmp_path):
    assert library.names() == ("tiny", "tiny.int8")
    file = library.own / "tiny" / "tiny.int8.onnx"
    assert resolve(str(file), library) == resolve("tiny.int8", library)
    things = {"id": "a", "name": {"zh": "a", "en": "a"}, "kind": "weights", "classes": {"red": ["red"]}}
    for weights, chosen in ((["tiny.int8", "tiny"], "tiny.int8"), (["tiny", "tiny.int8"], "tiny")):
        assert choose_weights(Algorithm.model_validate(things | {"weights": weights}), library).card.id == chosen
    algorithm = Algorithm.model_validate(things | {"weights": ["tiny"]})
    detector = load_detector([algorithm], library, wishes={"a": "tiny.int8"}, runtime="onnxruntime")
    assert detector.models[0].card.id == "tiny.int8"
    (seen,) = detector.observe(picture()).values()
    assert len(seen.outlines) == len(seen) > 0


def test_a_form_that_does_not_fit_is_refused(library, nets, tmp_path):
    folder = library.own / "tiny"
    before = sorted(entry.name for entry in folder.iterdir()), (folder / CARD_FILE).read_bytes()
    first = weights_in(folder)
    good = folder / "tiny.int8.onnx"
    blind = nets.file(Layout.SEGMENT, colour="BGR", unit=True)
    for name, file, kind, text in (
        ("int8", good, UsageError, "have a form 'int8' already"),
        ("Int 8", good, UsageError, "no name for a form"),
        ("other", blind, WeightsError, "sees other things in the reference picture than tiny"),
        ("other", nets.file(Layout.YOLO, colour="RGB", unit=True), WeightsError, "layout segment with 2 classes"),
        ("other", folder / CARD_FILE, WeightsError, "no ONNX network"),
    ):
        with pytest.raises(kind, match=text):
            add_form(first, name, file)
    assert (sorted(entry.name for entry in folder.iterdir()), (folder / CARD_FILE).read_bytes()) == before
    assert set(add_form(first, "other", good).variants) == {"int8", "other"}
    assert load_model(resolve("tiny.other", library), runtime="onnxruntime").card.id == "tiny.other"


def test_forms_that_are_not_there(library, nets, rewrite):
    with pytest.raises(WeightsError, match="no form called 'int4'") as caught:
        resolve("tiny.int4", library)
    assert "it has: int8" in caught.value.remedy
    nets.folder(name="plain")
    with pytest.raises(WeightsError, match="no form called 'int8'") as caught:
        resolve("plain.int8", library)
    assert "name plain alone" in caught.value.remedy
    with pytest.raises(WeightsError, match=r"no weights called 'other\.int8'"):
        resolve("other.int8", library)
    rewrite(library.own / "tiny" / CARD_FILE, "variants:\n  int8:", "variants:\n  Int 8:")
    with pytest.raises(ConfigError, match="variants"):
        resolve("tiny", library)


def test_a_form_without_its_file_or_with_another_is_refused(library):
    file = library.own / "tiny" / "tiny.int8.onnx"
    shutil.copy(library.own / "tiny" / "tiny.onnx", file)
    with pytest.raises(WeightsError, match="sha256 is"):
        load_model(resolve("tiny.int8", library), runtime="onnxruntime")
    file.unlink()
    with pytest.raises(WeightsError, match="No such file"):
        load_model(resolve("tiny.int8", library), runtime="onnxruntime")
    load_model(resolve("tiny", library), runtime="onnxruntime")


def test_verify_and_list_know_the_forms(library, tmp_path, monkeypatch):
    monkeypatch.setenv("BRAIN_HOME", str(tmp_path / "home"))
    own = tmp_path / "home" / "models" / "weights"
    own.mkdir(parents=True)
    (library.own / "tiny").rename(own / "tiny")
    shutil.move(own / "tiny" / "tiny.int8.onnx", tmp_path / "again.onnx")
    out = CliRunner().invoke(models.app, ["add-form", "tiny", "int8", str(tmp_path / "again.onnx"), "--force"]).output
    assert "tiny.int8.onnx" in out.replace("\n", "")
    out = CliRunner().invoke(models.app, ["verify", "--runtime", "onnxruntime"]).output
    assert "tiny: ok" in out
    assert "tiny.int8: ok" in out
    rows = {row["id"]: row for row in json.loads(CliRunner().invoke(models.app, ["list", "--json"]).output)}
    assert rows["tiny"]["variants"] == ["int8"]
    result = CliRunner().invoke(bench.app, ["weights", "tiny", "--rounds", "3", "--beside", "tiny", "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["threads"], told["beside"], told["rounds"]) == (1, "tiny", 3)
    measured = {(row["id"], row["runtime"]): row for row in told["weights"]}
    assert set(measured) == {(name, runtime) for name in ("tiny", "tiny.int8") for runtime in installed_runtimes()}
    assert all(row["ms_per_picture"] > 0 and not row["problem"] for row in measured.values())
    assert measured["tiny", "onnxruntime"]["ratio"] == 1
    (own / "tiny" / "tiny.int8.onnx").unlink()
    result = CliRunner().invoke(bench.app, ["weights", "--rounds", "3", "--json"])
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["beside"] is None
    measured = {(row["id"], row["runtime"]): row for row in told["weights"]}
    assert "No such file" in measured["tiny.int8", "onnxruntime"]["problem"]
    assert measured["tiny", "onnxruntime"]["ratio"] is None
    (own / "tiny").rename(own / ".gone")
    result = CliRunner().invoke(bench.app, ["weights"])
    assert isinstance(result.exception, UsageError)


def test_rounds_go_in_turns_and_medians_count(library):
    forms = [resolve(name, library) for name in ("tiny", "tiny.int8")]
    # What the clock says at the begin and end of each look; the first round of two looks does not count.
    spent = iter([9.0, 9.0, 0.004, 0.002, 0.003, 0.001, 0.1, 0.2])
    now, ticks = 0.0, 0

    def clock() -> float:
        nonlocal now, ticks
        ticks += 1
        if ticks % 2 == 0:
            now += next(spent)
        return now

    told: list[tuple[int, int]] = []
    costs = measure_weights(
        forms,
        forms[1],
        ["onnxruntime"],
        street_picture(),
        rounds=3,
        clock=clock,
        progress=lambda done, of: told.append((done, of)),
    )
    # Round 1 begins with the second one: int8 4, float32 2; round 2 float32 3, int8 1; round 3 int8 100, float32 200.
    assert [cost.ms_per_picture for cost in costs] == [pytest.approx(3), pytest.approx(4)]
    assert [cost.ratio for cost in costs] == [0.75, 1]
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]
