"""The settings file of ``brain run``: every key with its meaning, checked before anything starts."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, SecretStr, field_validator, model_validator
from shapely.geometry import Polygon as ShapelyPolygon
from shapely.validation import explain_validity

from brain.config.durations import Duration
from brain.config.mistakes import MistakeError
from brain.config.secrets import Address, read_secret, redact, split_address
from brain.config.yaml_file import load
from brain.core.errors import ConfigError
from brain.core.geometry import Point, Polygon
from brain.core.ids import IDENTIFIER
from brain.core.types import Zone

Identifier = Annotated[str, Field(pattern=f"^{IDENTIFIER.pattern}$")]
DatabaseUrl = Annotated[str, PlainSerializer(redact, when_used="json")]
MIN_ZONE_AREA = 1e-5
_DESK_URL = re.compile(r"https?://[^\s@/?#][^\s@]*")
# What was meant as an address and would be shown whole, as a path, with the password in it.
_SCHEMES = "(rtsps?|rtmps?|https?|rtp|udp|srt)"
MISSPELT_ADDRESS = re.compile(
    rf"{_SCHEMES}(:|//).*|{_SCHEMES}[/\\].*@.*|/{{0,2}}[^/\s@]+:.*@.*", re.IGNORECASE | re.DOTALL
)


class Settings(BaseModel):
    """Base of all settings: unknown keys are mistakes, values do not change, secrets do not show in errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, allow_inf_nan=False)


def check_polygon(points: object) -> Polygon:
    """A polygon of shares 0–1 with at least three corners, no crossing edges and some area; else ``ValueError``."""
    if not isinstance(points, list | tuple) or len(points) < 3:
        raise ValueError("a polygon needs at least three [x, y] points")
    corners = tuple(_corner(point, number) for number, point in enumerate(points, 1))
    shape = ShapelyPolygon(corners)
    if shape.convex_hull.area >= MIN_ZONE_AREA and not shape.is_valid:
        raise ValueError(f"polygon crosses itself ({explain_validity(shape)}): order the points round the zone")
    if not shape.is_valid or shape.area < MIN_ZONE_AREA:
        raise ValueError("polygon has no area: draw it larger, or order the points round the zone")
    return corners


def _corner(point: object, number: int) -> Point:
    if not isinstance(point, list | tuple) or len(point) != 2 or not all(_is_number(value) for value in point):
        raise ValueError(f"point {number} is none: write [x, y] with shares of width and height from 0 to 1")
    x, y = point
    if not (0 <= x <= 1 and 0 <= y <= 1):
        raise ValueError(f"point {number} lies outside the picture: use shares from 0 to 1, not pixels")
    return float(x), float(y)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


class ZoneSettings(Settings):
    """A zone (区域) drawn on a camera's picture."""

    name: Identifier = Field(description="unique within the camera")
    kind: Identifier = Field(description="what it is for: no_parking, public, crowd, road, water, mask …")
    polygon: Any = Field(description="[[x, y], …] as shares 0–1 of width and height")
    square_metres: float | None = Field(None, gt=0, description="area of the zone on the ground")

    @field_validator("polygon")
    @classmethod
    def _polygon(cls, value: object) -> Polygon:
        return check_polygon(value)

    @classmethod
    def of(cls, zone: Zone) -> Self:
        """The settings of a zone."""
        return cls(name=zone.name, kind=zone.kind, polygon=zone.polygon, square_metres=zone.square_metres)

    def zone(self) -> Zone:
        """The same as the currency of the house."""
        return Zone(self.name, self.kind, self.polygon, self.square_metres)


WITHOUT_NETWORK = ("file", "feed", "sim")
PASSWORD_KEYS = ("password", "password_file", "password_env")
SECRET_KEYS = ("secret", "secret_file", "secret_env")


