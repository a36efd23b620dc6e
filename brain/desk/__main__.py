"""``python -m brain.desk``."""

from __future__ import annotations

import sys

import typer

from brain.core.errors import BrainError
from brain.desk.command import run_desk


def main() -> None:
    """Runs the desk until it is stopped; a mistake ends it with its words and exit code."""
    try:
        typer.run(run_desk)
    except BrainError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(error.exit_code) from None


if __name__ == "__main__":
    main()
