"""``brain``: picks the command, loads only what it needs, and is the one place that prints errors."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

import typer

from brain import __version__
from brain.config.secrets import redact
from brain.core.errors import BrainError
from brain.runtime.parent import end_with_parent_if_told

# command → module; a module has `app` (a group of commands) or `command` (one).
COMMANDS = {
    "demo": "brain.cli.demo",
    "run": "brain.cli.run",
    "check": "brain.cli.check",
    "try": "brain.cli.try_",
    "replay": "brain.cli.replay",
    "evaluate": "brain.cli.evaluate",
    "cases": "brain.cli.cases",
    "dispatch": "brain.cli.dispatch",
    "scenarios": "brain.cli.scenarios",
    "models": "brain.cli.models",
    "desk": "brain.cli.desk",
    "sim": "brain.cli.sim",
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
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(TERMINATED))
    end_with_parent_if_told()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without Chinese letters is no reason to fail
    try:
        first = sys.argv[1] if len(sys.argv) > 1 else ""
        if first == "--version":
            _version(True)
        build([first] if first in COMMANDS else list(COMMANDS))(prog_name="brain")
        sys.stdout.flush()
    except typer.Exit as end:
        sys.exit(end.exit_code)
    except BrainError as error:
        _complain(str(error), error.exit_code)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        _complain(f"{error.strerror or type(error).__name__}: {error.filename or 'output'}", 1)
    except Exception as error:
        if os.environ.get("BRAIN_DEBUG"):
            raise
        _complain(
            f"unforeseen {type(error).__name__}: {error}\n  remedy: this is our mistake; BRAIN_DEBUG=1 shows where", 70
        )


def _complain(text: str, code: int) -> NoReturn:
    print(f"brain: {redact(text)}", file=sys.stderr)
    try:
        sys.stdout.close()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(code)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"city-brain {__version__}")
        raise typer.Exit


if __name__ == "__main__":
    main()
