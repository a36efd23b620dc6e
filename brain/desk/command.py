"""The options of ``brain desk``."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated

import typer

from brain.config.secrets import read_secret
from brain.core.errors import UsageError
from brain.desk.faults import FaultPlan
from brain.desk.ledger import Ledger
from brain.desk.server import serve
from brain.dispatch.signing import parse_secret


def run_desk(
    folder: Annotated[Path, typer.Option("--dir", help="ledger, messages and pictures are kept here")] = Path("desk"),
    host: Annotated[str, typer.Option(help="loopback only, unless --any-host")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 = any free port")] = 8700,
    any_host: Annotated[bool, typer.Option("--any-host", help="allow an address that others can reach")] = False,
    secret_file: Annotated[
        list[Path] | None, typer.Option(help="file with whsec_…; repeat it while a secret is being changed")
    ] = None,
    secret_env: Annotated[str | None, typer.Option(help="environment variable with whsec_…")] = None,
    unsigned: Annotated[bool, typer.Option("--unsigned", help="take messages without signature")] = False,
    max_body_mb: Annotated[float, typer.Option(min=0.001, max=1024)] = 64.0,
    error_rate: Annotated[float, typer.Option(min=0, max=1, help="trial: answers 500, 503 or 429")] = 0.0,
    timeout_rate: Annotated[float, typer.Option(min=0, max=1, help="trial: answers too late")] = 0.0,
    timeout_sleep: Annotated[float, typer.Option(min=0, help="trial: seconds of such an answer")] = 20.0,
    store_then_fail_rate: Annotated[
        float, typer.Option(min=0, max=1, help="trial: keeps it, then 502 or hangs up")
    ] = 0.0,
    seed: Annotated[int, typer.Option(help="trial: makes the faults repeatable")] = 0,
) -> None:
    """Runs a small desk that receives cases, keeps each once and shows them: for trials, not for a city.

    Raises:
        UsageError: contradicting options.
        ConfigError: a secret that cannot be read or is malformed.
        StoreError: the folder cannot be written, or its ledger is damaged.
    """
    if unsigned and (secret_file or secret_env):
        raise UsageError("--unsigned and a secret contradict each other", remedy="leave one of them out")
    keys = [] if unsigned else _keys(secret_file or [], secret_env)
    _check_host(host, any_host)
    if error_rate + timeout_rate + store_then_fail_rate > 1:
        raise UsageError("the three trial rates add up to more than 1", remedy="lower them")
    plan = FaultPlan(error_rate, timeout_rate, store_then_fail_rate, timeout_sleep, seed)
    with Ledger.open(folder) as ledger:
        serve(ledger, keys, plan, host=host, port=port, max_body=int(max_body_mb * 1024 * 1024))


def _keys(files: list[Path], env: str | None) -> list[bytes]:
    texts = [read_secret(None, file, None, what="desk secret") for file in files]
    if env is not None:
        texts.append(read_secret(None, None, env, what="desk secret"))
    if not texts:
        raise UsageError("the desk has no secret", remedy="give --secret-file or --secret-env, or --unsigned")
    return [parse_secret(text.get_secret_value(), what="desk secret") for text in texts if text is not None]


def _check_host(host: str, any_host: bool) -> None:
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        raise UsageError(f"{host!r} is not an IP address", remedy="write 127.0.0.1 or another address") from None
    if not loopback and not any_host:
        raise UsageError(
            f"{host} can be reached by others, and this desk has no log-in", remedy="use 127.0.0.1, or add --any-host"
        )
