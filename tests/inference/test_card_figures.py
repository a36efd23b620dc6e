"""Figures of cards: their form, what they prove, and where it is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from brain.cli import models, scenarios
from brain.core.errors import ConfigError
from brain.inference.algorithms import Algorithms
from brain.inference.cards import CARD_FILE, Card, load_card, save_card
from brain.inference.catalog import Catalog
from brain.inference.figures import Proof, drawn_only, proof_of
from brain.inference.library import Library
from brain.scenarios.manifest import Manifest
from brain.scenarios.tier import Tier, tier_of

REAL = {"set": "street held-out", "kind": "real", "pictures": 120, "metrics": {"map50": 0.61}, "command": "score it"}
DRAWN = REAL | {"set": "drawn seeds 9000", "kind": "drawn"}
DATA = {"name": "some/repository", "kind": "real", "pictures": 9000, "counts": {"red": 12000}, "sha256": "a" * 64}


PLAIN = {
    "id": "tiny",
    "layout": "detr",
    "file": "tiny.onnx",
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
    "classes": ["red", "blue"],
    "score_threshold": 0.3,
    "licence": "Apache-2.0",
    "source": {},
}


def with_figures(folder: Path, *figures: dict[str, object], **more: object) -> Card:
    """A card with figures in a folder, written and read again."""
    folder.mkdir(exist_ok=True, parents=True)
    save_card(Card.model_validate(PLAIN | {"figures": list(figures)} | more), folder / CARD_FILE)
    return load_card(folder)


def test_a_card_says_what_was_measured_and_on_what(tmp_path):
    clips = {"set": "fire clips", "kind": "real", "clips": 4, "metrics": {"latency_s": 6.5}, "command": "play"}
    one = DRAWN | {"classes": ["blue"], "per_class": {"blue": {"map50": 0.9, "map50_95": 0.7}}}
    card = with_figures(tmp_path, REAL, one, clips, data=[DATA], command="train street_nano --steps 40000")
    assert card.figures[1].per_class == {"blue": {"map50": 0.9, "map50_95": 0.7}}
    assert (card.figures[2].clips, card.data[0].counts) == (4, {"red": 12000})
    text = (tmp_path / CARD_FILE).read_text("utf-8")
    assert "metrics: {map50: 0.61}" in text
    assert "kind: drawn" in text
    assert "variants" not in text


def test_cards_without_figures_are_as_they_were(tmp_path, rewrite):
    with_figures(tmp_path)
    assert "figures" not in (tmp_path / CARD_FILE).read_text("utf-8")
    # So cards were written before figures had a form.
    rewrite(tmp_path / CARD_FILE, "source: {}", "source: {}\nfigures: {}")
    assert load_card(tmp_path).figures == ()


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (REAL | {"kind": "mixed"}, "kind"),
        (REAL | {"pictures": 0}, "pictures"),
        ({key: value for key, value in REAL.items() if key != "pictures"}, "the number of pictures"),
        ({key: value for key, value in REAL.items() if key != "command"}, "command"),
        (REAL | {"metrics": {}}, "metrics"),
        (REAL | {"metrics": {"map50": float("nan")}}, "metrics"),
        (REAL | {"map50": 0.5}, "map50"),
        (REAL | {"classes": ["green"]}, "class 'green' is named"),
        (REAL | {"per_class": {"green": {"f1": 0.5}}}, "'green'"),
        (DRAWN | {"set": REAL["set"]}, "is called real and drawn"),
    ],
)
def test_figures_that_are_none(tmp_path, figure, text):
    path = tmp_path / CARD_FILE
    YAML().dump(PLAIN | {"figures": [REAL, figure]}, path)
    with pytest.raises(ConfigError, match=text) as caught:
        load_card(tmp_path)
    assert caught.value.where.startswith(f"{path}:")


def test_a_form_has_figures_of_its_own(tmp_path):
    form = {"file": "tiny.int8.onnx", "sha256": "1" * 64, "figures": [REAL | {"classes": ["red"]}]}
    card = with_figures(tmp_path, DRAWN, variants={"int8": form})
    assert (proof_of(card), proof_of(card.variant("int8"))) == (Proof.DRAWN, Proof.PARTLY)
    for figure, text in (
        (REAL | {"classes": ["green"]}, "class 'green' is named"),
        (DRAWN | {"kind": "real"}, "apart"),
    ):
        with pytest.raises(ValueError, match=text):
            with_figures(tmp_path, DRAWN, variants={"int8": form | {"figures": [figure]}})


CASES = [
    ([], Proof.NONE, ()),
    ([REAL], Proof.REAL, ()),
    ([REAL, DRAWN], Proof.REAL, ()),
    ([DRAWN], Proof.DRAWN, ("red", "blue")),
    ([DRAWN | {"classes": ["red"]}], Proof.DRAWN, ("red",)),
    ([REAL | {"classes": ["red"]}], Proof.PARTLY, ()),
    ([REAL | {"classes": ["red"]}, DRAWN], Proof.PARTLY, ("blue",)),
]


@pytest.mark.parametrize(("figures", "proof", "drawn"), CASES)
def test_what_figures_prove(figures, proof, drawn):
    card = Card.model_validate(PLAIN | {"figures": figures})
    assert (proof_of(card), drawn_only(card)) == (proof, drawn)
    of_red = proof_of(card, ["red"])
    assert of_red is (Proof.REAL if proof is Proof.PARTLY else proof)


@pytest.mark.parametrize(
    ("figures", "classes", "tier"),
    [
        ([], ["thing"], Tier.UNMEASURED),
        ([DRAWN], ["thing"], Tier.DRAWN),
        ([DRAWN, REAL | {"classes": ["red"]}], ["thing"], Tier.REAL),
        ([DRAWN, REAL | {"classes": ["red"]}], ["cold"], Tier.DRAWN),
        ([DRAWN, REAL | {"classes": ["red"]}], ["thing", "cold"], Tier.PARTLY),
        ([REAL], ["warm"], Tier.MISSING),
    ],
)
def test_the_tier_of_a_scenario(tmp_path, figures, classes, tier):
    with_figures(tmp_path / "own" / "tiny", *figures)
    library = Library(tmp_path / "own", tmp_path / "none", Catalog())
    algorithms = Algorithms.model_validate(
        {
            "algorithms": [
                {
                    "id": "see",
                    "name": {"zh": "看", "en": "see"},
                    "kind": "weights",
                    "classes": {"thing": ["red"], "cold": ["blue"], "warm": ["orange"]},
                    "weights": ["tiny"],
                },
                {"id": "still", "name": {"zh": "静", "en": "still"}, "kind": "method"},
            ]
        }
    )
    manifest = Manifest.model_validate(
        {
            "id": "a",
            "name": {"zh": "一", "en": "a"},
            "field": "fire",
            "algorithms": ["see", "still"],
            "zones": {"kinds": ["road"]},
            "rule": {"present": {"classes": classes, "algorithm": "see"}},
            "case": {"class": "09009", "department": "x", "deadline": "1 work_day"},
        }
    )
    assert tier_of(manifest, algorithms, library) is tier
    empty = Library(tmp_path / "none", tmp_path / "none", Catalog())
    assert tier_of(manifest, algorithms, empty) is Tier.MISSING
    assert tier_of(manifest.model_copy(update={"algorithms": ("still",)}), algorithms, empty) is Tier.METHOD


def test_lists_say_what_rests_on_drawn_pictures_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("BRAIN_HOME", str(tmp_path / "home"))
    own = tmp_path / "home" / "models" / "weights"
    for name, figures in (("drawn", [DRAWN]), ("half", [DRAWN, REAL | {"classes": ["red"]}])):
        with_figures(own / name, *figures)
    rows = {row["id"]: row for row in json.loads(CliRunner().invoke(models.app, ["list", "--json"]).output)}
    assert (rows["drawn"]["measured"], rows["drawn"]["drawn_only"]) == ("drawn", ["red", "blue"])
    assert (rows["half"]["measured"], rows["half"]["drawn_only"]) == ("partly", ["blue"])
    shown = CliRunner().invoke(models.app, ["list"], env={"COLUMNS": "200"}).output
    assert "仅仿真 drawn only" in shown
    assert "仅仿真 drawn only: blue" in shown
    # Named as the usual weights of the scenarios that ship, they know none of their classes.
    (own / "drawn").rename(own / "yolox_nano")
    told = json.loads(CliRunner().invoke(scenarios.app, ["list", "--json"]).output)
    tiers = {item["id"]: item["tier"] for item in told}
    assert (tiers["illegal_parking"], tiers["left_object"]) == ("missing", "method")
    assert "不需权重 none needed" in CliRunner().invoke(scenarios.app, ["show", "left_object"]).output
