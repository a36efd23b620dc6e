"""Export weights: make one form, load it again with the runtime it is for, compare, and only then put it in place."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from brain.core.errors import UsageError, WeightsError
from brain.core.types import Picture
from brain.inference.cards import CARD_FILE, Card, file_sha256, load_card, save_card
from brain.inference.export.agreement import loosened
from brain.inference.export.forms import Form, check_installed, tools
from brain.inference.export.int8 import Tell, quantise
from brain.inference.export.mobile import write_mobile
from brain.inference.export.ncnn_form import INPUT, NcnnRuntime, output_names, write_ncnn
from brain.inference.export.network import load_network
from brain.inference.export.openvino_form import write_openvino
from brain.inference.export.timing import cpu_milliseconds
from brain.inference.library import Weights, new_folder
from brain.inference.model import Model, compare, load_model, record_reference, verify_model
from brain.inference.reference import reference_picture, summary
from brain.inference.runtimes import OnnxRuntime, OpenVino, Runtime
from brain.inference.street import STREET

LEAST_KEPT = 0.97
Pictures = Callable[[], Sequence[Picture]]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be exported where.

    Attributes:
        form: for which runtime.
        folder: is written as a whole; it must not be there yet, be empty, or hold an earlier export.
        pictures: to calibrate ``onnx-int8`` on; asked for only then.
        least: share (0–1) of the original's findings that 8-bit numbers must keep.
        replace: an earlier export in ``folder`` may go.
    """

    form: Form
    folder: Path
    pictures: Pictures
    least: float = LEAST_KEPT
    replace: bool = False


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written.

    Attributes:
        card: as it lies beside the files: what must be known to run them.
        files: name → bytes, without the card.
        original_bytes: size of the ONNX file that it was made of.
        milliseconds: CPU time a picture on one thread of this machine, original and export.
        note: what was chosen, for people.
    """

    card: Card
    folder: Path
    files: dict[str, int]
    original_bytes: int
    milliseconds: tuple[float, float]
    note: str


@dataclass(frozen=True, slots=True)
class _Made:
    """An export that is on disk but not yet checked: its main file, its runtime, and what is said of it."""

    main: Path
    runtime: Runtime
    input_name: str
    outputs: tuple[str, ...]
    note: str = ""


def export_weights(weights: Weights, wish: Wish, tell: Tell = lambda _: None) -> Exported:
    """Write weights in another form.

    Args:
        weights: from where the library found them.
        tell: told what is being done.

    Raises:
        UsageError: a package is missing, the folder holds something else, or pictures are lacking.
        WeightsError: the network cannot be brought into that form, or it does not see there what it sees here. Nothing
            is left behind.
    """
    check_installed(wish.form)
    _check_folder(wish)
    tell("original")
    original = load_model(weights, runtime="onnxruntime")
    with (
        new_folder(wish.folder.parent, wish.folder.name, replace=wish.folder.exists()) as folder,
        tempfile.TemporaryDirectory(prefix="brain-export-") as scratch,
    ):
        candidates = _candidates(original, wish, folder, Path(scratch), tell)
        model, note = _checked(original, wish.form, candidates, folder)
        files = {entry.name: entry.stat().st_size for entry in sorted(folder.iterdir()) if entry.name != CARD_FILE}
        spent = cpu_milliseconds([(original.runtime, original.card), (model.runtime, model.card)])
    return Exported(model.card, wish.folder, files, weights.file.stat().st_size, (spent[0], spent[1]), note)


def _check_folder(wish: Wish) -> None:
    folder = wish.folder
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    try:
        known = "exported_for" in load_card(folder).source
    except Exception:
        known = False
    if not known:
        raise UsageError("holds something else than an export", where=str(folder), remedy="name a new folder with -o")
    if not wish.replace:
        raise UsageError("holds an export already", where=str(folder), remedy="give --force to replace it")


def _candidates(original: Model, wish: Wish, folder: Path, scratch: Path, tell: Tell) -> Iterator[_Made]:
    """The export, and where that loses too much a more careful one, each over the one before."""
    card = original.card
    if wish.form is Form.ONNX_INT8:
        yield _int8(original, wish, folder, scratch, tell)
        return
    model = load_network(card, original.weights.file)
    if wish.form is Form.NCNN:
        for bits in (16, 32):
            tell(f"{bits}-bit weights")
            yield _ncnn(original, model, folder, scratch, bits)
        return
    import onnx

    tell(str(wish.form))
    network = scratch / f"{card.id}.onnx"
    onnx.save(model, str(network))
    if wish.form is Form.OPENVINO:
        target = folder / f"{card.id}.xml"
        write_openvino(card, network, target)
        yield _Made(target, OpenVino(target), card.input.name, card.output.names)
    else:
        target = write_mobile(card, network, folder)
        yield _Made(target, OnnxRuntime(target), card.input.name, card.output.names)


def _int8(original: Model, wish: Wish, folder: Path, scratch: Path, tell: Tell) -> _Made:
    card = original.card
    target = folder / f"{card.id}.int8.onnx"
    result = quantise(original, target, scratch, wish.pictures(), wish.least, tell)
    text = f"keeps {result.kept:.1%} of what the original finds in {result.judged} pictures kept apart"
    note = f"{result.recipe}; calibrated on {result.calibrated} pictures; {text}"
    return _Made(target, OnnxRuntime(target), card.input.name, card.output.names, note)


def _ncnn(original: Model, model: Any, folder: Path, scratch: Path, bits: int) -> _Made:
    card = original.card
    target = folder / f"{card.id}.param"
    write_ncnn(card, model, target, scratch, bits)
    shapes = [output.shape for output in original.raw(_reference_of(original))]
    runtime = NcnnRuntime(target, (card.input.width, card.input.height), shapes)
    # ncnn is no runtime that the product may choose, so its name is not among those of ``Runtime``.
    return _Made(target, cast(Runtime, runtime), INPUT, output_names(len(shapes)), f"{bits}-bit weights")


def _reference_of(original: Model) -> Picture:
    return reference_picture(original.card, original.weights.folder)


def _checked(original: Model, form: Form, candidates: Iterator[_Made], folder: Path) -> tuple[Model, str]:
    """The first export that finds what the original finds, with its card written beside it, and what is said of it.

    Raises:
        WeightsError: each finds other things.
    """
    old, image = original.card, _reference_of(original)
    assert old.reference is not None
    if old.reference.picture != STREET:
        shutil.copyfile(original.weights.folder / old.reference.picture, folder / old.reference.picture)
    # 8-bit numbers may differ more, and were compared while a recipe was chosen.
    expected = loosened(old.reference, old.score_threshold) if form is Form.ONNX_INT8 else old.reference
    texts: list[str] = []
    for made in candidates:
        card = _card(old, form, made)
        model = Model(Weights(card, made.main, folder), made.runtime)
        texts = compare(model, image, expected)
        if not texts:
            card = card.model_copy(update={"reference": record_reference(model, image, old.reference.picture)})
            model = Model(Weights(card, made.main, folder), made.runtime)
            verify_model(model)
            save_card(card, folder / CARD_FILE)
            return model, made.note
    raise WeightsError(
        f"finds other things as {form} than before: {summary(texts)}",
        where=old.id,
        remedy="nothing was written; export it for another runtime with --for",
    )


def _card(old: Card, form: Form, made: _Made) -> Card:
    """The original's card with the file, names and origin of the export; its figures are not those of the original."""
    own = file_sha256(made.main)
    beside = {
        f"sha256 of {entry.name}": file_sha256(entry)
        for entry in sorted(made.main.parent.iterdir())
        if entry != made.main and entry.suffix in (".bin", ".config")
    }
    source = old.source | {"exported_for": str(form), "exported_from": old.id, "exported_sha256": old.sha256}
    source |= {"made_with": tools(form)} | ({"note_of_export": made.note} if made.note else {})
    update = {
        "id": f"{old.id}_{form.replace('-', '_')}"[:64],
        "file": made.main.name,
        "sha256": own,
        "input": old.input.model_copy(update={"name": made.input_name}),
        "output": old.output.model_copy(update={"names": made.outputs}),
        "source": source | beside,
        "figures": (),
        "variants": {},
        "reference": None,
    }
    return old.model_copy(update=update)
