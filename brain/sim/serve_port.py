"""Whether an address can be listened on, and what to say when not."""

from __future__ import annotations

import errno
import socket

from brain.core.errors import UsageError


def check_free(host: str, port: int) -> None:
    """Tries an address, before long work for a server on it.

    Raises:
        UsageError: the port is in use, or may not be used; or the host is none of this machine.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, OverflowError) as error:
        raise refusal(error, host, port) from None


def refusal(error: OSError | OverflowError, host: str, port: int) -> UsageError:
    """What to tell of an error of the system when it was asked to listen."""
    where = f"{host}:{port}"
    if isinstance(error, OverflowError):
        return UsageError("no such port", where=where, remedy="take one from 1 to 65535, or 0 for any that is free")
    if error.errno == errno.EADDRINUSE:
        return UsageError("the port is in use", where=where, remedy="take another with --port, or 0 for a free one")
    return UsageError(f"cannot listen there: {error.strerror}", where=where, remedy="take another --host or --port")
