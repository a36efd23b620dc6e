"""Secrets stay apart: split from addresses on input, wrapped, and struck out of any text that leaves."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from pydantic import SecretStr

from brain.core.errors import ConfigError

_CREDENTIALS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)[^\s/?#]*@")


@dataclass(frozen=True, slots=True)
class Address:
    """A source address without credentials, and the credentials.

    Attributes:
        url: safe to show.
        username, password: ``None`` when none were given.
    """

    url: str
    username: str | None = None
    password: SecretStr | None = None

    def with_credentials(self) -> str:
        """The address as a client library needs it. Never log or keep this text."""
        if self.username is None:
            return self.url
        scheme, rest = self.url.split("://", 1)
        secret = self.password.get_secret_value() if self.password else ""
        return f"{scheme}://{quote(self.username, safe='')}:{quote(secret, safe='')}@{rest}"


def split_address(text: str) -> Address:
    """Splits ``scheme://user:pass@host/…`` so that the shown part carries no secret.

    The last ``@`` before the path ends the credentials, so that an unescaped ``@`` or ``/`` typed inside a password
    does not spill into the shown address.

    Raises:
        ConfigError: not an address; the text itself is not repeated.
    """
    scheme, mark, rest = text.partition("://")
    if not mark or not rest:
        raise ConfigError("not an address", remedy="write it like rtsp://10.1.2.3/stream, or a path of a file")
    if "@" not in rest:
        return Address(text)
    credentials, _, host = rest.rpartition("@")
    if not host or host.startswith("/"):
        raise ConfigError(
            "an address with a user name but no host",
            remedy="write rtsp://user:password@host/…; percent-encode / : @ inside the password, or use password_file",
        )
    user, _, secret = credentials.partition(":")
    return Address(f"{scheme}://{host}", unquote(user), SecretStr(unquote(secret)))


def redact(text: str) -> str:
    """Any text with the credentials of addresses in it struck out."""
    return _CREDENTIALS.sub(r"\g<scheme>***@", text)


def without_query(url: str) -> str:
    """An address without query and fragment, which may carry tokens."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))


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
        try:
            text = file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise ConfigError(f"{what}: file {file} cannot be read", remedy="check path and rights") from None
        if not text:
            raise ConfigError(f"{what}: file {file} is empty", remedy="write the secret into it")
        return SecretStr(text)
    text = os.environ.get(env or "", "")
    if not text:
        raise ConfigError(f"{what}: environment variable {env} is not set", remedy=f"export {env}=… before the start")
    return SecretStr(text)
