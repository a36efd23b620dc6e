"""Which recording of a run is which recording of a truth file, and which of them cannot be judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from brain.evaluation.judgement import LeftOut
from brain.evaluation.truth import TruthClip, TruthSet
from brain.replay.run import ClipResult, Run, RunClip

_MAX_LENGTH_ERROR_S = 1.0
_MAX_LENGTH_ERROR = 0.02


@dataclass(frozen=True, slots=True)
class ClipPair:
    """A recording with what came of it and what was to be seen in it.

    Attributes:
        cpu_s: what its replay cost, ``None`` when that is not known.
    """

    clip: RunClip
    result: ClipResult
    truth: TruthClip
    cpu_s: float | None

    @property
    def length_s(self) -> float:
        """Seconds of the whole recording, a cut-off end included."""
        length = length_of(self.result)
        return max(length, self.truth.duration_s or 0.0) if self.result.error else length


def pair_clips(run: Run, truth: TruthSet) -> tuple[tuple[ClipPair, ...], tuple[LeftOut, ...]]:
    """The recordings that can be judged, in order of the run, and those that cannot, with the reason.

    What the replay noted of a recording that is judged is told with them.

    A recording is known by its sha256, else by the name of its file and its camera.

    Raises:
        ConfigError: a result file of the run is broken.
    """
    pairs: list[ClipPair] = []
    left_out = [LeftOut(m.clip, "", f"{m.where}: {m.what}", is_error=True) for m in truth.mistakes]
    spoilt = {PurePath(mistake.clip).name for mistake in truth.mistakes}
    partners = _partners(run.header.clips, truth.clips)
    for clip in run.header.clips:
        partner = partners.get(clip.id)
        if partner is None:
            if PurePath(clip.path).name not in spoilt:
                left_out.append(LeftOut(clip.id, "", f"not judged: {truth.path} says nothing of {clip.path}"))
            continue
        result = run.result(clip.id)
        why = _obstacle(clip, result, partner, truth.location(partner))
        if why:
            left_out.append(LeftOut(clip.id, "", why, is_error=True))
            continue
        assert result is not None
        cost = run.cost(clip.id)
        pairs.append(ClipPair(clip, result, partner, None if cost is None else cost.cpu_s))
        left_out.extend(LeftOut(clip.id, "", note) for note in result.notes)
        if result.error:
            why = f"judged up to {result.seconds:g} s, the rest counts as outage: {result.error}"
            left_out.append(LeftOut(clip.id, "", why, is_error=True))
    known = {id(partner) for partner in partners.values()}
    missing = [clip for clip in truth.clips if id(clip) not in known]
    return tuple(pairs), (*left_out, *(_missing(clip, truth.path, run.folder) for clip in missing))


def length_of(result: ClipResult) -> float:
    """Seconds of a recording as its replay knows them, a cut-off end included."""
    return max([result.seconds, *(end for _, end in result.outages)])


def _partners(clips: Sequence[RunClip], truths: Sequence[TruthClip]) -> dict[str, TruthClip]:
    """Run clip id → its truth. Surer ways go first, over all clips, so that no clip takes the truth of another."""
    found: dict[str, TruthClip] = {}
    taken: set[int] = set()
    # The last way is only for names that stand once on either side.
    for way in (_same_bytes_and_camera, _same_bytes, _same_name_and_camera, _same_path, _same_name):
        for truth in truths:
            if id(truth) in taken:
                continue
            fitting = [clip for clip in clips if clip.id not in found and way(clip, truth)]
            if not fitting or (way is _same_name and (len(fitting) > 1 or _twins(truth, truths))):
                continue
            found[fitting[0].id] = truth
            taken.add(id(truth))
    return found


def _same_bytes(clip: RunClip, truth: TruthClip) -> bool:
    return bool(truth.sha256) and clip.sha256 == truth.sha256


def _same_bytes_and_camera(clip: RunClip, truth: TruthClip) -> bool:
    return _same_bytes(clip, truth) and clip.camera == truth.camera


def _same_name(clip: RunClip, truth: TruthClip) -> bool:
    return PurePath(clip.path).name == PurePath(truth.file).name


def _same_name_and_camera(clip: RunClip, truth: TruthClip) -> bool:
    return _same_name(clip, truth) and clip.camera == truth.camera


def _same_path(clip: RunClip, truth: TruthClip) -> bool:
    parts = PurePath(truth.file).parts
    return len(parts) > 1 and PurePath(clip.path).parts[-len(parts) :] == parts


def _twins(truth: TruthClip, truths: Sequence[TruthClip]) -> bool:
    name = PurePath(truth.file).name
    return sum(PurePath(other.file).name == name for other in truths) > 1


def _obstacle(clip: RunClip, result: ClipResult | None, truth: TruthClip, location: Path) -> str:
    """Why the recording cannot be judged; empty when it can."""
    if truth.sha256 and clip.sha256 and truth.sha256 != clip.sha256:
        return (
            f"{clip.path} is another file than {location}, which the truth was made for (sha256 "
            f"{clip.sha256[:12]}…, not {truth.sha256[:12]}…): replay that file, or label this one"
        )
    if result is None:
        return "the run has not finished this clip: run the same `brain replay` again, it goes on where it stopped"
    if result.samples == 0 or result.seconds <= 0:
        return f"nothing of it was analysed: {result.error or 'it holds no picture'}"
    stated, length = truth.duration_s, length_of(result)
    # A clip that was cut off is judged on what there is of it.
    differs = 0.0 if stated is None else (length - stated if result.error else abs(length - stated))
    if stated is not None and differs > max(_MAX_LENGTH_ERROR_S, _MAX_LENGTH_ERROR * stated):
        return f"it is {length:g} s long, but the truth was made for a clip of {stated:g} s: label this one anew"
    return ""


def _missing(clip: TruthClip, truth: Path, folder: Path) -> LeftOut:
    why = f"{truth} speaks of it, but the run {folder} has no such clip: replay it as well"
    return LeftOut(clip.file, "", why, is_error=True)
