"""``brain``: picks the command, loads only what it needs, and is the one place that prints errors."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from importlib import import_module

import typer

from brain import __version__
from brain.core.errors import BrainError

# command → module; a module has `app` (a group of commands) or `command` (one).
COMMANDS = {
    "demo": "brain.cli.demo",
    "run": "brain.cli.run",
    "check": "brain.cli.check",
    "try": "brain.cli.try_",
    "replay": "brain.cli.replay",
    "cases": "brain.cli.cases",
    "dispatch": "brain.cli.dispatch",
    "scenarios": "brain.cli.scenarios",
    "models": "brain.cli.models",
    "desk": "brain.cli.desk",
    "bench": "brain.cli.bench",
}
INTERRUPTED = 130
TERMINATED = 143


def build(names: Sequence[str]) -> typer.Typer:
    """The command line with some of its commands; loading all of them takes a second."""
    app = typer.Typer(
        name="brain",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="From a city's cameras to its dispatch desk. 城市视频大脑。",
    )

    @app.callback()
    def brain(
        version: bool = typer.Option(False, "--version", is_eager=True, help="print the version", callback=_version),
    ) -> None:
        """From a city's cameras to its dispatch desk. 城市视频大脑。"""

    for name in names:
        module = import_module(COMMANDS[name])
        if hasattr(module, "app"):
            app.add_typer(module.app, name=name)
        else:
            app.command(name)(module.command)
    return app


def main() -> None:
    """Entry point."""
    # A SIGTERM unwinds the stack like an error, so that processes started from here are stopped as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    first = sys.argv[1] if len(sys.argv) > 1 else ""
    try:
        build([first] if first in COMMANDS else list(COMMANDS))()
    except BrainError as error:
        print(f"brain: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"city-brain {__version__}")
        raise typer.Exit


if __name__ == "__main__":
    main()
