"""Which recordings the command line of ``brain replay`` names: files, a truth file's clips, drawn scenes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from brain.cli import sim_source
from brain.cli.clip_options import start_time
from brain.config.settings import ZoneSettings
from brain.core.errors import ConfigError, UsageError
from brain.core.types import Zone
from brain.replay.find import Recording, find_videos


@dataclass(frozen=True, slots=True)
class Named:
    """What the command line says of the clips: its arguments and options of these names."""

    files: Sequence[str]
    zones: Sequence[str]
    truth: Path | None
    sim_truth: Path | None
    start: str

    @property
    def drawn(self) -> list[str]:
        """The drawn scenes among the files."""
        return [text for text in self.files if sim_source.is_drawn(text)]

    @property
    def _others(self) -> list[str]:
        """The recordings among the files."""
        return [text for text in self.files if not sim_source.is_drawn(text)]

    def check(self) -> None:
        """Refuse what does not go together, and scenes that are none, before anything is loaded.

        Raises:
            UsageError: with what to do about it.
        """
        if not self.files and self.truth is None:
            raise UsageError("no recording named", remedy="name files, folders or patterns, --truth FILE or --from DIR")
        self._check_truth()
        sim_source.check_sources(self.drawn)
        if self.sim_truth is not None:
            if not self.drawn:
                raise UsageError("--sim-truth, but no sim: source", remedy="name one, e.g. 'sim:left_object?seed=7'")
            sim_source.check_truth_file(self.sim_truth, sim_source.plan(self.drawn))

    def _check_truth(self) -> None:
        if self.truth is None:
            return
        if self.zones:
            raise UsageError("--zone and --truth together", remedy="draw the zones in the truth file")
        if self.sim_truth is not None:
            remedy = "replay recordings with --truth and drawn scenes with --sim-truth, one after the other"
            raise UsageError("--sim-truth and --truth together", remedy=remedy)
        if self.drawn and not self._others:
            remedy = "leave it away: zones, start and light of a drawn scene are its own"
            raise UsageError("--truth with sim: sources alone", remedy=remedy)

    def recordings(self, zones: Sequence[Zone]) -> tuple[tuple[Recording, ...], int]:
        """What is to be replayed, drawn scenes last, and how many mistakes the truth file has; ``draw`` draws them.

        Args:
            zones: what ``zones`` means.

        Raises:
            UsageError, ConfigError: a file that is not to be found, a truth file without clips, a mistaken start.
        """
        moment, drawn, others = start_time(self.start), self.drawn, self._others
        found, mistakes = _recordings(others, self.truth, zones, moment) if others or not drawn else ((), 0)
        clips = sim_source.plan(drawn) if drawn else ()
        return found + tuple(sim_source.recording(clip, zones, self.start) for clip in clips), mistakes

    def draw(self) -> None:
        """Draws the scenes that the cache lacks, then writes the truth that was asked for.

        Raises:
            UsageError: one of them cannot be written.
        """
        clips = sim_source.draw(self.drawn)
        if self.sim_truth is not None:
            print(f"truth: {sim_source.write_truth(self.sim_truth, clips)}", file=sys.stderr)


def _recordings(
    named: Sequence[str], truth: Path | None, zones: Sequence[Zone], start: datetime
) -> tuple[tuple[Recording, ...], int]:
    """Recordings, and how many mistakes the truth file has."""
    drawn = tuple(map(ZoneSettings.of, zones))
    if truth is None:
        return tuple(Recording(path, start, zones=drawn) for path in find_videos(named)), 0
    known, mistakes = _of_truth(truth, start)
    if not named:
        return tuple(known.values()), mistakes
    recordings = []
    for path in find_videos(named):
        found = known.get(path.resolve())
        if found is None:
            print(f"note: {path} is not in {truth}: the whole picture is watched", file=sys.stderr)
        recordings.append(found or Recording(path, start))
    return tuple(recordings), mistakes


def _of_truth(file: Path, start: datetime) -> tuple[dict[Path, Recording], int]:
    from brain.evaluation.truth_file import read_truth
    from brain.evaluation.vocabulary import known_scenarios

    truth = read_truth(file, scenarios=known_scenarios())
    for mistake in truth.mistakes:
        print(f"brain: {mistake.where}: {mistake.what}", file=sys.stderr)
    found: dict[Path, Recording] = {}
    for clip in truth.clips:
        path = truth.location(clip)
        moment = clip.start.astimezone(UTC) if clip.start is not None else start
        found[path.resolve()] = Recording(path, moment, clip.camera, clip.site, clip.light, clip.zones)
    if not found:
        raise ConfigError("no clip in it", where=str(file), remedy="`brain evaluate truth check` says what is wrong")
    return found, len(truth.mistakes)
