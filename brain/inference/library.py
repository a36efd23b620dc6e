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

from brain.core.errors import WeightsError
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


def resolve(text: str, library: Library) -> Weights:
    """The weights that a text names: an id, a folder with a card, or a ``FILE.onnx``.

    A bare file is described by ``FILE.onnx.card.yaml``, by the ``card.yaml`` beside it that names it, or, when its
    sha256 is one of the catalogue's, by the catalogue.

    Raises:
        WeightsError: nothing of that name, or a file that nothing describes.
        ConfigError: a card that does not fit its form.
    """
    folder = library.find(text)
    path = Path(text).expanduser()
    if folder is None and path.is_dir():
        folder = path
    if folder is not None:
        card = load_card(folder)
        return Weights(card, folder / card.file, folder)
    if path.is_file() or path.suffix == ".onnx":
        return _resolve_file(path, library)
    raise _unknown(text, library)


def _resolve_file(path: Path, library: Library) -> Weights:
    digest = file_sha256(path)
    own = path.with_name(f"{path.name}.{CARD_FILE}")
    if own.is_file():
        return Weights(load_card(own), path, path.parent)
    beside = path.with_name(CARD_FILE)
    if beside.is_file():
        card = load_card(beside)
        if card.file == path.name:
            return Weights(card, path, path.parent)
    entry = library.catalog.by_sha256(digest)
    if entry is not None:
        return Weights(entry.card, path, path.parent)
    raise WeightsError(
        "no card describes this file, and its sha256 is not in the catalogue",
        where=str(path),
        remedy=f"describe it once: brain models add {path} --layout … (its card and id are kept)",
    )


def _unknown(text: str, library: Library) -> WeightsError:
    entry = library.catalog.by_id(text)
    if entry is not None:
        return WeightsError(
            f"weights {text!r} are not on this machine yet",
            remedy=f"fetch them with `brain models pull {text}`, or from a folder with --mirror DIR",
        )
    names = [*library.folders(), *(entry.card.id for entry in library.catalog.weights)]
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