class CameraSettings(Settings):
    """A camera (摄像机) or a file that plays one."""

    id: Identifier
    name: str = Field("", max_length=100, description="shown to people")
    source: str = Field(
        min_length=1,
        description="rtsp://, rtsps://, a file, feed:FILE (recorded observations) or sim:SCENE?seed=7 (a drawn scene); "
        "a user name and password in it are taken out at once and become username and password",
    )
    username: str | None = Field(None, description="if not written into the source")
    password: SecretStr | None = None
    password_file: Path | None = None
    password_env: str | None = None
    transport: Literal["tcp", "udp"] = Field("tcp", description="RTSP over TCP, or UDP by choice")
    view: Identifier = Field("main", description="name of the fixed framing")
    loop: bool = Field(False, description="files only: start again at the end")
    realtime: bool = Field(True, description="files only: at the pace of the clock; false = as fast as it goes")
    zones: tuple[ZoneSettings, ...] = ()
    address: str = Field("", max_length=256, description="where it looks, in words (事发位置)")
    grid: str = Field("", pattern="^([0-9A-Z]{15})?$", description="unit grid code, 15 characters (单元网格标识码)")
    location: tuple[float, float] | None = Field(None, description="longitude, latitude (CGCS2000)")

    @model_validator(mode="before")
    @classmethod
    def _take_credentials_out(cls, values: Any) -> Any:
        """No text of this object, and no error about another key of it, may show them."""
        source = values.get("source") if isinstance(values, dict) else None
        if not isinstance(source, str):
            return values
        source = source.strip()
        scheme = source_scheme(source)
        if scheme == "file" and MISSPELT_ADDRESS.fullmatch(source):
            raise MistakeError("looks like an address, but is none: write it like rtsp://10.1.2.3/stream", "source")
        if scheme in WITHOUT_NETWORK:
            return values
        try:
            address = split_address(source)
        except ConfigError as error:
            raise MistakeError(f"{error.what}: {error.remedy}", "source") from None
        if address.username is None:
            return values | {"source": source}
        beside = ("username", *PASSWORD_KEYS) if address.password is not None else ("username",)
        twice = [key for key in beside if values.get(key) is not None]
        if twice:
            raise MistakeError(f"{twice[0]} is given twice, in source and here: keep one of the two", twice[0])
        taken = {} if address.password is None else {"password": address.password}
        return values | {"source": address.url, "username": address.username} | taken

    @model_validator(mode="after")
    def _check(self) -> Self:
        _no_twins([zone.name for zone in self.zones], "zone name", ("zones", "name"))
        given = _only_one(self, PASSWORD_KEYS)
        if given is not None and self.username is None and source_scheme(self.source) not in WITHOUT_NETWORK:
            raise MistakeError("a password without a username", given)
        if self.location is not None and not (-180 <= self.location[0] <= 180 and -90 <= self.location[1] <= 90):
            raise MistakeError("must be [longitude, latitude] in degrees", "location")
        return self

    def resolved_address(self, base: Path) -> Address:
        """Address and credentials apart; relative files and secret files are taken from ``base``.

        Raises:
            ConfigError: a secret that cannot be read.
        """
        scheme = source_scheme(self.source)
        if scheme == "sim":
            return Address(self.source)
        if scheme in ("file", "feed"):
            path = self.source.removeprefix("feed:").removeprefix("file://")
            return Address(("feed:" if scheme == "feed" else "") + str(base / Path(path).expanduser()))
        secret_file = base / self.password_file.expanduser() if self.password_file else None
        secret = read_secret(self.password, secret_file, self.password_env, what=f"camera {self.id}: password")
        return Address(self.source, self.username, secret)


def source_scheme(source: str) -> str:
    """``rtsp``, ``rtsps``, ``feed``, ``sim``, another scheme as it stands, or ``file`` for a path."""
    for own in ("feed", "sim"):
        if source.startswith(f"{own}:"):
            return own
    scheme, mark, _ = source.partition("://")
    return scheme.lower() if mark else "file"


class AssignmentSettings(Settings):
    """An assignment (布控): which scenario watches which cameras and zones, when, and with what changed."""

    scenario: Identifier
    cameras: tuple[Identifier, ...] | Literal["all"] = "all"
    zones: tuple[Identifier, ...] | None = Field(None, description="zone names; default: all of the scenario's kinds")
    profile: Literal["normal", "short"] = Field("normal", description="short: every dwell 10 s, for short clips")
    set: dict[str, Any] = Field(default_factory=dict, description="overrides, e.g. rule.stationary.for: 60s")


class DeskSettings(Settings):
    """A desk (派遣平台) that receives cases."""

    id: Identifier
    kind: Literal["webhook"] = "webhook"
    url: str = Field(description="http:// or https://, no user name in it: use the secret")
    secret: SecretStr | None = Field(None, description="whsec_ + base64; signs every message")
    secret_file: Path | None = None
    secret_env: str | None = None
    timeout: Duration = Field(15.0, description="for one request")
    give_up_after: Duration = Field(30 * 86400.0, description="age at which a message becomes a dead letter")
    retry_base: Duration = Field(1.0, description="first pause between tries")
    retry_cap: Duration = Field(600.0, description="longest pause between tries")
    scenarios: tuple[Identifier, ...] | Literal["all"] = "all"

    @field_validator("url")
    @classmethod
    def _url(cls, value: str) -> str:
        if _DESK_URL.fullmatch(value) is None:
            raise ValueError("must begin with http:// or https:// and a host, without a user name in it")
        return value

    @model_validator(mode="after")
    def _check(self) -> Self:
        _only_one(self, SECRET_KEYS)
        return self

    def resolved_secret(self, base: Path) -> SecretStr | None:
        """The signing secret from its setting, file or variable; ``ConfigError`` when it cannot be read."""
        file = base / self.secret_file.expanduser() if self.secret_file else None
        return read_secret(self.secret, file, self.secret_env, what=f"desk {self.id}: secret")


