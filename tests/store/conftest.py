"""A state folder with an open database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from brain.store.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path / "state", writer=True) as opened:
        yield opened
