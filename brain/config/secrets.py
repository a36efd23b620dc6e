"""Secrets stay apart: split from addresses on input, wrapped, and struck out of any text that leaves."""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote

from pydantic import SecretStr

from brain.core.errors import ConfigError

MAX_SECRET_BYTES = 64 << 10
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
_AUTHORITY_END = re.compile(r"[/?#]")
_PORT = re.compile(r":\d*")
# user=…_password=…_channel=1.sdp: many cameras take the password in the path or the query.
_NAMED_SECRET = re.compile(r"(?i)\b((?:[a-z]+_)?(?:pass(?:word|wd)?|pwd|token|secret|apikey))=(?!\*\*\*)[^&;/?#_\s]+")
_NAMED_SECRET_AFTER = re.compile(r"(?i)(?<=_)((?:pass(?:word|wd)?|pwd|token|secret|apikey))=(?!\*\*\*)[^&;/?#_\s]+")


@dataclass(frozen=True, slots=True)
class Address:
    """A source address without credentials, and the credentials.

    Attributes:
        url: without user name and password; ``shown`` is for people.
        username, password: ``None`` when none were given.
    """

    url: str = field(repr=False)
    username: str | None = field(default=None, repr=False)
    password: SecretStr | None = None

    @property
    def shown(self) -> str:
        """The address for people: without the secrets that some cameras take in the path or the query."""
        return _without_named_secrets(self.url)

    def with_credentials(self) -> str:
        """The address as a client library needs it. Never log or keep this text."""
        if self.username is None:
            return self.url
        scheme, rest = self.url.split("://", 1)
        secret = self.password.get_secret_value() if self.password else ""
        return f"{scheme}://{_quoted(self.username)}:{_quoted(secret)}@{rest}"


def split_address(text: str) -> Address:
    """Splits ``scheme://user:pass@host/…`` so that the shown part carries no secret.

    The last ``@`` of the whole text ends the credentials, so that an unescaped ``@ / ? #`` typed inside a password does
    not spill into the shown address. An ``@`` in the path of an address with credentials must therefore be written
    ``%40``; without credentials it may stand as it is.

    Raises:
        ConfigError: not an address; the text itself is not repeated.
    """
    scheme, mark, rest = text.partition("://")
    if not mark or not rest or _SCHEME.fullmatch(scheme.strip()) is None:
        raise ConfigError("not an address", remedy="write it like rtsp://10.1.2.3/stream, or a path of a file")
    end = _credentials_end(rest)
    if end < 0:
        return Address(text)
    credentials, host = rest[:end], rest[end + 1 :]
    if not host or host[0] in "/?#:":
        raise ConfigError(
            "an address with a user name but no host",
            remedy="write rtsp://user:password@host/…; percent-encode / : @ inside the password, or use password_file",
        )
    user, colon, secret = credentials.partition(":")
    shown = f"{scheme}://{host}"
    if not user and not secret:
        return Address(shown)
    return Address(shown, _unquoted(user), SecretStr(_unquoted(secret)) if colon else None)


def redact(text: str) -> str:
    """Any text with the credentials of addresses in it struck out.

    A password may hold any character but a line break, so all from ``://`` to the last ``@`` of the line goes: rather
    too much than a piece of a secret left over.
    """
    text = _without_named_secrets(text)
    if "://" not in text or "@" not in text:
        return text
    return "\n".join(_redacted_line(line) for line in text.split("\n"))


def _without_named_secrets(text: str) -> str:
    return _NAMED_SECRET_AFTER.sub(r"\1=***", _NAMED_SECRET.sub(r"\1=***", text)) if "=" in text else text


def _redacted_line(line: str) -> str:
    begin = line.find("://")
    while begin >= 0:
        rest = line[begin + 3 :]
        end = _credentials_end(rest)
        if end >= 0:
            return f"{line[: begin + 3]}***{rest[end:]}"
        begin = line.find("://", begin + 3)
    return line


def _credentials_end(rest: str) -> int:
    """Where the credentials end in what follows ``://``: index of their ``@``, or -1 when there are none.

    An ``@`` further back than host and port is the end of credentials only if a password may stand before it: there
    is a ``:`` that is not the one between an IP address and its port.
    """
    end = rest.rfind("@")
    if end < 0:
        return -1
    authority = _AUTHORITY_END.split(rest, maxsplit=1)[0]
    if "@" in authority:
        return end
    return -1 if ":" not in rest[:end] or _is_ip_and_port(authority) else end


def _is_ip_and_port(authority: str) -> bool:
    host, bracket, port = authority.partition("]")
    if not bracket:
        host, colon, port = authority.partition(":")
        port = colon + port
    try:
        ipaddress.ip_address(host.removeprefix("["))
    except ValueError:
        return False
    return not port or _PORT.fullmatch(port) is not None


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="surrogateescape")


def _unquoted(text: str) -> str:
    """Percent-decoded; bytes that are not UTF-8 survive the way there and back."""
    return unquote(text, errors="surrogateescape")


def read_secret(value: SecretStr | None, file: Path | None, env: str | None, *, what: str) -> SecretStr | None:
    """A secret from one of its three homes: the setting itself, a file, or an environment variable.

    Raises:
        ConfigError: more than one is given, or the named file or variable is missing or empty.
    """
    given = [item for item in (value, file, env) if item is not None]
    if not given:
        return None
    if len(given) > 1:
        raise ConfigError(f"{what} is given twice", remedy="keep one of: the value, its _file, its _env")
    if value is not None:
        return value
    if file is not None:
        return SecretStr(_first_line_of(file, what))
    text = os.environ.get(env or "", "")
    if not text:
        raise ConfigError(f"{what}: environment variable {env} is not set", remedy=f"export {env}=… before the start")
    return SecretStr(text)


def _first_line_of(file: Path, what: str) -> str:
    """The text of a secret file less the line break at its end; spaces may belong to the secret."""
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_SECRET_BYTES + 1)
        text = data.decode("utf-8-sig").rstrip("\r\n")
    except (OSError, ValueError):
        raise ConfigError(f"{what}: file {file} cannot be read", remedy="check path and rights") from None
    if not text.strip():
        raise ConfigError(f"{what}: file {file} is empty", remedy="write the secret into it")
    if len(data) > MAX_SECRET_BYTES or "\n" in text:
        raise ConfigError(
            f"{what}: file {file} holds more than one line", remedy="write nothing but the secret into it"
        )
    return text
