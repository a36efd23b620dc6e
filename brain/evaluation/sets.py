"""Sets that are only to be measured on: frozen by sha256, never tuned on, split from the others by site.

``<truth file>.frozen.json`` beside a truth file says which bytes it and its clips had when it was frozen.
"""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from brain import __version__
from brain.config.settings import Settings
from brain.core.clock import iso
from brain.core.errors import ConfigError, UsageError
from brain.core.files import TEMPORARY, write_whole
from brain.core.ids import sha256_hex
from brain.evaluation.truth import TruthClip, TruthSet
from brain.evaluation.truth_file import read_truth
from brain.replay.record import clip_digest

SUFFIX = ".frozen.json"
Progress = Callable[[TruthClip], None]
_SHA256 = "^[0-9a-f]{64}$"


class FrozenClip(Settings):
    """A clip of a frozen set; ``file`` is named from the folder of the truth file."""

    file: str
    sha256: str = Field(pattern=_SHA256)


class FrozenSet(Settings):
    """``<truth file>.frozen.json``.

    Attributes:
        truth_sha256: of the truth file.
        frozen: UTC moment, ISO 8601.
        product: version of city-brain that froze it.
    """

    version: Literal[1] = 1
    truth_sha256: str = Field(pattern=_SHA256)
    clips: tuple[FrozenClip, ...]
    frozen: str
    product: str


def frozen_path(truth: Path) -> Path:
    """Where it is told that a truth file is frozen."""
    return truth.with_name(truth.name + SUFFIX)


def verify_frozen(truth: TruthSet, *, clips: bool = True) -> FrozenSet | None:
    """What was frozen; ``None`` when the set is not frozen.

    Args:
        clips: whether the clips are read and compared as well; one that does not lie there is passed over.

    Raises:
        ConfigError: the truth file or a clip is not what it was when it was frozen.
    """
    path = frozen_path(truth.path)
    if not path.exists():
        return None
    frozen = _read(path)
    remedy = f"bring back what was frozen on {frozen.frozen}; a changed set is a new set: give it a name of its own"
    if clip_digest(truth.path) != frozen.truth_sha256:
        raise ConfigError("the truth file is not what was frozen", where=str(truth.path), remedy=remedy)
    for clip in frozen.clips if clips else ():
        place = truth.path.parent / clip.file
        if place.is_file() and clip_digest(place) != clip.sha256:
            raise ConfigError("the clip is not what was frozen", where=str(place), remedy=remedy)
    return frozen


def as_frozen(truth: TruthSet) -> TruthSet:
    """The same with the sha256 that each clip had when the set was frozen: a run over other bytes is not judged.

    Raises:
        ConfigError: the truth file is not what it was when it was frozen.
    """
    frozen = verify_frozen(truth, clips=False)
    if frozen is None:
        return truth
    known = {clip.file: clip.sha256 for clip in frozen.clips}
    clips = [clip.model_copy(update={"sha256": known.get(clip.file, clip.sha256)}) for clip in truth.clips]
    return replace(truth, clips=tuple(clips))


def refuse_tuning(truth: TruthSet) -> None:
    """Refuses a set on which nothing may be tuned.

    Raises:
        UsageError: it is a test set, it is frozen, or one of its clips belongs to a frozen set in its folder.
        ConfigError: a file that tells of a frozen set is broken.
    """
    remedy = "tune on a dev set: `brain evaluate truth split` makes one of other sites"
    if truth.set == "test":
        raise UsageError("a test set: it is measured on, not tuned on", where=str(truth.path), remedy=remedy)
    if frozen_path(truth.path).exists():
        raise UsageError("a frozen set: it is measured on, not tuned on", where=str(truth.path), remedy=remedy)
    paths = sorted(truth.path.parent.glob(f"*{SUFFIX}"))
    kept = {clip.sha256: path.name.removesuffix(SUFFIX) for path in paths for clip in _read(path).clips}
    for clip in truth.clips if kept else ():
        name = kept.get(_sha256(truth, clip))
        if name is not None:
            what = f"clip {clip.file} belongs to the frozen set {name}"
            raise UsageError(what, where=str(truth.path), remedy=f"take it out here; {remedy}")


def freeze(truth: TruthSet, *, now: datetime, progress: Progress | None = None) -> FrozenSet:
    """Makes a set a test set for good: writes ``set: test`` into its truth file, and the sha256 of all beside it.

    Args:
        now: the moment, with zone.
        progress: called before each clip is read.

    Raises:
        UsageError: it has mistakes, lacks a clip, or is not in our own form; nothing is written.
        ConfigError: it was frozen before and is another now, or a clip is not the one that the truth file states.
    """
    before = verify_frozen(truth)
    if before is not None:
        return before
    if truth.mistakes or not truth.clips:
        what = f"{len(truth.mistakes)} mistakes in it" if truth.mistakes else "no clips in it"
        remedy = "`brain evaluate truth check` names them; mend them first"
        raise UsageError(f"cannot be frozen: {what}", where=str(truth.path), remedy=remedy)
    clips = []
    for clip in truth.clips:
        if progress:
            progress(clip)
        clips.append(FrozenClip(file=clip.file, sha256=_of_disk(truth, clip)))
    text = _as_test(truth.path)
    _write(truth.path, text)
    frozen = FrozenSet(truth_sha256=sha256_hex(text.encode()), clips=tuple(clips), frozen=iso(now), product=__version__)
    _write(frozen_path(truth.path), frozen.model_dump_json(indent=1) + "\n")
    return frozen