class CitySettings(Settings):
    """The city that the codes and deadlines are for."""

    admin_code: str = Field("000000", pattern="^[0-9]{6}$", description="division code, GB/T 2260")
    timezone: str = "Asia/Shanghai"
    holidays: tuple[str, ...] = Field((), description="public holidays, YYYY-MM-DD (法定节假日)")
    workdays: tuple[str, ...] = Field((), description="make-up working days, YYYY-MM-DD (调休工作日)")

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"unknown time zone {value!r}: write it like Asia/Shanghai") from None
        return value

    @field_validator("holidays", "workdays")
    @classmethod
    def _dates(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for index, text in enumerate(value):
            try:
                date.fromisoformat(text)
            except ValueError:
                raise MistakeError("must be a date like 2026-10-01", index) from None
        return value


class ServerSettings(Settings):
    """The status page and metrics. Loopback only, until there are log-ins."""

    host: Literal["127.0.0.1", "::1", "localhost"] = "127.0.0.1"
    port: int = Field(8600, ge=0, le=65535, description="0 = any free port")


class NetworkSettings(Settings):
    """Which addresses cameras may have."""

    allow: tuple[str, ...] = Field(
        ("private", "loopback"), description="private, loopback, any, or networks like 203.0.113.0/24"
    )

    @field_validator("allow")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for index, item in enumerate(value):
            if item not in ("private", "loopback", "any"):
                try:
                    ipaddress.ip_network(item)
                except ValueError as error:
                    raise MistakeError(f"must be private, loopback, any or a network ({error})", index) from None
        return value


class StorageSettings(Settings):
    """Where everything that must survive lies."""

    database: DatabaseUrl = Field("", repr=False, description="SQLAlchemy URL; default: SQLite in the state folder")
    evidence_limit_gb: float = Field(20.0, gt=0, description="evidence beyond this: oldest of closed cases goes first")


class BrainSettings(Settings):
    """The whole settings file."""

    state: Path = Field(Path("state"), description="folder for database, evidence and control socket")
    workers: int = Field(0, ge=0, le=64, description="worker processes; 0 = one per core, no more than cameras")
    runtime: Literal["auto", "onnxruntime", "openvino"] = "auto"
    weights: dict[str, str] = Field(default_factory=dict, description="algorithm id: weights id or file")
    city: CitySettings = CitySettings()
    server: ServerSettings = ServerSettings()
    network: NetworkSettings = NetworkSettings()
    storage: StorageSettings = StorageSettings()
    cameras: tuple[CameraSettings, ...] = Field(min_length=1)
    assignments: tuple[AssignmentSettings, ...] = Field(min_length=1)
    desks: tuple[DeskSettings, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        _no_twins([camera.id for camera in self.cameras], "camera id", ("cameras", "id"))
        _no_twins([desk.id for desk in self.desks], "desk id", ("desks", "id"))
        known = [camera.id for camera in self.cameras]
        for number, assignment in enumerate(self.assignments):
            for index, camera in enumerate(assignment.cameras if assignment.cameras != "all" else ()):
                if camera not in known:
                    near = get_close_matches(camera, known, n=1)
                    hint = f"; did you mean {near[0]!r}?" if near else ""
                    raise MistakeError(f"there is no camera {camera!r}{hint}", "assignments", number, "cameras", index)
        return self


def _no_twins(names: Sequence[str], what: str, keys: tuple[str, str]) -> None:
    for index, name in enumerate(names):
        if name in names[:index]:
            raise MistakeError(f"{what} {name!r} stands twice: they must differ", keys[0], index, keys[1])


def _only_one(settings: Settings, keys: Sequence[str]) -> str | None:
    given = [key for key in keys if getattr(settings, key) is not None]
    if len(given) > 1:
        raise MistakeError(f"{keys[0]} is given twice, as {given[0]} and as {given[1]}: keep one of the two", given[1])
    return given[0] if given else None


def load_settings(path: Path) -> BrainSettings:
    """The settings file, checked; paths in it are meant from its own folder.

    Raises:
        ConfigError: with file and line for every mistake.
    """
    return load(path, BrainSettings)
