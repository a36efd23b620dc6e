"""Whether the packages of the extra ``evaluation`` are there; a machine that only watches does without them."""

from __future__ import annotations

from importlib.util import find_spec

from brain.core.errors import UsageError


def need(*packages: str) -> None:
    """Refuses with a remedy where a package is missing, before anything imports it.

    Raises:
        UsageError: names the packages that are missing.
    """
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        raise UsageError(
            f"this command needs {', '.join(missing)}, which is not installed",
            remedy="install the extra: pip install 'city-brain[evaluation]'",
        )
