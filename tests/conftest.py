"""What every test may use."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder with real clips and weights beside the checkout; skips visibly where there is none."""
    folder = ROOT.parent / "shared"
    if not (folder / "material").is_dir():
        pytest.skip("no folder ../shared with real clips and weights beside this checkout")
    return folder


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="leave out the tests marked slow or full")
    parser.addoption("--full", action="store_true", help="run the long proofs as well")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    quick, full = config.getoption("--quick"), config.getoption("--full")
    for item in items:
        if "full" in item.keywords and not full:
            item.add_marker(pytest.mark.skip(reason="a long proof: run scripts/test --full"))
        elif "slow" in item.keywords and quick:
            item.add_marker(pytest.mark.skip(reason="left out by --quick"))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Where tests run side by side, one that measures times has the machine for itself."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return (yield)
    with turn(Path(tempfile.gettempdir()) / f"city-brain-tests-{os.getuid()}", alone="timed" in item.keywords):
        return (yield)


@contextmanager
def turn(path: Path, *, alone: bool) -> Iterator[None]:
    """Alone, or together with others who are not.

    Whoever comes passes through the door one by one, so that one who waits to be alone is not overtaken for ever.
    """
    with path.with_suffix(".door").open("w") as door, path.with_suffix(".room").open("w") as room:
        fcntl.flock(door, fcntl.LOCK_EX)
        fcntl.flock(room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(door, fcntl.LOCK_UN)
        yield
