"""Public weights that were never run here: what may be pulled, and what the catalogue says of the others."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from brain.cli.models import app
from brain.core.errors import ConfigError, UsageError, WeightsError
from brain.inference.adding import add_weights, pull_weights
from brain.inference.cards import Layout, PaddingMode, file_sha256
from brain.inference.catalog import Catalog, Download, PublicWeights, load_catalog
from brain.inference.coco import COCO, COCO_91
from brain.inference.declare import Said
from brain.inference.fetch import copy_from
from brain.inference.library import Library
from brain.inference.model import load_model

SHIPPED = Path(__file__).resolve().parents[2] / "models" / "catalog.yaml"
PUBLISHED = {"input": 64, "params_m": 1, "ap": 30, "source": "its README"}
PAGE = "https://example.org/net"


def entry(file: Path, **changes: object) -> PublicWeights:
    """Public weights whose file is known."""
    download = {
        "url": "https://example.org/net.onnx",
        "size": file.stat().st_size,
        "sha256": file_sha256(file),
        "known_from": "the test",
        "declare": {"layout": "yolox", "classes": ["red", "blue"]},
    }
    return PublicWeights.model_validate(
        {"id": "net", "name": "Net", "licence": "MIT", "page": PAGE, "published": PUBLISHED}
        | {"download": download | changes}
    )


def mirror(file: Path) -> Path:
    """A folder with the file by the name that the catalogue gives it."""
    file.rename(file.with_name("net.onnx"))
    return file.parent


def test_a_file_with_a_known_sum_is_pulled_declared_and_recorded(nets, tmp_path):
    file = nets.file(Layout.YOLOX)
    public = entry(file)
    library = Library(tmp_path / "own", tmp_path / "none", Catalog(public=(public,)))
    folder, seen = mirror(file), []
    got = pull_weights(public, library, lambda one, to, tell: copy_from(folder, one, to, tell), seen.append)
    assert (got.card.layout, got.card.licence, got.card.source["from"]) == ("yolox", "MIT", public.url)
    assert "nobody has looked" in got.notes[0]
    assert sum(seen) == public.size
    assert load_model(got.folder, runtime="onnxruntime").card == got.card
    # The same file, brought by hand, is known as well.
    by_hand = add_weights(folder / "net.onnx", Said(), replace(library, own=tmp_path / "other"))
    assert by_hand.card == got.card


def test_another_file_than_the_listed_one_leaves_nothing(nets, tmp_path):
    file = nets.file(Layout.YOLOX)
    public = entry(file, sha256="0" * 64)
    library = Library(tmp_path / "own", tmp_path / "none", Catalog(public=(public,)))
    folder = mirror(file)
    with pytest.raises(WeightsError, match="the catalogue says 000000000000"):
        pull_weights(public, library, lambda one, to, tell: copy_from(folder, one, to, tell), lambda _: None)
    assert not library.own.exists() or not any(library.own.iterdir())


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("classes: coco}", "classes: cocoa}", "no list of classes is called 'cocoa'"),
        ("{layout: yolox, classes: coco}", "{layuot: yolox}", "unknown declaration 'layuot'"),
        ("url: https://github.com/Megvii", "url: http://github.com/Megvii", "only https"),
        ("page: https://github.com/Megvii", "page: ftp://github.com/Megvii", "only https"),
        ("id: yolox_tiny", "id: yolox_nano", "stands twice"),
        ("ap: 32.8", "ap: 328", "ap"),
    ],
)
def test_a_catalogue_that_is_not_sound(tmp_path, old, new, text):
    file = tmp_path / "catalog.yaml"
    content = SHIPPED.read_text("utf-8")
    assert old in content
    file.write_text(content.replace(old, new, 1), "utf-8")
    with pytest.raises(ConfigError, match=text):
        load_catalog(file)


def test_either_a_file_or_the_steps():
    plain = {"id": "net", "name": "Net", "licence": "MIT", "page": PAGE, "published": PUBLISHED}
    with pytest.raises(ValueError, match="either download, or how"):
        PublicWeights.model_validate(plain)
    by_hand = PublicWeights.model_validate(plain | {"how": ["ask", "brain models add net.onnx"]})
    catalog = Catalog(public=(by_hand,))
    with pytest.raises(WeightsError, match=r"(?s)cannot be pulled.*1\. ask.*2\. brain models add") as caught:
        catalog.to_pull("net")
    assert PAGE in caught.value.remedy
    with pytest.raises(UsageError, match="did you mean 'net'"):
        catalog.to_pull("nett")
    with pytest.raises(WeightsError, match="cannot be pulled"):
        _ = by_hand.url


def test_the_catalogue_that_ships_is_honest():
    catalog = load_catalog(SHIPPED)
    by_id = {one.id: one for one in catalog.public}
    assert {"yolox_tiny", "yolox_s", "yolox_m", "dfine_n", "dfine_s", "rtdetr_v2_r18", "rfdetr_nano"} <= set(by_id)
    for one in catalog.public:
        strict = one.id.startswith(("yolo11", "yolo26"))
        assert one.licence == ("AGPL-3.0" if strict else "Apache-2.0")
        # A .pt file is a program; it is never pulled.
        assert not strict or one.download is None
        if one.download:
            assert isinstance(one.download, Download)
            assert one.said.classes in (COCO, COCO_91)
    assert by_id["rfdetr_nano"].said.classes[1] == "person"
    assert by_id["rfdetr_nano"].said.classes[90] == "toothbrush"
    assert by_id["dfine_s"].said.padding in (None, PaddingMode.STRETCH)


def test_the_commands_show_it(tmp_path, monkeypatch):
    monkeypatch.setenv("BRAIN_HOME", str(tmp_path))
    run = CliRunner()
    rows = json.loads(run.invoke(app, ["catalog", "--json"]).output)["public"]
    ways = {row["id"]: row["way"] for row in rows}
    assert (ways["yolox_s"], ways["yolo26n"]) == ("pull", "by hand")
    shown = run.invoke(app, ["catalog", "yolo26n"]).output
    assert "AGPL-3.0" in shown
    assert "brain models add yolo26n.pt" in shown
    failed = run.invoke(app, ["pull", "yolox_m"])
    assert isinstance(failed.exception, WeightsError)
    assert "brain models add yolox_m.onnx" in str(failed.exception)
    assert isinstance(run.invoke(app, ["catalog", "magic"]).exception, UsageError)
