"""Loading: every broken file or card gives one clear error; detecting; choosing a runtime."""

from __future__ import annotations

import itertools
import json
import threading

import numpy as np
import pytest

from brain.core.errors import ConfigError, WeightsError
from brain.inference.cards import CARD_FILE, Layout, file_sha256, load_card, save_card
from brain.inference.choice import cache_file, choose_runtime, measure
from brain.inference.model import load_model
from brain.inference.runtimes import OnnxRuntime, installed_runtimes
from brain.inference.street import street_picture


@pytest.mark.parametrize(
    ("old", "new", "kind", "text"),
    [
        ("score_threshold: 0.3", "score_threshold: .nan", ConfigError, "card.yaml:.*score_threshold"),
        ("score_threshold: 0.3", "score_threshold: 1.5", ConfigError, "score_threshold.*less than 1"),
        ("nms_iou: 0.45", "nms_iou: .inf", ConfigError, "nms_iou"),
        ("nms_iou: 0.45\n", "", ConfigError, "needs nms_iou"),
        ("layout: yolox", "layout: yolo9", ConfigError, "layout.*yolox"),
        ("layout: yolox\n", "", ConfigError, "'layout' is missing"),
        ("licence:", "license:", ConfigError, "did you mean 'licence'"),
        ("classes: [red, blue]", "classes: [red, blue, red]", ConfigError, "'red' stands twice"),
        ("classes: [red, blue]", "classes: [red, blue, green]", WeightsError, "1×84×7.*3 classes.*1×84×8"),
        ("width: 64", "width: 96", WeightsError, "is 1×3×64×64, the card declares 1×3×64×96"),
        ("width: 64", "width: 65", ConfigError, "multiples of 32"),
        ("name: images", "name: pixels", WeightsError, "no input 'pixels', only 'images'"),
        ("names: [output]", "names: [out]", WeightsError, "no output 'out', only output"),
        ("file: tiny.onnx", "file: ../tiny.onnx", ConfigError, "file"),
        ("file: tiny.onnx", "file: other.onnx", WeightsError, "other.onnx.*No such file"),
        ("id: tiny", "id: tiny\nid: tiny", ConfigError, "'id' stands twice"),
    ],
)
def test_a_card_that_does_not_fit(nets, rewrite, old, new, kind, text):
    folder = nets.folder()
    rewrite(folder / CARD_FILE, old, new)
    with pytest.raises(kind, match=f"(?s){text}") as caught:
        load_model(folder, runtime="onnxruntime")
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("content", "text"),
    [(b"", "is empty"), (b"no network at all", "sha256 is"), (None, "No such file")],
)
def test_a_file_that_is_not_the_one(nets, content, text):
    folder = nets.folder()
    file = folder / "tiny.onnx"
    file.unlink() if content is None else file.write_bytes(content)
    with pytest.raises(WeightsError, match=text):
        load_model(folder, runtime="onnxruntime")


@pytest.mark.parametrize("cut", [10, 200, -50])
def test_a_corrupt_network_with_the_right_sum(nets, cut):
    folder = nets.folder()
    file = folder / "tiny.onnx"
    file.write_bytes(file.read_bytes()[:cut])
    card = load_card(folder)
    save_card(card.model_copy(update={"sha256": file_sha256(file)}), folder / CARD_FILE)
    with pytest.raises(WeightsError, match=r"tiny\.onnx: is no ONNX network"):
        load_model(folder, runtime="onnxruntime")


def test_a_folder_without_card(tmp_path):
    with pytest.raises(ConfigError, match=r"no card\.yaml"):
        load_model(tmp_path)


def test_detect_takes_classes_and_scores(nets):
    model = load_model(nets.folder(), runtime="onnxruntime")
    everything = model.detect(street_picture(), min_score=0.05)
    assert set(everything.label) == {"red", "blue"}
    assert everything.score.tolist() == sorted(everything.score.tolist(), reverse=True)
    assert everything.xyxy.dtype == everything.score.dtype == np.float32
    reds = model.detect(street_picture(), frozenset({"red", "unknown"}), 0.05)
    assert len(reds) == everything.label.count("red") > 0
    assert len(model.detect(street_picture(), frozenset())) == 0
    assert len(model.detect(np.full((1, 1, 3), 114, np.uint8))) == 0
    for wrong in (0, 1, float("nan"), -1):
        with pytest.raises(ValueError, match="min_score"):
            model.detect(street_picture(), min_score=wrong)


