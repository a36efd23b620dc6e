"""Orders to the running service over a socket file that only its own user can open.

One connection, one JSON object on one line each way: ``{"do": "retry", "desk": "city"}`` → ``{"retried": 3}`` or
``{"error": "…"}``.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import structlog

from brain.core.errors import BrainError, DeliveryError

SOCKET_NAME = "control.sock"
LONGEST_LINE = 64 * 1024
TIMEOUT_S = 5.0
_MOST_AT_ONCE = 8
_LONGEST_PATH = 100  # sockaddr_un holds 107 bytes on Linux
Answer = dict[str, Any]
_log = structlog.get_logger(__name__)


class ControlServer:
    """Listens for orders until closed.

    Args:
        path: of the socket file; one that a killed service left behind is replaced.
        handlers: what ``do`` may say → what does it; gets the request, returns the answer, may raise ``BrainError``.
        timeout_s: for reading a request and for writing its answer.
    """

    def __init__(
        self, path: Path, handlers: Mapping[str, Callable[[Answer], Answer]], *, timeout_s: float = TIMEOUT_S
    ) -> None:
        self._path = path.absolute()
        self._handlers = dict(handlers)
        self._timeout_s = timeout_s
        self._slots = threading.BoundedSemaphore(_MOST_AT_ONCE)
        self._listener: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins to listen.

        Raises:
            DeliveryError: another service listens there, or the file cannot be made.
        """
        _remove_stale(self._path)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            # On Linux the mode of the socket before bind becomes the mode of the file: never open to others.
            os.fchmod(listener.fileno(), 0o600)
            with _short(self._path) as address:
                listener.bind(address)
            self._path.chmod(0o600)
            listener.listen(_MOST_AT_ONCE)
        except OSError as error:
            listener.close()
            raise DeliveryError(
                f"control socket cannot be made: {error.strerror or error}",
                where=str(self._path),
                remedy="the state folder must lie on a disk that knows sockets, and be writable",
            ) from error
        self._listener = listener
        self._thread = threading.Thread(target=self._accept, args=(listener,), name="control", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stops listening and removes the file."""
        if self._listener is None:
            return
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept
        self._listener.close()
        self._listener = None
        if self._thread is not None:
            self._thread.join(self._timeout_s)
        self._path.unlink(missing_ok=True)

    def __enter__(self) -> ControlServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                if self._listener is None or listener.fileno() < 0:
                    return
                if _is_shut(listener):
                    return
                time.sleep(0.1)  # out of file descriptors: later
                continue
            if not self._slots.acquire(blocking=False):
                connection.close()
                continue
            threading.Thread(target=self._serve, args=(connection,), name="control-order", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                line = _read_line(connection, self._timeout_s)
                answer = self._answer(line)
                connection.settimeout(self._timeout_s)
                connection.sendall(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
        except (OSError, ValueError):
            pass  # whoever asked has gone, or never asked anything
        finally:
            self._slots.release()

    def _answer(self, line: bytes) -> Answer:
        try:
            request = json.loads(line)
        except (ValueError, RecursionError):
            return {"error": "not JSON"}
        if not isinstance(request, dict) or not isinstance(request.get("do"), str):
            return {"error": 'an order is an object with "do"'}
        handler = self._handlers.get(request["do"])
        if handler is None:
            return {"error": f"unknown order; known: {', '.join(sorted(self._handlers))}"}
        try:
            return handler(request)
        except BrainError as error:
            return {"error": error.line}
        except Exception as error:  # an order may fail, the service may not
            _log.exception("control order failed", order=request["do"])
            return {"error": f"internal error ({type(error).__name__})"}


def ask(path: Path, request: Mapping[str, Any], timeout_s: float = TIMEOUT_S) -> Answer:
    """Gives an order to the service that listens at ``path`` and returns its answer.

    Raises:
        ServiceAwayError: nobody listens there.
        DeliveryError: the service refuses the order or does not answer in time.
    """
    path = path.absolute()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout_s)
        try:
            with _short(path) as address:
                connection.connect(address)
        except OSError as error:
            raise ServiceAwayError("no service listens here", where=str(path), remedy="start `brain run`") from error
        try:
            connection.sendall(json.dumps(dict(request), ensure_ascii=False).encode() + b"\n")
            answer = json.loads(_read_line(connection, timeout_s))
        except (OSError, ValueError) as error:
            raise DeliveryError(
                "the service does not answer", where=str(path), remedy="try again; look at its log"
            ) from error
    if not isinstance(answer, dict):
        raise DeliveryError("the service's answer is not an object", where=str(path))
    if "error" in answer:
        raise DeliveryError(str(answer["error"]), where="service")
    return answer


class ServiceAwayError(DeliveryError):
    """No service listens at the control socket."""


def _read_line(connection: socket.socket, timeout_s: float) -> bytes:
    """One line without its end; ``ValueError`` when it is too long or breaks off, ``OSError`` when it is too slow."""
    until = time.monotonic() + timeout_s
    data = bytearray()
    while b"\n" not in data:
        if len(data) > LONGEST_LINE:
            raise ValueError("line is too long")
        connection.settimeout(max(0.001, until - time.monotonic()))
        if time.monotonic() >= until:
            raise TimeoutError
        chunk = connection.recv(4096)
        if not chunk:
            raise ValueError("line breaks off")
        data += chunk
    return bytes(data.partition(b"\n")[0])


def _remove_stale(path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            with _short(path) as address:
                probe.connect(address)
        except FileNotFoundError:
            return
        except OSError:
            if not path.is_socket():
                raise DeliveryError(
                    "something else lies where the control socket belongs", where=str(path), remedy="move it away"
                ) from None
            path.unlink(missing_ok=True)
            return
    raise DeliveryError("another service listens here", where=str(path), remedy="stop it, or use another state folder")


def _is_shut(listener: socket.socket) -> bool:
    try:
        return not listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError:
        return True


@contextlib.contextmanager
def _short(path: Path) -> Iterator[str]:
    """The path, or for one that is too long for a socket address a short one through an open folder (Linux)."""
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def retry_order(retry: Callable[..., int]) -> Callable[[Answer], Answer]:
    """The handler of ``{"do": "retry", "desk": …, "ids": […], "dead": …}`` around ``Dispatcher.retry``."""

    def handle(request: Answer) -> Answer:
        desk, ids, dead = request.get("desk"), request.get("ids") or [], request.get("dead", False)
        well_formed = isinstance(ids, list) and all(isinstance(item, str) for item in ids)
        if not well_formed or not isinstance(desk, str | None) or not isinstance(dead, bool):
            return {"error": 'retry takes "desk" (text), "ids" (list of texts) and "dead" (true or false)'}
        return {"retried": retry(desk=desk, ids=ids, dead=dead)}

    return handle
