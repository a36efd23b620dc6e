"""Structured logs on standard error: one JSON object a line, with the credentials of addresses struck out."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from brain.config.secrets import redact


def set_up_logs(*, as_json: bool, process: str) -> None:
    """Sets up logging of this process, once, at its start.

    Args:
        as_json: one JSON object a line; else coloured lines for people.
        process: named in every line (``service``, ``worker-0`` …).
    """
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    )
    structlog.configure(
        processors=[
            _named(process),
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Tracebacks become text before the striking out, as libraries put addresses into their exceptions.
            structlog.processors.format_exc_info,
            _strike_out,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: QuietPrinter(structlog.PrintLogger(sys.stderr)),
        cache_logger_on_first_use=True,
    )


class QuietPrinter:
    """Prints lines; a line that cannot be written (the disk behind standard error is full) must stop nobody."""

    def __init__(self, printer: structlog.PrintLogger) -> None:
        self._printer = printer

    def msg(self, message: str) -> None:
        """One line."""
        try:
            self._printer.msg(message)
        except (OSError, ValueError):
            pass

    log = debug = info = warning = warn = error = err = critical = fatal = failure = exception = msg


def logger() -> structlog.typing.FilteringBoundLogger:
    """The logger of this process."""
    made: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return made


def _named(process: str) -> structlog.typing.Processor:
    def name(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["process"] = process
        return event

    return name


def _strike_out(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        event[key] = _clean(value)
    return event


def _clean(value: Any) -> Any:
    """The same value without credentials; what is no plain value becomes text here, not later in the renderer."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {redact(str(key)): _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(item) for item in value]
    return redact(str(value))
