"""The receiver for desks that take Standard Webhooks: one POST per message, signed, never redirected, bounded."""

from __future__ import annotations

import json
import re
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpcore
from pydantic import SecretStr

from brain import __version__
from brain.config.settings import DeskSettings
from brain.core.clock import utc_now
from brain.core.errors import ConfigError, DeliveryError
from brain.dispatch.answers import Outcome, Reach
from brain.dispatch.backoff import retry_after
from brain.dispatch.content import render
from brain.dispatch.network import CheckedBackend, Deadline, ForbiddenAddressError, TlsError
from brain.dispatch.outbox import Message
from brain.dispatch.signing import ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, parse_secret, sign

ANSWER_LIMIT = 64 * 1024
KEEPALIVE_S = 20.0
_SNIPPET = 160
_REFERENCES = ("id", "reference")


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class WebhookReceiver:
    """Speaks to one desk; several threads may send at once.

    Args:
        desk: its settings.
        secret: ``whsec_…``; ``None`` sends unsigned.
        read: bytes of a file of the evidence folder, by its relative path.
        connections: most connections kept open.

    Raises:
        ConfigError: the secret is malformed.
    """

    def __init__(
        self, desk: DeskSettings, secret: SecretStr | None, read: Callable[[str], bytes], *, connections: int = 8
    ) -> None:
        self._url = desk.url
        self._timeout_s = desk.timeout
        self._read = read
        self._key = parse_secret(secret.get_secret_value(), what=f"desk {desk.id}: secret") if secret else None
        self._deadline = Deadline()
        try:
            httpcore.Request(b"POST", self._url)
        except (ValueError, TypeError, UnicodeError):
            raise ConfigError(f"desk {desk.id}: {self._url!r} is not an address") from None
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=connections,
            keepalive_expiry=KEEPALIVE_S,
            network_backend=CheckedBackend(self._deadline),
        )

    def close(self) -> None:
        """Closes idle connections; a try under way fails or ends by its deadline."""
        try:
            self._pool.close()
        except RuntimeError:  # httpcore complains of tries under way; their connections are closed all the same
            pass

    def send(self, message: Message) -> Outcome:
        """Tries once to deliver a message; every failure is an outcome, nothing is raised for it."""
        try:
            body = render(message, self._read)
        except DeliveryError as error:
            return Outcome(Reach.UNREADABLE, detail=error.what)
        bare = message.bare or not message.attachments
        self._deadline.start(self._timeout_s)
        try:
            answer = self._post(message.id, body)
        except ForbiddenAddressError as error:
            return Outcome(Reach.FORBIDDEN, bare=bare, detail=error.what)
        except TlsError as error:
            return Outcome(Reach.TLS, bare=bare, detail=error.what)
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            reach = Reach.UNKNOWN if self._deadline.sent else Reach.UNREACHABLE
            return Outcome(reach, bare=bare, detail=clean(str(error) or type(error).__name__))
        return _outcome(answer, message.id, bare)

    def _post(self, message_id: str, body: bytes) -> _Answer:
        stamp = int(time.time())
        headers: dict[bytes | str, bytes | str] = {
            "content-type": "application/json",
            "content-length": str(len(body)),
            "user-agent": f"city-brain/{__version__}",
            "accept": "application/json",
            "host": _host(self._url),
            ID_HEADER: message_id,
            TIMESTAMP_HEADER: str(stamp),
        }
        if self._key is not None:
            headers[SIGNATURE_HEADER] = sign(self._key, message_id, stamp, body)
        with self._pool.stream("POST", self._url, headers=headers, content=body) as response:
            taken = bytearray()
            try:
                for chunk in response.iter_stream():
                    taken += chunk
                    if len(taken) > ANSWER_LIMIT:
                        break
            except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError):
                # The status line is the answer; a body that breaks off takes only the desk's reference from us.
                taken.clear()
            fields = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            return _Answer(response.status, fields, bytes(taken[:ANSWER_LIMIT]))


def _host(url: str) -> str:
    parts = httpcore.URL(url)
    host = parts.host.decode("ascii")
    return host if parts.port is None else f"{host}:{parts.port}"


def _outcome(answer: _Answer, message_id: str, bare: bool) -> Outcome:
    reference, ours = _named(answer.body, message_id)
    failed = not 200 <= answer.status < 300
    return Outcome(
        Reach.ANSWERED,
        status=answer.status,
        bare=bare,
        asked_s=retry_after(answer.headers.get("retry-after"), utc_now()) if failed else None,
        reference=reference,
        ours=ours,
        detail=clean(answer.body.decode("utf-8", "replace")) if failed else "",
    )


def _named(body: bytes, message_id: str) -> tuple[str | None, bool]:
    """The desk's own id in a JSON answer, and whether any of its values is our message id."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None, False
    if not isinstance(answer, dict):
        return None, False
    found = next((answer[key] for key in _REFERENCES if isinstance(answer.get(key), str | int)), None)
    ours = message_id in [value for value in answer.values() if isinstance(value, str)]
    return (clean(str(found)) if found is not None else None), ours


def clean(text: str) -> str:
    """Foreign text for a reason: one line, no control characters, 160 characters at most."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text[: 4 * _SNIPPET]).strip()[:_SNIPPET]
