"""Weights that ship, that were pulled and that are one's own: which are found, and which an algorithm gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from brain.config import paths
from brain.inference.algorithms import Algorithm, load_algorithms
from brain.inference.cards import CARD_FILE, Card, load_card, save_card
from brain.inference.catalog import Catalog
from brain.inference.detector import choose_weights
from brain.inference.library import Library
from brain.inference.model import load_model

ROOT = Path(__file__).resolve().parents[2]


def put(root: Path, name: str, classes: tuple[str, ...] = ("car",)) -> None:
    """A card as ``add`` or ``pull`` leaves it; which weights are chosen needs no network."""
    folder = root / name
    folder.mkdir(parents=True)
    tree = {
        "id": name,
        "layout": "detr",
        "file": f"{name}.onnx",
        "sha256": "0" * 64,
        "input": {
            "name": "x",
            "width": 64,
            "height": 64,
            "colour": "BGR",
            "scale": "none",
            "padding": {"mode": "stretch"},
        },
        "output": {"names": ["o"], "scores": "logits"},
        "classes": classes,
        "score_threshold": 0.3,
        "licence": "none",
        "source": {},
    }
    save_card(Card.model_validate(tree), folder / CARD_FILE)


@pytest.mark.parametrize(
    ("own", "built_in", "chosen", "where"),
    [
        ((), ("ours", "small"), "ours", "built_in"),
        (("strong",), ("ours", "small"), "strong", "own"),
        (("small",), ("ours",), "ours", "built_in"),
        (("ours",), ("ours",), "ours", "own"),
        (("small",), (), "small", "own"),
        (("another",), ("small",), "small", "built_in"),
    ],
)
def test_the_first_of_the_list_that_is_here(tmp_path, own, built_in, chosen, where):
    for root, names in (("own", own), ("built_in", built_in)):
        for name in names:
            put(tmp_path / root, name)
    library = Library(tmp_path / "own", tmp_path / "built_in", Catalog())
    algorithm = Algorithm.model_validate(
        {
            "id": "cars",
            "name": {"zh": "车", "en": "cars"},
            "kind": "weights",
            "classes": {"car": ["car"]},
            "weights": ["strong", "ours", "small"],
        }
    )
    found = choose_weights(algorithm, library)
    assert (found.card.id, found.folder) == (chosen, tmp_path / where / chosen)
    # What a person names comes before all lists.
    if "small" in (*own, *built_in):
        assert choose_weights(algorithm, library, "small").card.id == "small"


def test_weights_of_a_checkout_and_of_an_installation(tmp_path, monkeypatch):
    assert Library.at(paths.assets(), tmp_path).built_in == ROOT / "models" / "weights"
    # A wheel has the same folders inside the package (see force-include in pyproject.toml).
    package = tmp_path / "site-packages" / "brain"
    models = package / "_assets" / "models"
    put(models / "weights", "ours")
    (models / "catalog.yaml").write_text("weights: []\n", "utf-8")
    monkeypatch.setattr(paths, "_PACKAGE", package)
    library = Library.at(paths.assets(), tmp_path / "home")
    assert library.names() == ("ours",)
    assert library.locate("ours").folder == models / "weights" / "ours"


def test_weights_that_ship_are_what_their_cards_say(tmp_path):
    """Each is found, loads, sees its reference picture again, and says what it was trained on and what was measured."""
    library = Library.at(ROOT, tmp_path)
    for name in library.names():
        model = load_model(library.locate(name), runtime="onnxruntime")
        assert model.card.licence != "not stated"
        assert model.card.figures, name
        assert model.card.data, name
        assert model.card.command, name
        assert model.weights.file.stat().st_size <= 8 << 20
    assert {load_card(folder).id for folder in library.folders().values()} == set(library.folders())


def test_algorithms_name_weights_that_ship_or_can_be_pulled(tmp_path):
    library = Library.at(ROOT, tmp_path)
    for algorithm in load_algorithms(ROOT / "models" / "algorithms.yaml").algorithms:
        for name in algorithm.weights:
            catalog = library.catalog
            known = library.locate(name) or catalog.by_id(name) or catalog.public_by_id(name)
            assert known is not None, (algorithm.id, name)
