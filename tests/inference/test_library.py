"""What a text names: an id, a folder, a file; and the files that ship."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from brain.core.errors import ConfigError, WeightsError
from brain.inference.algorithms import load_algorithms
from brain.inference.cards import CARD_FILE, load_card, save_card
from brain.inference.catalog import Catalog, CatalogEntry, load_catalog
from brain.inference.coco import COCO
from brain.inference.library import Library, new_folder, resolve
from brain.inference.model import load_model

MODELS = Path(__file__).resolve().parents[2] / "models"


@pytest.fixture
def library(tmp_path, nets):
    """Own and built-in weights, and a catalogue with one entry."""
    built_in, own = tmp_path / "built_in", tmp_path / "own"
    built_in.mkdir()
    own.mkdir()
    shutil.move(nets.folder(name="shipped"), built_in)
    shutil.move(nets.folder(name="mine"), own)
    public = load_card(nets.folder(name="public", colour="RGB"))
    entry = CatalogEntry(url="https://example.org/public.onnx", size=1000, card=public)
    return Library(own, built_in, Catalog(weights=(entry,)))


def test_ids(library):
    assert list(library.folders()) == ["mine", "shipped"]
    assert resolve("shipped", library).folder == library.built_in / "shipped"
    assert resolve("mine", library).file == library.own / "mine" / "mine.onnx"
    load_model(resolve("mine", library), runtime="onnxruntime")
    shutil.copytree(library.built_in / "shipped", library.own / "shipped")
    assert resolve("shipped", library).folder == library.own / "shipped"


def test_folders_and_files(library, tmp_path):
    folder = library.own / "mine"
    assert resolve(str(folder), library) == resolve("mine", library)
    assert resolve(str(folder / "mine.onnx"), library) == resolve("mine", library)
    alone = tmp_path / "alone"
    alone.mkdir()
    file = shutil.copy(folder / "mine.onnx", alone / "renamed.onnx")
    with pytest.raises(WeightsError, match=r"brain models add .*renamed\.onnx"):
        resolve(str(file), library)
    save_card(load_card(folder), alone / "renamed.onnx.card.yaml")
    assert resolve(str(file), library).file == Path(file)
    load_model(resolve(str(file), library), runtime="onnxruntime")


def test_a_card_beside_another_file_does_not_count(library):
    other = shutil.copy(library.own / "mine" / "mine.onnx", library.own / "mine" / "other.onnx")
    with pytest.raises(WeightsError, match="no card describes"):
        resolve(str(other), library)


def test_a_bare_file_is_known_by_its_sum(library, nets, tmp_path):
    file = tmp_path / "any name.onnx"
    shutil.copy(nets.root / "public" / "public.onnx", file)
    weights = resolve(str(file), library)
    assert (weights.card.id, weights.file) == ("public", file)
    load_model(weights, runtime="onnxruntime")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("public", "not on this machine yet.*brain models pull public"),
        ("shiped", "did you mean 'shipped'"),
        ("nothing_like_it", "brain models list"),
        ("../mine", "no weights called"),
        ("", "no card|no weights|cannot be read"),
        ("absent.onnx", "No such file"),
    ],
)
def test_texts_that_name_nothing(library, text, message):
    with pytest.raises((WeightsError, ConfigError), match=f"(?s){message}"):
        resolve(text, library)


def test_a_new_folder_comes_whole_or_not_at_all(tmp_path):
    with pytest.raises(WeightsError, match="No such file"):
        _fill_half(tmp_path)
    assert list(tmp_path.iterdir()) == []
    with new_folder(tmp_path, "a", replace=False) as build:
        (build / "x").write_text("1")
        assert not (tmp_path / "a").exists()
    with pytest.raises(WeightsError, match="--force"), new_folder(tmp_path, "a", replace=False):
        pass
    with pytest.raises(ZeroDivisionError), new_folder(tmp_path, "a", replace=True):
        raise ZeroDivisionError
    assert (tmp_path / "a" / "x").read_text() == "1"
    with new_folder(tmp_path, "a", replace=True) as build:
        (build / "y").write_text("2")
    assert [entry.name for entry in (tmp_path / "a").iterdir()] == ["y"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]
    (tmp_path / "file").write_text("")
    with pytest.raises(WeightsError, match="cannot be written"), new_folder(tmp_path / "file", "a", replace=False):
        pass


def _fill_half(root: Path) -> None:
    with new_folder(root, "a", replace=False) as build:
        (build / "half").write_text("x")
        (build / "absent").read_text()


def test_the_catalogue_that_ships():
    catalog = load_catalog(MODELS / "catalog.yaml")
    entry = catalog.by_id("yolox_nano")
    assert entry.card.classes == COCO
    assert entry.size == 3678356
    assert catalog.by_sha256(entry.card.sha256) is entry
    assert catalog.by_id("x") is catalog.by_sha256("0" * 64) is None


@pytest.mark.clips
def test_the_catalogue_knows_yolox_nano_by_its_sum(yolox_nano, tmp_path):
    library = Library.at(MODELS.parent, tmp_path)
    weights = resolve(str(yolox_nano), library)
    assert load_model(weights, runtime="onnxruntime").card.id == "yolox_nano"


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("url: https:", "url: http:", "only https"),
        ("picture: drawn:street", "picture: a.png", "needs a reference"),
        ("size: 3678356", "size: 0", "size"),
    ],
)
def test_a_catalogue_that_is_not_sound(tmp_path, rewrite, old, new, text):
    file = tmp_path / "catalog.yaml"
    shutil.copy(MODELS / "catalog.yaml", file)
    rewrite(file, old, new)
    with pytest.raises(ConfigError, match=text):
        load_catalog(file)


def test_the_algorithms_that_ship():
    algorithms = load_algorithms(MODELS / "algorithms.yaml")
    assert algorithms.ids() == ("vehicle_detection", "nonmotor_detection", "person_detection", "stationary_change")
    vehicles = algorithms.get("vehicle_detection")
    assert vehicles.mapping(COCO) == {"car": "car", "bus": "bus", "truck": "truck"}
    assert algorithms.get("nonmotor_detection").mapping(COCO) == {"bicycle": "bicycle", "motorcycle": "motorcycle"}
    assert algorithms.get("person_detection").mapping(("pedestrian",)) == {"pedestrian": "person"}
    assert algorithms.get("stationary_change").kind == "method"
    with pytest.raises(ConfigError, match="one of vehicle_detection"):
        algorithms.get("magic")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{id: a, name: {zh: a, en: a}, kind: method, weights: [x]}", "method takes no weights"),
        ("{id: a, name: {zh: a, en: a}, kind: weights}", "needs classes"),
        ("{id: a, name: {zh: a, en: a}, kind: weights, classes: {car: []}}", "each class needs"),
        ("{id: a, name: {zh: a, en: a}, kind: weights, classes: {car: [x], bus: [x]}}", "one class of the algorithm"),
        ("{id: a, name: {zh: a, en: a}, kind: weights, classes: {car: [x]}, min_score: .nan}", "min_score"),
        ("{id: a, name: {zh: a, en: a}, kind: magic}", "kind"),
        ("{id: a b, name: {zh: a, en: a}, kind: method}", "id"),
        (
            "{id: a, name: {zh: a, en: a}, kind: method}\n  - {id: a, name: {zh: a, en: a}, kind: method}",
            "'a' stands twice",
        ),
    ],
)
def test_algorithms_that_are_not_sound(tmp_path, text, message):
    file = tmp_path / "algorithms.yaml"
    file.write_text(f"algorithms:\n  - {text}\n", "utf-8")
    with pytest.raises(ConfigError, match=message) as caught:
        load_algorithms(file)
    assert caught.value.where.startswith(f"{file}:")


def test_a_card_survives_being_written(tmp_path):
    card = load_catalog(MODELS / "catalog.yaml").by_id("yolox_nano").card
    save_card(card, tmp_path / CARD_FILE)
    assert load_card(tmp_path) == card
    assert [entry.name for entry in tmp_path.iterdir()] == [CARD_FILE]
