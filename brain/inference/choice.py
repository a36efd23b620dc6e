"""``runtime: auto``: measure the runtimes that are present once per machine and weights, and keep the winner."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from brain.core.errors import WeightsError
from brain.inference.cards import Card, write_atomic
from brain.inference.runtimes import RUNTIMES, Runtime, RuntimeName, installed_runtimes, make_runtime

RuntimeChoice = Literal["auto", "onnxruntime", "openvino"]
Maker = Callable[[RuntimeName, Path], Runtime]
MEASURED_RUNS = 9


class Measured(BaseModel):
    """What was measured, under which conditions, and who won."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sha256: str
    cpu: str
    versions: dict[str, str]
    milliseconds: dict[str, float]
    winner: RuntimeName


def cache_file(cache_dir: Path, sha256: str) -> Path:
    """Where the winner for some weights is kept."""
    return cache_dir / f"runtime-{sha256[:12]}.json"


def choose_runtime(
    card: Card,
    path: Path,
    wish: RuntimeChoice,
    cache_dir: Path | None,
    *,
    versions: Mapping[RuntimeName, str] | None = None,
    make: Maker = make_runtime,
) -> Runtime:
    """The network in the runtime that was asked for, or in the fastest one.

    A missing, broken or outdated cache is measured anew; one that cannot be written costs a measurement at the next
    start and nothing else.

    Args:
        card: of the weights.
        path: the ONNX file.
        wish: a runtime's name, or ``auto``.
        cache_dir: where winners are kept; ``None`` keeps nothing.
        versions: the runtimes to choose from; those installed unless told.
        make: loads a network into a runtime.

    Raises:
        WeightsError: the runtime is not installed, or none of those present can read the file.
    """
    if wish != "auto":
        return make(wish, path)
    versions = installed_runtimes() if versions is None else versions
    if len(versions) == 1:
        return make(next(iter(versions)), path)
    cached = _read_cache(cache_dir, card.sha256, versions)
    if cached is not None:
        return make(cached, path)
    candidates = _load_all(versions, path, make)
    if len(candidates) == 1:
        return candidates[0]
    costs = measure(candidates, card)
    best = min(candidates, key=lambda runtime: costs[runtime.name])
    if cache_dir is not None:
        _write_cache(cache_dir, card.sha256, versions, costs, best.name)
    return best


def measure(
    candidates: Sequence[Runtime], card: Card, clock: Callable[[], float] = time.perf_counter
) -> dict[RuntimeName, float]:
    """Milliseconds per picture of each runtime: the best of nine runs, taken in turns so that a busy moment of the
    machine hits all alike.
    """
    batch = np.full((1, 3, card.input.height, card.input.width), 0.4, np.float32)
    names = card.output.names
    best: dict[RuntimeName, float] = {}
    for turn in range(MEASURED_RUNS + 1):
        for runtime in candidates:
            begin = clock()
            runtime.run(batch, names)
            spent = (clock() - begin) * 1e3
            if turn:  # the first run allocates
                best[runtime.name] = min(spent, best.get(runtime.name, spent))
    return best


def cpu_model() -> str:
    """The processor's model name and, in short, what the kernel says it can compute."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    fields = dict(_pair(line) for line in lines)
    name = fields.get("model name") or platform.processor() or platform.machine()
    flags = sorted(flag for flag in fields.get("flags", "").split() if flag.startswith(("avx", "amx")))
    return f"{name} [{' '.join(flags)}]"


def _pair(line: str) -> tuple[str, str]:
    key, _, value = line.partition(":")
    return key.strip(), value.strip()


def _load_all(versions: Mapping[RuntimeName, str], path: Path, make: Maker) -> list[Runtime]:
    """Every runtime that can read the file; the first one's error when none can."""
    loaded: list[Runtime] = []
    first_error: WeightsError | None = None
    for name in (name for name in RUNTIMES if name in versions):
        try:
            loaded.append(make(name, path))
        except WeightsError as error:
            first_error = first_error or error
    if not loaded and first_error is not None:
        raise first_error
    return loaded


def _read_cache(cache_dir: Path | None, sha256: str, versions: Mapping[RuntimeName, str]) -> RuntimeName | None:
    if cache_dir is None:
        return None
    try:
        kept = Measured.model_validate_json(cache_file(cache_dir, sha256).read_bytes())
    except (OSError, ValidationError):
        return None
    same = kept.sha256 == sha256 and kept.cpu == cpu_model() and kept.versions == dict(versions)
    return kept.winner if same else None


def _write_cache(
    cache_dir: Path,
    sha256: str,
    versions: Mapping[RuntimeName, str],
    costs: Mapping[RuntimeName, float],
    winner: RuntimeName,
) -> None:
    kept = Measured(
        sha256=sha256,
        cpu=cpu_model(),
        versions=dict(versions),
        milliseconds={name: round(cost, 3) for name, cost in costs.items()},
        winner=winner,
    )
    text = json.dumps(kept.model_dump(), indent=1, ensure_ascii=False) + "\n"
    try:
        write_atomic(cache_file(cache_dir, sha256), text.encode())
    except WeightsError:
        return  # a read-only cache folder is no reason to refuse work