def test_threads_take_turns(nets):
    model = load_model(nets.folder(), runtime="onnxruntime")
    wide, tall = street_picture(), np.ascontiguousarray(street_picture().transpose(1, 0, 2))
    truth = {id(image): model.detect(image, min_score=0.05).xyxy for image in (wide, tall)}
    wrong: list[int] = []

    def work(image: np.ndarray) -> None:
        for turn in range(40):
            if not np.array_equal(model.detect(image, min_score=0.05).xyxy, truth[id(image)]):
                wrong.append(turn)

    threads = [threading.Thread(target=work, args=(image,)) for image in (wide, tall)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not wrong


class Slow(OnnxRuntime):
    """ONNX Runtime under the other name, with each run done three times."""

    name = "openvino"

    def run(self, batch, names):
        super().run(batch, names)
        super().run(batch, names)
        return super().run(batch, names)


VERSIONS = {"onnxruntime": "1", "openvino": "2"}


def make(name, path):
    return OnnxRuntime(path) if name == "onnxruntime" else Slow(path)


class Paced(OnnxRuntime):
    """ONNX Runtime whose runs are said to cost something on the clock that it shares."""

    def __init__(self, path, name, clock, costs) -> None:
        super().__init__(path)
        self.name, self.clock, self.costs = name, clock, itertools.cycle(costs)

    def run(self, batch, names):
        self.clock.append(self.clock[-1] + next(self.costs))
        return super().run(batch, names)


def test_the_best_of_many_runs_counts_and_the_first_does_not(nets):
    folder = nets.folder()
    file, clock = folder / "tiny.onnx", [0.0]
    first = Paced(file, "onnxruntime", clock, [0.001, 0.02, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5])
    second = Paced(file, "openvino", clock, [9.0, 0.03, 0.03])
    costs = measure([first, second], load_card(folder), lambda: clock[-1])
    assert costs == pytest.approx({"onnxruntime": 20.0, "openvino": 30.0})


def test_the_winner_is_kept_for_this_machine_and_these_weights(nets, tmp_path):
    folder = nets.folder()
    card, file = load_card(folder), folder / "tiny.onnx"
    kept = cache_file(tmp_path, card.sha256)

    def choose(versions=VERSIONS):
        return choose_runtime(card, file, "auto", tmp_path, versions=versions, make=make).name

    assert choose() == "onnxruntime"
    told = json.loads(kept.read_text())
    assert told["winner"] == "onnxruntime"
    assert set(told["milliseconds"]) == set(VERSIONS)
    # Whatever the file says is believed as long as it is for this machine …
    kept.write_text(json.dumps(told | {"winner": "openvino"}))
    assert choose() == "openvino"
    # … and not for another one, another version, other weights, or when it is broken.
    for change in ({"cpu": "another"}, {"versions": {"onnxruntime": "1"}}, {"sha256": "0" * 64}, {"winner": "magic"}):
        kept.write_text(json.dumps(told | {"winner": "openvino"} | change))
        assert choose() == "onnxruntime"
        assert json.loads(kept.read_text())["cpu"] == told["cpu"]
    for broken in ("", "{", "[]", "\x00"):
        kept.write_text(broken)
        assert choose() == "onnxruntime"
        assert json.loads(kept.read_text())["winner"] == "onnxruntime"
    kept.unlink()
    assert choose({"onnxruntime": "1"}) == "onnxruntime"
    assert not kept.exists()


def test_a_cache_that_cannot_be_written_harms_nothing(nets, tmp_path):
    folder = nets.folder()
    blocked = tmp_path / "file"
    blocked.write_text("")
    chosen = choose_runtime(load_card(folder), folder / "tiny.onnx", "auto", blocked, versions=VERSIONS, make=make)
    assert chosen.name == "onnxruntime"


def test_a_runtime_that_cannot_read_the_file_is_left_out(nets, tmp_path):
    folder = nets.folder()

    def picky(name, path):
        if name == "onnxruntime":
            raise WeightsError("cannot")
        return Slow(path)

    args = (load_card(folder), folder / "tiny.onnx", "auto", tmp_path)
    assert choose_runtime(*args, versions=VERSIONS, make=picky).name == "openvino"

    def neither(name, path):
        raise WeightsError(f"{name} cannot")

    with pytest.raises(WeightsError, match="onnxruntime cannot"):
        choose_runtime(*args, versions=VERSIONS, make=neither)


def test_openvino_is_asked_for_but_missing(nets):
    folder = nets.folder()
    if "openvino" in installed_runtimes():
        assert load_model(folder, runtime="openvino").runtime.name == "openvino"
        return
    with pytest.raises(WeightsError, match=r"city-brain\[openvino\]"):
        load_model(folder, runtime="openvino")


@pytest.mark.parametrize("layout", list(Layout))
def test_openvino_agrees_on_every_layout(nets, layout, tmp_path):
    pytest.importorskip("openvino")
    model = load_model(nets.folder(layout), runtime="openvino", cache_dir=tmp_path)
    other = load_model(nets.folder(layout, "again"), runtime="auto", cache_dir=tmp_path)
    assert model.detect(street_picture()).label == other.detect(street_picture()).label
