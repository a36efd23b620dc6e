"""What every test may use."""

from __future__ import annotations

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
