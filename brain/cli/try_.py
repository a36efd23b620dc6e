"""``brain try SOURCE --scenario ID``: what would be found there, now."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from pydantic import SecretStr, ValidationError

from brain.cli import sim_source
from brain.cli.clip_options import (
    NOON,
    ClipPlan,
    Overrides,
    ProfileOption,
    RuntimeOption,
    ScenarioOption,
    SetFileOption,
    SetOption,
    StartOption,
    WeightsOption,
    ZoneOption,
    start_time,
    start_zone,
)
from brain.config.secrets import Address, read_secret, split_address
from brain.config.settings import MISSPELT_ADDRESS, NetworkSettings, source_scheme
from brain.core.errors import UsageError
from brain.core.ids import safe_name
from brain.replay.trial import Trial, TrialStep, in_words
from brain.video.demux import OpenOptions

HANDED_OVER = "BRAIN_TRY_CREDENTIALS_FD"


def command(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="rtsp://…, rtsps://…, a file, or sim:SCENE?seed=7")],
    scenario: ScenarioOption,
    zone: ZoneOption = None,
    set_: SetOption = None,
    set_file: SetFileOption = None,
    profile: ProfileOption = "normal",
    weights: WeightsOption = None,
    start: StartOption = NOON,
    runtime: RuntimeOption = "onnxruntime",
    username: Annotated[str | None, typer.Option(help="of the camera, if not in SOURCE")] = None,
    password_file: Annotated[Path | None, typer.Option(help="file with the camera's password")] = None,
    password_env: Annotated[str | None, typer.Option(help="environment variable with it")] = None,
    transport: Annotated[str, typer.Option(help="tcp or udp")] = "tcp",
    allow: Annotated[list[str] | None, typer.Option(help="allowed networks: private, loopback, any, CIDR")] = None,
    seconds: Annotated[float | None, typer.Option(min=0.1, help="stop after so long")] = None,
    out: Annotated[Path, typer.Option(help="folder for pictures")] = Path("brain-try"),
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a sample")] = False,
) -> None:
    """Watches one camera, file or drawn scene, says at every sample what is found, and leaves pictures with boxes."""
    if transport not in ("tcp", "udp"):
        raise UsageError(f"no transport called {transport!r}", remedy="use tcp or udp")
    drawn = sim_source.is_drawn(source)
    if drawn:
        sim_source.check_sources([source])
        address = Address(source)
    else:
        address = _address(source, username, read_secret(None, password_file, password_env, what="password"))
    plan = ClipPlan(scenario, zone or [], Overrides(set_ or [], set_file or []), profile, weights, runtime)
    options = OpenOptions(transport, _networks(allow))
    moment = start_time(start)
    if drawn:
        trial = _drawn_trial(source, plan, options, start, out, seconds)
    else:
        live = source_scheme(address.url) != "file"
        city = datetime.now().astimezone().tzinfo or UTC if live else start_zone(start)
        trial = Trial(address, options, plan.tasks(_name(address)), moment, out, seconds, city)
    steps = trial.run(plan.parts)
    try:
        for step in steps:
            print(_as_json(step) if as_json else _as_text(step, trial.city), flush=True)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
    finally:
        steps.close()
        if trial.last_picture is not None:
            print(f"last picture: {trial.last_picture}", file=sys.stderr)


def _drawn_trial(
    source: str, plan: ClipPlan, options: OpenOptions, start: str, out: Path, seconds: float | None
) -> Trial:
    """The trial of a drawn scene, in its own zones unless others are given; says what is to be found."""
    (clip,) = sim_source.draw([source])
    for line in sim_source.in_words(clip):
        print(line, file=sys.stderr)
    tasks = plan.tasks(safe_name(clip.path), sim_source.zones_of(clip, plan.zones))
    moment, city = sim_source.start_of(clip, start), sim_source.zone_of(clip, start)
    return Trial(Address(str(clip.path)), options, tasks, moment, out, seconds, city)


def _networks(allow: list[str] | None) -> tuple[str, ...]:
    try:
        return NetworkSettings(allow=tuple(allow)).allow if allow else NetworkSettings().allow
    except ValidationError as error:
        raise UsageError(
            f"--allow: {error.errors()[0]['msg']}", remedy="e.g. --allow private --allow 203.0.113.0/24"
        ) from None


def _address(source: str, username: str | None, password: SecretStr | None) -> Address:
    """Credentials out of the command line: every user of a machine can read it in the process list."""
    if source_scheme(source) == "file":
        if MISSPELT_ADDRESS.fullmatch(source) and not Path(source).exists():
            remedy = "write it like rtsp://10.1.2.3/stream"
            raise UsageError("SOURCE looks like an address, but is none", remedy=remedy)
        return Address(source.removeprefix("file://"))
    address = split_address(source)
    if address.username is not None:
        _start_again_without(source, address)
    handed = os.environ.pop(HANDED_OVER, None)
    if handed is not None:
        with os.fdopen(int(handed), "r", encoding="utf-8") as pipe:
            username, secret = json.load(pipe)
        return Address(address.url, username, SecretStr(secret))
    return Address(address.url, username, password)


def _start_again_without(source: str, address: Address) -> None:
    """Replaces this process by the same command with the address bare; the credentials go through a pipe."""
    read_end, write_end = os.pipe()
    os.set_inheritable(read_end, True)
    secret = address.password.get_secret_value() if address.password else ""
    os.write(write_end, json.dumps([address.username, secret]).encode())
    os.close(write_end)
    arguments = [address.url if part == source else part for part in sys.argv[1:]]
    environment = os.environ | {HANDED_OVER: str(read_end)}
    os.execve(sys.executable, [sys.executable, "-P", "-m", "brain.cli.main", *arguments], environment)


def _name(address: Address) -> str:
    return safe_name(Path(urlsplit(address.url).hostname or address.url))


def _as_text(step: TrialStep, city: tzinfo) -> str:
    at = step.outcome.sample.time.astimezone(city).timetz().isoformat("seconds")
    lines = []
    for part in step.outcome.steps:
        told = f"{at} {part.task.scenario}/{part.task.zone.name}: {in_words(part.finding)}"
        lines.append(told + "".join(f"  ** {change.kind.value} {change.severity.value} **" for change in part.changes))
    lines += [f"         picture: {path}" for path in step.pictures]
    return "\n".join(lines)


def _as_json(step: TrialStep) -> str:
    sample = step.outcome.sample
    findings = [
        {
            "scenario": part.task.scenario,
            "zone": part.task.zone.name,
            "active": part.finding.active,
            "lasted_s": round(part.finding.lasted_s, 3),
            "measure": round(part.finding.measure, 3),
            "score": round(part.finding.score, 3),
            "changes": [change.kind.value for change in part.changes],
        }
        for part in step.outcome.steps
    ]
    pictures = [str(path) for path in step.pictures]
    return json.dumps({"pts_s": round(sample.pts_s, 3), "findings": findings, "pictures": pictures})
