"""Another form of weights that are here (int8, say) put beside them, under their card."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from brain.core.errors import UsageError, WeightsError
from brain.inference.cards import CARD_FILE, Card, Variant, VariantName, file_sha256, save_card, write_atomic
from brain.inference.export.agreement import loosened
from brain.inference.library import Weights
from brain.inference.model import Model, compare, record_reference, verify_model
from brain.inference.reference import reference_picture, summary
from brain.inference.runtimes import OnnxRuntime


def add_form(weights: Weights, name: str, file: Path, *, force: bool = False) -> Card:
    """Copies ``file`` beside weights and names it in their card; ``ID.name`` then means it.

    It must see in the reference picture what the first form sees, up to rounding. What it sees there itself is
    recorded, and compared at every load.

    Args:
        weights: the first form.
        name: of the form, e.g. ``int8``.
        file: the same network in that form, an ONNX file; inputs and outputs have the same names.
        force: replace a form of that name.

    Returns:
        The card as written.

    Raises:
        UsageError: no name for a form, or there is one of that name.
        WeightsError: the file does not fit the card, or sees other things; nothing was written.
    """
    card = weights.card
    _check_name(card, name, force)
    form = Variant(file=f"{card.id}.{name}.onnx", sha256=file_sha256(file))
    model = _model(weights, name, form, file)
    image = reference_picture(card, weights.folder)
    assert card.reference is not None  # reference_picture refuses a card without
    reference = record_reference(model, image, card.reference.picture)
    texts = compare(model, image, loosened(card.reference, card.score_threshold))
    if texts:
        raise WeightsError(
            f"sees other things in the reference picture than {card.id}: {summary(texts)}",
            where=str(file),
            remedy="make it of these weights (`brain models export`), and give it the same input",
        )
    form = form.model_copy(update={"reference": reference})
    verify_model(_model(weights, name, form, file))
    # The file first: a card never names one that is not there.
    write_atomic(weights.folder / form.file, file.read_bytes())
    card = card.model_copy(update={"variants": card.variants | {name: form}})
    save_card(card, weights.folder / CARD_FILE)
    return card


def _check_name(card: Card, name: str, force: bool) -> None:
    try:
        TypeAdapter(VariantName).validate_python(name)
    except ValidationError:
        remedy = "write it like int8: small letters, digits, _"
        raise UsageError(f"{name!r} is no name for a form", remedy=remedy) from None
    if name in card.variants and not force:
        raise UsageError(f"weights {card.id!r} have a form {name!r} already", remedy="give --force to replace it")


def _model(weights: Weights, name: str, form: Variant, file: Path) -> Model:
    card = weights.card.model_copy(update={"variants": {name: form}}).variant(name)
    return Model(Weights(card, file, weights.folder), OnnxRuntime(file))
