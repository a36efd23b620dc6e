"""Which addresses may be opened: allowed networks and the protocols that we need, nothing else."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from brain.core.errors import AddressError, UnreachableError

Resolve = Callable[[str], Sequence[str]]
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322}


def resolve_host(host: str) -> list[str]:
    """All addresses of a host name.

    Raises:
        UnreachableError: the name is not known.
    """
    try:
        return sorted({str(info[4][0]) for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)})
    except OSError:
        raise UnreachableError(
            f"host name {host!r} is not known", remedy="check the name or write the address"
        ) from None


def is_allowed(address: str, allow: Sequence[str]) -> bool:
    """Whether an IP address lies in the allowed networks (``private``, ``loopback``, ``any`` or CIDR).

    Link-local (cloud metadata), multicast and unspecified addresses are never allowed.
    """
    ip = _unmapped(ipaddress.ip_address(address))
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified:
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
    parts = urlsplit(url)
    if parts.scheme not in DEFAULT_PORTS:
        raise AddressError(f"protocol {parts.scheme!r} is not opened", remedy="use rtsp://, rtsps:// or a file")
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        raise AddressError("the port is not a number from 1 to 65535", where=url, remedy="mend the address") from None
    if not host:
        raise AddressError("no host in the address", where=url, remedy="write rtsp://HOST/path")
    for address in resolve(host):
        if is_allowed(address, allow):
            shown = f"[{address}]" if ":" in address else address
            rest = parts.path + (f"?{parts.query}" if parts.query else "")
            return f"{parts.scheme}://{shown}:{port or DEFAULT_PORTS[parts.scheme]}{rest}"
    raise AddressError(
        f"{host} is outside the allowed networks ({', '.join(allow)})",
        remedy="add its network to network.allow in the settings file if that is meant",
    )


def _unmapped(ip: IpAddress) -> IpAddress:
    """IPv4 inside IPv6 (::ffff:a.b.c.d) as IPv4, so that it cannot pass as something else."""
    mapped = getattr(ip, "ipv4_mapped", None)
    return mapped if mapped is not None else ip
