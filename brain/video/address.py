"""Which addresses may be opened: allowed networks and the protocols that we need, nothing else."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from brain.config.secrets import redact
from brain.core.errors import AddressError, UnreachableError

Resolve = Callable[[str], Sequence[str]]
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
RESOLVE_S = 5.0
DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322}
_METADATA = frozenset(
    ipaddress.ip_address(text)
    # Clouds' metadata services that are not link-local: AWS (IPv6), Alibaba, Azure, Oracle.
    for text in ("fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192")
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def resolve_host(host: str) -> list[str]:
    """All addresses of a host name.

    Asked in a thread of its own, as the system's resolver may take a minute and cannot be hurried.

    Raises:
        UnreachableError: the name is not known, or nobody answers in time.
    """
    found: list[str] = []
    thread = threading.Thread(target=_ask_resolver, args=(host, found), name="resolver", daemon=True)
    thread.start()
    thread.join(RESOLVE_S)
    if thread.is_alive():
        raise UnreachableError(
            f"no answer to the question where {host!r} is", remedy="check the name server, or write the address"
        )
    if not found:
        raise UnreachableError(f"host name {host!r} is not known", remedy="check the name or write the address")
    return found


def _ask_resolver(host: str, found: list[str]) -> None:
    try:
        found += sorted({str(info[4][0]) for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)})
    except (OSError, ValueError):  # ValueError: a label that is empty or too long, a NUL in the name
        return


def is_allowed(address: str, allow: Sequence[str]) -> bool:
    """Whether an IP address lies in the allowed networks (``private``, ``loopback``, ``any`` or CIDR).

    Link-local and cloud metadata, multicast and unspecified addresses are never allowed, nor are such IPv4 addresses
    inside an IPv6 one.
    """
    ip = _unmapped(ipaddress.ip_address(address))
    if any(_is_forbidden(one) for one in (ip, *_embedded(ip))):
        return False
    for item in allow:
        if item == "any" or (item == "loopback" and ip.is_loopback):
            return True
        if item == "private":
            if ip.is_private and not ip.is_loopback and not ip.is_reserved:
                return True
        elif item != "loopback" and ip in ipaddress.ip_network(item):
            return True
    return False


def pin_address(url: str, allow: Sequence[str], resolve: Resolve = resolve_host) -> str:
    """The same address with the host resolved once and checked, so that a name cannot move between check and connect.

    Args:
        url: ``rtsp://`` or ``rtsps://``, without credentials.
        allow: ``network.allow`` of the settings.

    Raises:
        AddressError: another protocol, no host, a port that is none, or outside the allowed networks.
        UnreachableError: the host name is not known.
    """
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:
        raise AddressError(
            "the host or port cannot be read", where=redact(url), remedy="write it like rtsp://10.1.2.3:554/path"
        ) from None
    if scheme not in DEFAULT_PORTS:
        raise AddressError(f"protocol {scheme!r} is not opened", remedy="use rtsp://, rtsps:// or a file")
    if not host:
        raise AddressError("no host in the address", where=redact(url), remedy="write rtsp://HOST/path")
    for address in resolve(host):
        if is_allowed(address, allow):
            shown = f"[{address}]" if ":" in address else address
            rest = parts.path + (f"?{parts.query}" if parts.query else "")
            return f"{scheme}://{shown}:{port or DEFAULT_PORTS[scheme]}{rest}"
    raise AddressError(
        f"{host} is outside the allowed networks ({', '.join(allow)})",
        remedy="add its network to network.allow in the settings file if that is meant",
    )


def _is_forbidden(ip: IpAddress) -> bool:
    return ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip in _METADATA


def _embedded(ip: IpAddress) -> list[ipaddress.IPv4Address]:
    """IPv4 addresses that a gateway would take out of an IPv6 one: 6to4 and NAT64."""
    if isinstance(ip, ipaddress.IPv4Address):
        return []
    found = [] if ip.sixtofour is None else [ip.sixtofour]
    return [*found, ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)] if ip in _NAT64 else found


def _unmapped(ip: IpAddress) -> IpAddress:
    """IPv4 inside IPv6 (::ffff:a.b.c.d) as IPv4, so that it cannot pass as something else."""
    mapped = getattr(ip, "ipv4_mapped", None)
    return mapped if mapped is not None else ip
