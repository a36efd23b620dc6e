"""Connections whose address was checked and whose whole life is bounded in time."""

from __future__ import annotations

import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from typing import Any

import httpcore
from httpcore import SOCKET_OPTION

from brain.core.errors import DeliveryError

_CHUNK = 256 * 1024
# Link-local holds the metadata service of most clouds; the others are metadata services outside it.
_NEVER = tuple(
    ipaddress.ip_network(text)
    for text in (
        "169.254.0.0/16",
        "fe80::/10",
        "100.100.100.200/32",
        "168.63.129.16/32",
        "192.0.0.192/32",
        "fd00:ec2::254/128",
        "0.0.0.0/8",
        "::/128",
        "224.0.0.0/4",
        "ff00::/8",
    )
)


class ForbiddenAddressError(DeliveryError):
    """The desk's address is link-local, a metadata service or no host at all."""


class TlsError(DeliveryError):
    """The desk's certificate or TLS version is not acceptable."""


def check_address(address: str) -> str:
    """The address itself, if it may be connected to.

    Args:
        address: an IP address as text, IPv6 with or without scope.

    Raises:
        ForbiddenAddressError: link-local, metadata service, unspecified or multicast, also inside IPv6 forms of IPv4.
    """
    parsed = ipaddress.ip_address(address.partition("%")[0])
    forms = [parsed]
    if isinstance(parsed, ipaddress.IPv6Address):
        forms += [inner for inner in (parsed.ipv4_mapped, parsed.sixtofour) if inner is not None]
        if parsed in ipaddress.ip_network("64:ff9b::/96"):
            forms.append(ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF))
    if any(form in network for form in forms for network in _NEVER if form.version == network.version):
        raise ForbiddenAddressError(
            f"address {address} is never allowed for a desk", remedy="give the desk's own address"
        )
    return address


def resolve(host: str, port: int, timeout: float) -> list[str]:
    """Checked addresses of a host; one of them that is forbidden spoils all, since names can be made to change.

    Raises:
        ForbiddenAddressError: see :func:`check_address`.
        httpcore.ConnectError: no such host.
        httpcore.ConnectTimeout: the name service did not answer in ``timeout`` seconds.
    """
    try:
        return [check_address(host.strip("[]"))]
    except ValueError:
        pass
    answer: queue.SimpleQueue[list[Any] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answer.put(list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except (OSError, UnicodeError) as error:
            answer.put(error if isinstance(error, OSError) else OSError(str(error)))

    # The C library's resolver cannot be interrupted: it gets a thread that may be left behind.
    threading.Thread(target=ask, name="desk-resolve", daemon=True).start()
    try:
        found = answer.get(timeout=max(0.001, timeout))
    except queue.Empty:
        raise httpcore.ConnectTimeout("name service did not answer") from None
    if isinstance(found, OSError):
        raise httpcore.ConnectError(f"name cannot be resolved ({found.strerror or found})")
    return [check_address(address) for address in dict.fromkeys(item[4][0] for item in found)]


class Deadline:
    """The moment by which the try of the present thread must be over."""

    def __init__(self) -> None:
        self._local = threading.local()

    def start(self, seconds: float) -> None:
        """Begins a try of at most ``seconds``; nothing of it has been sent yet."""
        self._local.at = time.monotonic() + seconds
        self._local.sent = False

    @property
    def sent(self) -> bool:
        """Whether any byte of the present try has been handed to the network."""
        return bool(self._local.sent)

    def mark_sent(self) -> None:
        """Notes that bytes went out."""
        self._local.sent = True

    def left(self, error: type[Exception]) -> float:
        """Seconds left; raises ``error`` when there are none."""
        seconds = float(self._local.at) - time.monotonic()
        if seconds <= 0:
            raise error("deadline passed")
        return seconds


class CheckedBackend(httpcore.NetworkBackend):
    """Opens connections to checked addresses only; every wait is bounded by the deadline of the whole try."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """Resolves once, checks, and connects to the first of these addresses that answers."""
        failure = "no address"
        for address in resolve(host, port, self._deadline.left(httpcore.ConnectTimeout)):
            try:
                sock = socket.create_connection((address, port), self._deadline.left(httpcore.ConnectTimeout))
            except TimeoutError:
                raise httpcore.ConnectTimeout("no answer to the connection") from None
            except OSError as error:
                failure = error.strerror or type(error).__name__
                continue
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return _Stream(sock, self._deadline)
        raise httpcore.ConnectError(failure)


class _Stream(httpcore.NetworkStream):
    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        try:
            self._sock.settimeout(self._deadline.left(httpcore.ReadTimeout))
            return self._sock.recv(max_bytes)
        except TimeoutError:
            raise httpcore.ReadTimeout("no answer in time") from None
        except OSError as error:
            raise httpcore.ReadError(error.strerror or type(error).__name__) from None

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        view = memoryview(buffer)
        try:
            while view:
                self._sock.settimeout(self._deadline.left(httpcore.WriteTimeout))
                self._deadline.mark_sent()
                view = view[self._sock.send(view[:_CHUNK]) :]
        except TimeoutError:
            raise httpcore.WriteTimeout("the desk does not take the message in time") from None
        except OSError as error:
            raise httpcore.WriteError(error.strerror or type(error).__name__) from None

    def close(self) -> None:
        self._sock.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        try:
            self._sock.settimeout(self._deadline.left(httpcore.ConnectTimeout))
            return _Stream(ssl_context.wrap_socket(self._sock, server_hostname=server_hostname), self._deadline)
        except TimeoutError:
            self.close()
            raise httpcore.ConnectTimeout("no TLS handshake in time") from None
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError) as error:
            # The other side hung up: that says nothing of its certificate.
            self.close()
            raise httpcore.ConnectError(f"hung up in the TLS handshake ({type(error).__name__})") from None
        except ssl.SSLError as error:
            self.close()
            text = getattr(error, "verify_message", "") or error.reason or type(error).__name__
            raise TlsError(f"{text}", remedy="mend the desk's certificate or its name") from None
        except OSError as error:
            self.close()
            raise httpcore.ConnectError(error.strerror or type(error).__name__) from None

    def get_extra_info(self, info: str) -> Any:
        if info == "ssl_object" and isinstance(self._sock, ssl.SSLSocket):
            return self._sock
        if info == "is_readable":
            return _readable(self._sock)
        return None


def _readable(sock: socket.socket) -> bool:
    """Whether an idle connection has something to read, i.e. was closed by the other side."""
    import select

    poll = select.poll()
    poll.register(sock.fileno(), select.POLLIN)
    return sock.fileno() < 0 or bool(poll.poll(0))
