"""Where weights lie on this machine, and which ones a text names."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from brain.core.errors import BrainError, ConfigError, WeightsError
from brain.core.ids import is_identifier
from brain.inference.cards import CARD_FILE, Card, file_sha256, load_card
from brain.inference.catalog import Catalog, load_catalog


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights that were found: the card, its ONNX file, and the folder where a reference picture would lie."""

    card: Card
    file: Path
    folder: Path


@dataclass(frozen=True, slots=True)
class Library:
    """The places with weights.

    Attributes:
        own: the user's folder of weights; ``add`` and ``pull`` write there. It wins over ``built_in``.
        built_in: the folder that ships with the product.
        catalog: public weights.
    """

    own: Path
    built_in: Path
    catalog: Catalog

    @classmethod
    def at(cls, assets: Path, home: Path) -> Library:
        """The library of an installation: ``assets/models`` and ``home/models/weights``.

        Raises:
            ConfigError: the catalogue is broken.
        """
        models = assets / "models"
        return cls(home / "models" / "weights", models / "weights", load_catalog(models / "catalog.yaml"))

    def folders(self) -> dict[str, Path]:
        """Weights id → folder with a card, sorted by id."""
        found: dict[str, Path] = {}
        for root in (self.built_in, self.own):
            if root.is_dir():
                found |= {entry.name: entry for entry in root.iterdir() if _has_card(entry)}
        return dict(sorted(found.items()))

    def find(self, name: str) -> Path | None:
        """The folder of weights by id."""
        if not is_identifier(name):
            return None
        return next((root / name for root in (self.own, self.built_in) if _has_card(root / name)), None)

    def locate(self, name: str) -> Weights | None:
        """Weights on this machine by id, or one of their other forms: ``ID.NAME``, where the card of ``ID`` has it.

        Raises:
            ConfigError: a card that does not fit its form.
            WeightsError: weights of that id, without such a form.
        """
        folder = self.find(name)
        if folder is not None:
            return weights_in(folder)
        first, _, form = name.rpartition(".")
        folder = self.find(first)
        if folder is None:
            return None
        known = load_card(folder).variants
        if form not in known:
            forms = f"it has: {', '.join(known)}" if known else f"name {first} alone: its card has no variants"
            raise WeightsError(f"weights {first!r} have no form called {form!r}", where=str(folder), remedy=forms)
        return weights_in(folder, form)

    def names(self) -> tuple[str, ...]:
        """All that ``locate`` finds, by id, each followed by its other forms; a broken card has none."""
        found = []
        for name, folder in self.folders().items():
            found.append(name)
            try:
                found += [f"{name}.{form}" for form in load_card(folder).variants]
            except BrainError:
                continue
        return tuple(found)


def weights_in(folder: Path, form: str | None = None) -> Weights:
    """The weights in a folder.

    Args:
        form: one of the card's variants; the first file unless told.

    Raises:
        ConfigError: no card there, or one that does not fit.
    """
    if not (folder / CARD_FILE).is_file():
        raise ConfigError(f"no {CARD_FILE}", where=str(folder), remedy="`brain models add FILE` writes one")
    card = load_card(folder / CARD_FILE)
    if form is not None:
        card = card.variant(form)
    return Weights(card, folder / card.file, folder)


def all_forms(weights: Weights) -> tuple[Weights, ...]:
    """Weights, followed by the other forms that their card names."""
    forms = (weights.card.variant(name) for name in weights.card.variants)
    return weights, *(Weights(card, weights.folder / card.file, weights.folder) for card in forms)


def resolve(text: str, library: Library) -> Weights:
    """The weights that a text names: an id, ``ID.NAME`` for another form, a folder with a card, or a ``FILE.onnx``.

    A bare file is described by ``FILE.onnx.card.yaml``, by the ``card.yaml`` beside it that names it, or, when its
    sha256 is one of the catalogue's, by the catalogue.

    Raises:
        WeightsError: nothing of that name, or a file that nothing describes.
        ConfigError: a card that does not fit its form.
    """
    path = Path(text).expanduser()
    if library.find(text) is None and (path.is_file() or path.suffix == ".onnx"):
        return _resolve_file(path, library)
    found = library.locate(text)
    if found is not None:
        return found
    if path.is_dir():
        return weights_in(path)
    raise _unknown(text, library)


def _resolve_file(path: Path, library: Library) -> Weights:
    digest = file_sha256(path)
    own = path.with_name(f"{path.name}.{CARD_FILE}")
    if own.is_file():
        return Weights(load_card(own), path, path.parent)
    beside = path.with_name(CARD_FILE)
    if beside.is_file():
        card = load_card(beside)
        forms = [card, *(card.variant(name) for name in card.variants)]
        found = next((form for form in forms if form.file == path.name), None)
        if found is not None:
            return Weights(found, path, path.parent)
    entry = library.catalog.by_sha256(digest)
    if entry is not None:
        return Weights(entry.card, path, path.parent)
    raise WeightsError(
        "no card describes this file, and its sha256 is not in the catalogue",
        where=str(path),
        remedy=f"describe it once: brain models add {path} --layout … (its card and id are kept)",
    )


def _unknown(text: str, library: Library) -> WeightsError:
    if library.catalog.by_id(text) is not None or library.catalog.public_by_id(text) is not None:
        return WeightsError(
            f"weights {text!r} are not on this machine yet",
            remedy=f"fetch them with `brain models pull {text}`, or from a folder with --mirror DIR",
        )
    catalog = library.catalog
    names = [*library.names(), *(entry.card.id for entry in catalog.weights), *(entry.id for entry in catalog.public)]
    near = get_close_matches(text, names, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return WeightsError(f"no weights called {text!r}", remedy=f"{hint}`brain models list` shows what there is")


@contextmanager
def new_folder(root: Path, name: str, *, replace: bool) -> Iterator[Path]:
    """A folder to fill, which becomes ``root/name`` as a whole when the block ends well, and vanishes otherwise.

    Raises:
        WeightsError: ``root/name`` exists and ``replace`` is false, or the place cannot be written.
    """
    final = root / name
    if final.exists() and not replace:
        raise WeightsError(f"weights {name!r} exist already", where=str(final), remedy="give --force to replace them")
    try:
        root.mkdir(parents=True, exist_ok=True)
        build = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=root))
    except OSError as error:
        raise _unwritable(root, error) from None
    try:
        yield build
        _move_in(build, final)
    except OSError as error:
        raise _unwritable(root, error) from None
    finally:
        shutil.rmtree(build, ignore_errors=True)


def _move_in(build: Path, final: Path) -> None:
    """Sync the files and put the folder in place; an older one steps aside first and is then removed."""
    for entry in (*build.iterdir(), build):
        _sync(entry)
    build.chmod(0o755)
    old = build.with_name(f"{build.name}.old")
    if final.exists():
        final.rename(old)
    try:
        build.rename(final)
    except OSError:
        if old.exists():
            old.rename(final)
        raise
    _sync(final.parent)
    shutil.rmtree(old, ignore_errors=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unwritable(root: Path, error: OSError) -> WeightsError:
    return WeightsError(
        f"cannot be written: {error.strerror or error}", where=str(root), remedy="check rights and free space"
    )


def _has_card(folder: Path) -> bool:
    return not folder.name.startswith(".") and (folder / CARD_FILE).is_file()