def split_sites(
    truth: TruthSet, *, test_sites: Collection[str] = (), test_share: float | None = None, seed: int = 0
) -> tuple[tuple[TruthClip, ...], tuple[TruthClip, ...]]:
    """Clips for tuning and clips for measuring; a site is wholly in one of them.

    Args:
        test_sites: the sites to measure on.
        test_share: else about that share of the clips, more than 0 and less than 1; sites are drawn by ``seed``.

    Raises:
        UsageError: only one site, an unknown one, or nothing would be left on one side.
    """
    by_site: dict[str, list[TruthClip]] = {}
    for clip in truth.clips:
        by_site.setdefault(clip.site or clip.file, []).append(clip)
    where = str(truth.path)
    if len(by_site) < 2:
        what = f"cannot be split: all clips are of one site ({next(iter(by_site), 'there are none')})"
        remedy = "record at another place, or say with `site` which clips are of which place"
        raise UsageError(what, where=where, remedy=remedy)
    unknown = [name for name in test_sites if name not in by_site]
    if unknown:
        remedy = f"its sites: {', '.join(sorted(by_site))}"
        raise UsageError(f"there is no site {unknown[0]!r}", where=where, remedy=remedy)
    chosen = set(test_sites) or _drawn(by_site, test_share, seed)
    if not chosen or len(chosen) == len(by_site):
        remedy = "name some of the sites, not all" if chosen else "name --test-sites, or a --test-share"
        raise UsageError("nothing would be left on one side", where=where, remedy=remedy)
    dev = tuple(clip for clip in truth.clips if (clip.site or clip.file) not in chosen)
    return dev, tuple(clip for clip in truth.clips if (clip.site or clip.file) in chosen)


def _drawn(by_site: dict[str, list[TruthClip]], share: float | None, seed: int) -> set[str]:
    """Sites in drawn order until the share of clips is reached as nearly as it can be; one at least, not all."""
    if share is None:
        return set()
    if not 0 < share < 1:
        raise UsageError(f"a share of {share:g}", remedy="more than 0 and less than 1, e.g. --test-share 0.3")
    names = sorted(by_site)
    random.Random(seed).shuffle(names)
    wanted = share * sum(len(clips) for clips in by_site.values())
    chosen: set[str] = set()
    count = 0
    for name in names[:-1]:
        size = len(by_site[name])
        if not chosen or abs(count + size - wanted) < abs(count - wanted):
            chosen.add(name)
            count += size
    return chosen


def _as_test(path: Path) -> str:
    """The text of a truth file as that of a test set, nothing else in it changed."""
    text = path.read_text("utf-8")
    is_json = text.lstrip()[:1] in ("{", "[")
    key = r'^(\s*\{?\s*"set"\s*:\s*)"\w+"' if is_json else r"^(set[ \t]*:[ \t]*)[\"']?\w+[\"']?"
    value = '"test"' if is_json else "test"
    changed, count = re.subn(key, rf"\g<1>{value}", text, count=1, flags=re.MULTILINE)
    if not count:
        changed = re.sub(r"\{", '{"set": "test", ', text, count=1) if is_json else _with_set(text)
    after = _read_back(path.parent, changed)
    if after is None or after.set != "test" or after.clips != read_truth(path).clips:
        remedy = "make one of it: `brain evaluate truth convert FILE --to truth -o truth.yaml`"
        raise UsageError("only a truth file of our own form can be frozen", where=str(path), remedy=remedy)
    return changed


def _read_back(folder: Path, text: str) -> TruthSet | None:
    """What a text would be as a truth file in that folder; ``None`` for none."""
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=folder, prefix=TEMPORARY) as file:
            file.write(text)
            file.flush()
            return read_truth(Path(file.name))
    except ConfigError:
        return None
    except OSError as error:
        raise _unwritable(folder, error) from None


def _write(path: Path, text: str) -> None:
    """The whole text or none of it."""
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> UsageError:
    remedy = "check its rights and the disk's space"
    return UsageError(f"cannot be written: {error.strerror}", where=str(path), remedy=remedy)


def _with_set(text: str) -> str:
    """``set: test`` as the first key, after what may stand before it."""
    lines = text.splitlines(keepends=True)
    number = next((n for n, line in enumerate(lines) if line[:1] not in ("#", "-", "%", "\n", "\r", "\ufeff")), 0)
    return "".join([*lines[:number], "set: test\n", *lines[number:]])


def _of_disk(truth: TruthSet, clip: TruthClip) -> str:
    place = truth.location(clip)
    if not place.is_file():
        remedy = "bring it back, or take it out of the truth file"
        raise UsageError("cannot be frozen: a clip is missing", where=str(place), remedy=remedy)
    found = clip_digest(place)
    if clip.sha256 is not None and found != clip.sha256:
        remedy = "`brain evaluate truth check` names all of these"
        raise ConfigError("the clip is not the one that the truth file states", where=str(place), remedy=remedy)
    return found


def _sha256(truth: TruthSet, clip: TruthClip) -> str:
    """The sha256 as it is stated, else as it is; empty when the clip is not there."""
    place = truth.location(clip)
    if clip.sha256 is not None:
        return clip.sha256
    return clip_digest(place) if place.is_file() else ""


def _read(path: Path) -> FrozenSet:
    try:
        return FrozenSet.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        remedy = "bring it back from a copy; it is not to be edited"
        raise ConfigError("does not tell of a frozen set", where=str(path), remedy=remedy) from None
