"""``brain replay FILE…``: which events recorded video would have raised. 录像回放。"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Annotated

import typer

from brain.cli.clip_options import (
    NOON,
    ClipPlan,
    Overrides,
    RuntimeOption,
    SetFileOption,
    SetOption,
    StartOption,
    WeightsOption,
    ZoneOption,
    deal_out,
    plan_scenarios,
    profile_of,
)
from brain.cli.replay_named import Named
from brain.cli.replay_progress import ClipBar
from brain.cli.replay_shown import Shown
from brain.config.paths import own_scenarios
from brain.core.errors import UsageError
from brain.replay.find import Recording, run_clips
from brain.replay.plan import (
    ReplayPlan,
    change_plan,
    check_observed,
    observed_header,
    plan_as_run,
    video_header,
)
from brain.replay.record import Recorder, clip_digest
from brain.replay.run import HEADER, ClipResult, Run, RunClip, RunHeader
from brain.replay.work import WorkOrder
from brain.replay.workers import replay_clips
from brain.runtime.assembly import Parts
from brain.runtime.pool import cores
from brain.scenarios.registry import Registry

FilesArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[FILE…]", help="files, folders, patterns like 'a/*.mp4', or sim:SCENE?seed=7"),
]
ScenariosOption = Annotated[
    list[str] | None, typer.Option("--scenario", metavar="ID", help="repeatable; see `brain scenarios list`")
]
TruthOption = Annotated[
    Path | None,
    typer.Option("--truth", metavar="FILE", help="zones, camera, site, start and light of the clips; with no FILE all"),
]
SimTruthOption = Annotated[
    Path | None,
    typer.Option("--sim-truth", metavar="FILE", help="writes the truth of sim: sources, for `brain evaluate`"),
]
RecordOption = Annotated[
    Path | None, typer.Option("--record", metavar="DIR", help="write a run folder; the same DIR goes on after a stop")
]
FromOption = Annotated[
    Path | None,
    typer.Option("--from", metavar="DIR", help="rules from the observations of a run folder: no video, no model"),
]
WorkersOption = Annotated[int, typer.Option("--workers", min=0, max=256, help="processes; 0 = one per core")]
RealtimeOption = Annotated[bool, typer.Option("--realtime", help="at the pace of the clock")]


def command(
    files: FilesArgument = None,
    scenario: ScenariosOption = None,
    zone: ZoneOption = None,
    truth: TruthOption = None,
    sim_truth: SimTruthOption = None,
    set_: SetOption = None,
    set_file: SetFileOption = None,
    profile: Annotated[str | None, typer.Option("--profile", help="normal, or short: every dwell 10 s")] = None,
    weights: WeightsOption = None,
    start: StartOption = NOON,
    runtime: RuntimeOption = "onnxruntime",
    record: RecordOption = None,
    from_: FromOption = None,
    workers: WorkersOption = 0,
    realtime: RealtimeOption = False,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
) -> None:
    """Replays recorded video in media time, as fast as it goes; the same clip always gives the same events."""
    overrides = Overrides(set_ or [], set_file or [])
    if from_ is not None:
        given: dict[str, object] = {"FILE": files, "--zone": zone, "--truth": truth, "--sim-truth": sim_truth}
        given |= {"--weights": weights, "--realtime": realtime}
        _refuse_with_from([name for name, value in given.items() if value], start, runtime)
        job = _from_run(Run(from_), scenario, overrides, profile, record)
    else:
        named = Named(files or [], zone or [], truth, sim_truth, start)
        named.check()
        if not scenario:
            raise UsageError("no scenario named", remedy="--scenario ID, repeatable; see `brain scenarios list`")
        watched = ClipPlan(scenario, zone or [], overrides, profile or "normal", weights, runtime)
        recordings, mistakes = named.recordings(watched.zones)
        job = _Job(watched.plan, recordings=recordings, parts=watched.parts, record=record, mistakes=mistakes)
        if named.drawn:
            job.check_folder()
            named.draw()
    job.realtime = realtime
    failed = job.run(workers or cores(), as_json)
    if failed:
        raise typer.Exit(1)


class _Job:
    """One call of the command, from its clips to what is printed."""

    def __init__(
        self,
        plan: ReplayPlan,
        *,
        recordings: Sequence[Recording] = (),
        parts: Parts | None = None,
        source: Run | None = None,
        record: Path | None,
        mistakes: int = 0,
    ) -> None:
        self._plan, self._parts, self._source, self._record = plan, parts, source, record
        self._recordings = recordings
        self._mistakes = mistakes
        self.realtime = False

    def check_folder(self) -> None:
        """Refuses a run folder that is not ours, before anything is drawn for it; the clips need not be there yet.

        Raises:
            ConfigError, StoreError, UsageError: another run or other files lie there, or it cannot be written.
        """
        from brain.sim.export import check_makeable

        folder = self._record
        if folder is None:
            return
        check_makeable(folder)
        if not folder.is_dir() or not any(folder.iterdir()):
            return
        there = {clip.id: clip.sha256 for clip in Run(folder).header.clips} if (folder / HEADER).exists() else {}
        clips = run_clips(self._recordings)
        clips = tuple(clip.model_copy(update={"sha256": there.get(clip.id, "")}) for clip in clips)
        Recorder(folder, self._header(clips)).close()

    def run(self, workers: int, as_json: bool) -> bool:
        """Replays everything and prints it; whether anything was wrong."""
        with ExitStack() as stack, ClipBar() as bar:
            clips = self._clips(bar)
            finished: dict[str, ClipResult] = {}
            if self._record is not None:
                recorder = stack.enter_context(Recorder(self._record, self._header(clips)))
                finished = recorder.finished
                _note_finished(len(finished), len(clips))
            observed = self._source.folder if self._source is not None else None
            order = WorkOrder(self._plan, observed, self._record, self.realtime)
            todo = [clip for clip in clips if clip.id not in finished]
            bar.replaying(todo, probe=self._source is None)
            results = stack.enter_context(closing(replay_clips(order, todo, workers, bar.tell, self._parts)))
            shown = Shown(clips, self._names(clips), finished, as_json)
            shown.show()
            for number, result in results:
                bar.done(number)
                finished[todo[number].id] = result
                shown.show()
        shown.end()
        return shown.failed > 0 or self._mistakes > 0

    def _clips(self, bar: ClipBar) -> tuple[RunClip, ...]:
        if self._source is not None:
            return self._source.header.clips
        return run_clips(self._recordings, bar.digesting(clip_digest) if self._record is not None else None)

    def _names(self, clips: Sequence[RunClip]) -> list[str]:
        """The clips as people named them."""
        return [str(item.path) for item in self._recordings] or [clip.path for clip in clips]

    def _header(self, clips: Sequence[RunClip]) -> RunHeader:
        if self._source is not None:
            return observed_header(self._source, self._plan)
        assert self._parts is not None
        return video_header(self._plan, clips, self._parts.algorithms)


def _from_run(
    run: Run, names: Sequence[str] | None, overrides: Overrides, profile: str | None, record: Path | None
) -> _Job:
    """Scenarios exactly as they ran; as they are now where they, or a profile, are named."""
    if record is not None and record.resolve() == run.folder.resolve():
        raise UsageError("--record names the run that --from reads", remedy="name another folder to write to")
    if names or profile is not None:
        chosen = profile_of(profile) if profile is not None else run.header.profile
        wanted = names or [item.id for item in run.header.scenarios]
        plan = ReplayPlan(plan_scenarios(Registry.open(own_scenarios()), wanted, overrides, chosen), chosen)
    else:
        plan = plan_as_run(run)
        plan = change_plan(plan, deal_out(overrides, [item.manifest for item in plan.scenarios], plan.profile))
    check_observed(plan, run)
    return _Job(plan, source=run, record=record)


def _refuse_with_from(given: list[str], start: str, runtime: str) -> None:
    given += ["--start"] if start != NOON else []
    given += ["--runtime"] if runtime != "onnxruntime" else []
    if given:
        remedy = "leave it away: clips, zones and start are those of the run, and no network runs"
        raise UsageError(f"{given[0]} does not go with --from", remedy=remedy)


def _note_finished(there: int, of: int) -> None:
    if there:
        print(f"{there} of {of} clips are there already", file=sys.stderr)
