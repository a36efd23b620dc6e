"""Add weights to the user's library: declared, run on a picture, recorded, and put in place as a whole."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from brain.core.errors import WeightsError
from brain.core.types import Detections, Picture
from brain.inference.cards import CARD_FILE, Card, PaddingMode, file_sha256, save_card, write_atomic
from brain.inference.catalog import CatalogEntry, PublicWeights, RemoteFile
from brain.inference.convert import convert
from brain.inference.declare import Said, declare
from brain.inference.fetch import Progress
from brain.inference.library import Library, Weights, new_folder
from brain.inference.model import Model, load_model, record_reference, verify_model
from brain.inference.pictures import annotate, encode_png, read_picture
from brain.inference.runtimes import OnnxRuntime
from brain.inference.street import STREET, street_picture

REFERENCE_FILE = "reference.png"
MARKED_FILE = "marked.png"
_EXTERNAL = b"\n\x08location\x12"
"""How an ONNX file says where a tensor's numbers lie, if not in it (a key of ``TensorProto.external_data``)."""
Get = Callable[[RemoteFile, Path, Progress], None]


@dataclass(frozen=True, slots=True)
class Added:
    """What ``add`` did.

    Attributes:
        card: as written.
        folder: where it lies now, with ``marked.png``: the picture with what was found.
        detections: what the weights find in the picture, at the card's threshold.
        notes: what could not be checked, for people.
    """

    card: Card
    folder: Path
    detections: Detections
    notes: tuple[str, ...] = ()


def add_weights(path: Path, said: Said, library: Library, *, picture: Path | None = None, force: bool = False) -> Added:
    """Add an ``.onnx`` file, or a ``.pt`` file through the converter.

    Args:
        said: declarations of the user; the rest comes from the file and from the layout's usual form.
        picture: the reference picture; the drawn street unless told.
        force: replace weights of the same id.

    Raises:
        WeightsError: the file, a declaration or the picture does not fit; nothing is left behind.
    """
    if path.suffix.lower() not in (".onnx", ".pt"):
        raise WeightsError("is neither .onnx nor .pt", where=str(path), remedy="export the weights as ONNX")
    if path.suffix.lower() == ".pt":
        with tempfile.TemporaryDirectory(prefix="brain-add-") as scratch:
            onnx = Path(scratch) / f"{path.stem}.onnx"
            convert(path, onnx, said.size)
            return _add_onnx(onnx, replace(said, source=said.source or path.name), library, picture, force)
    return _add_onnx(path, said, library, picture, force)


def _add_onnx(path: Path, said: Said, library: Library, picture: Path | None, force: bool) -> Added:
    card = _known(path, said, library) or declare(path, said)
    image = read_picture(picture) if picture is not None else street_picture()
    with new_folder(library.own, card.id, replace=force) as folder:
        shutil.copyfile(path, folder / card.file)
        weights = Weights(card, folder / card.file, folder)
        model = Model(weights, _runtime(weights.file, path))
        if card.reference is not None and picture is None:
            verify_model(model)
        else:
            name = STREET if picture is None else REFERENCE_FILE
            if picture is not None:
                write_atomic(folder / REFERENCE_FILE, encode_png(image))
            card = card.model_copy(update={"reference": record_reference(model, image, name)})
            # Weights that cannot repeat themselves (all scores alike, say) must not get a card that fails tomorrow.
            verify_model(Model(Weights(card, weights.file, folder), model.runtime))
        save_card(card, folder / CARD_FILE)
        found = mark(model, image, folder)
    return Added(card, library.own / card.id, found, _notes(card, image))


def _runtime(copied: Path, path: Path) -> OnnxRuntime:
    """The copied file, loaded; what lay beside the original is not there any more."""
    try:
        return OnnxRuntime(copied)
    except WeightsError:
        if _EXTERNAL in copied.read_bytes():
            raise WeightsError(
                "keeps its numbers in a second file, so its sha256 would not cover them",
                where=str(path),
                remedy="export it as one file; PyTorch: torch.onnx.export(…, external_data=False)",
            ) from None
        raise


def _known(path: Path, said: Said, library: Library) -> Card | None:
    """The catalogue's card, where the file is listed there and the user says nothing else of it."""
    if replace(said, id=None) != Said():
        return None
    digest = file_sha256(path)
    entry = library.catalog.by_sha256(digest)
    if entry is not None:
        return entry.card.model_copy(update={"id": said.id or entry.card.id, "file": path.name})
    public = library.catalog.public_by_sha256(digest)
    return None if public is None else declare(path, replace(public.said, id=said.id or public.id))


def mark(model: Model, image: Picture, folder: Path) -> Detections:
    """Run on a picture, write the marked copy into a folder, and return what was found."""
    found = model.detect(image)
    write_atomic(folder / MARKED_FILE, encode_png(annotate(image, found)))
    return found


def _notes(card: Card, image: Picture) -> tuple[str, ...]:
    height, width = image.shape[:2]
    notes = []
    if width * card.input.height == height * card.input.width and card.input.padding.mode is not PaddingMode.STRETCH:
        notes.append(
            "the picture has the shape of the network's input, so the padding could not be recorded; "
            "give a picture of another shape to have it checked"
        )
    if card.reference is not None and card.reference.boxes[0].score < card.score_threshold:
        notes.append(
            "nothing in the picture reaches the threshold; only faint boxes were recorded: "
            "give a picture with something that the weights were trained to find"
        )
    if "AGPL" in card.licence.upper():
        notes.append(f"licence {card.licence}: handing the product on with these weights has consequences")
    return tuple(notes)


def pull_weights(
    entry: CatalogEntry | PublicWeights, library: Library, get: Get, progress: Progress, *, force: bool = False
) -> Added:
    """Fetch public weights into the user's library and verify them.

    Those that were run before are compared with what they found then. Of the others the sum of the file is known and
    what is declared of it; what they find in the built-in drawing is recorded now, as ``add`` does.

    Args:
        get: fills the target file from somewhere, checked (``fetch.download``, ``fetch.copy_from``), or raises.

    Raises:
        WeightsError: not fetched, not to be pulled, or the reference picture gives other boxes; nothing is left behind.
    """
    if isinstance(entry, PublicWeights):
        return _pull_declared(entry, library, get, progress, force)
    with new_folder(library.own, entry.card.id, replace=force) as folder:
        get(entry, folder / entry.file, progress)
        save_card(entry.card, folder / CARD_FILE)
        model = load_model(folder, runtime="onnxruntime")
        found = mark(model, street_picture(), folder)
    return Added(entry.card, library.own / entry.card.id, found)


def _pull_declared(entry: PublicWeights, library: Library, get: Get, progress: Progress, force: bool) -> Added:
    said = entry.said
    with tempfile.TemporaryDirectory(prefix="brain-pull-") as scratch:
        file = Path(scratch) / entry.file
        get(entry, file, progress)
        added = _add_onnx(file, said, library, None, force)
    note = f"the file is the one the catalogue lists, but nobody has looked at its boxes yet: look at {MARKED_FILE}"
    return replace(added, notes=(note, *added.notes))
