"""Messages between the service and a worker, over one socket pair: length, then JSON. Frames never travel here."""

from __future__ import annotations

import socket
import struct
import threading
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from brain.core.types import CameraState
from brain.store.records import Commit

HEAD = struct.Struct(">I")
MAX_MESSAGE = 64 << 20
_BYTES = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64", ser_json_inf_nan="constants")


@dataclass(frozen=True, slots=True)
class Start:
    """Service → worker: what to do. Carries secrets; travels on the socket pair only.

    Attributes:
        shard: number of the shard.
        token: fencing token of this start.
        base: folder that relative paths of the settings are meant from.
        state: folder of everything that must survive.
        settings: the settings file as JSON-able values, secrets in clear.
        cameras: ids of the shard's cameras.
        states: camera → key → saved state.
    """

    __pydantic_config__ = _BYTES

    shard: int
    token: int
    base: str
    state: str
    settings: dict[str, Any]
    cameras: tuple[str, ...]
    states: dict[str, dict[str, bytes]]
    type: Literal["start"] = "start"


@dataclass(frozen=True, slots=True)
class Ack:
    """Service → worker: request ``seq`` is kept (or, if stale, refused: the shard belongs to another worker now)."""

    seq: int
    stale: bool = False
    type: Literal["ack"] = "ack"


@dataclass(frozen=True, slots=True)
class LookRequest:
    """Service → worker: the last picture of a camera, please."""

    number: int
    camera: str
    type: Literal["look_request"] = "look_request"


@dataclass(frozen=True, slots=True)
class Stop:
    """Service → worker: end in good order."""

    type: Literal["stop"] = "stop"


@dataclass(frozen=True, slots=True)
class CameraReport:
    """State and counts of one camera.

    Attributes:
        state, reason, remedy: as people see it.
        samples, due: frames analysed and frames that were due.
        skipped: reason → frames that were due and not analysed.
        packets, rebased, failures: of the reader.
        pts_s: media time of the last sample.
        broken: scenario → what is wrong with its plug-in.
    """

    state: CameraState
    reason: str = ""
    remedy: str = ""
    samples: int = 0
    due: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    packets: int = 0
    rebased: int = 0
    failures: int = 0
    pts_s: float = 0.0
    broken: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Worker → service, each second.

    Attributes:
        pid: of the worker.
        cameras: camera → report.
        waiting: commits not yet kept.
        trouble: what keeps evidence from being written, empty when all is well.
        proofs_dropped: pieces of evidence given up because too much was waiting.
        overdue: cameras whose reader hangs beyond twice its limit: this worker must be replaced.
    """

    pid: int
    cameras: dict[str, CameraReport]
    waiting: int = 0
    trouble: str = ""
    proofs_dropped: int = 0
    overdue: tuple[str, ...] = ()
    type: Literal["heartbeat"] = "heartbeat"


@dataclass(frozen=True, slots=True)
class CommitRequest:
    """Worker → service: keep these, each whole or not at all; answered by one ``Ack``."""

    __pydantic_config__ = _BYTES

    seq: int
    commits: tuple[Commit, ...]
    type: Literal["commit"] = "commit"


@dataclass(frozen=True, slots=True)
class Look:
    """Worker → service: the last picture of a camera as JPEG, empty when there is none yet."""

    __pydantic_config__ = _BYTES

    number: int
    jpeg: bytes
    type: Literal["look"] = "look"


@dataclass(frozen=True, slots=True)
class Failed:
    """Worker → service: it cannot start; a person must mend something."""

    reason: str
    type: Literal["failed"] = "failed"


Message = Start | Ack | LookRequest | Stop | Heartbeat | CommitRequest | Look | Failed
_ADAPTER: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="type")], config=_BYTES)


class Channel:
    """One end of the socket pair; sending is safe from any thread, receiving belongs to one.

    Args:
        send_limit_s: how long one message may wait for a reader; ``None`` = for ever. A message that was cut off by the
            limit leaves the channel useless.
    """

    def __init__(self, end: socket.socket, *, send_limit_s: float | None = None) -> None:
        self._socket = end
        if send_limit_s is not None:
            limit = struct.pack("ll", int(send_limit_s), int(send_limit_s % 1 * 1e6))
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        self._sending = threading.Lock()

    def send(self, message: Message) -> None:
        """Sends a message whole.

        Raises:
            OSError: the other side is gone, or did not read within the limit.
        """
        data = _ADAPTER.dump_json(message)
        with self._sending:
            self._socket.sendall(HEAD.pack(len(data)) + data)

    def receive(self) -> Message | None:
        """The next message; ``None`` when the other side is gone."""
        head = self._exactly(HEAD.size)
        if head is None:
            return None
        (length,) = HEAD.unpack(head)
        if length > MAX_MESSAGE:
            return None
        data = self._exactly(length)
        return None if data is None else _ADAPTER.validate_json(data)

    def close(self) -> None:
        """Closes this end; a blocked ``receive`` returns ``None``."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._socket.close()

    def _exactly(self, size: int) -> bytes | None:
        parts = bytearray()
        while len(parts) < size:
            try:
                part = self._socket.recv(size - len(parts))
            except OSError:
                return None
            if not part:
                return None
            parts += part
        return bytes(parts)
