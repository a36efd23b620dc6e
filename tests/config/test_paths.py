"""Where files lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from brain.config import paths


def test_assets_hold_what_ships() -> None:
    assert {"scenarios", "models", "configs"} <= {item.name for item in paths.assets().iterdir()}


@pytest.mark.parametrize(
    ("own", "data", "expected"),
    [
        ("/srv/brain", "/data", "/srv/brain"),
        ("~/brain", None, "/home/somebody/brain"),
        (None, "/data", "/data/city-brain"),
        ("", "", "/home/somebody/.local/share/city-brain"),
        (None, None, "/home/somebody/.local/share/city-brain"),
    ],
)
def test_home(monkeypatch: pytest.MonkeyPatch, own: str | None, data: str | None, expected: str) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    for name, value in (("BRAIN_HOME", own), ("XDG_DATA_HOME", data)):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    assert paths.home() == Path(expected)
    assert paths.cache() == Path(expected) / "cache"
