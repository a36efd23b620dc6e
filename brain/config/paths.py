"""Where files lie: what ships with the product, and what the user's machine adds."""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def assets() -> Path:
    """The folder with ``scenarios/``, ``models/`` and ``configs/``: the checkout, or inside the installed package."""
    packed = _PACKAGE / "_assets"
    return packed if packed.is_dir() else _PACKAGE.parent


def home() -> Path:
    """The user's own folder for weights and caches: ``$BRAIN_HOME``, else ``$XDG_DATA_HOME/city-brain``."""
    own = os.environ.get("BRAIN_HOME")
    if own:
        return Path(own).expanduser()
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "city-brain"


def cache() -> Path:
    """Folder of measured things that may be deleted at any time."""
    return home() / "cache"


def own_scenarios() -> Path | None:
    """The user's own scenarios, ``<home>/scenarios``; ``None`` where there is no such folder."""
    folder = home() / "scenarios"
    return folder if folder.is_dir() else None
