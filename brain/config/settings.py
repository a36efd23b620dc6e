"""The settings file of ``brain run``: every key with its meaning, checked before anything starts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from shapely.geometry import Polygon as ShapelyPolygon
from shapely.validation import explain_validity

from brain.config.durations import Duration
from brain.config.secrets import Address, read_secret, split_address
from brain.config.yaml_file import load
from brain.core.errors import ConfigError
from brain.core.geometry import Polygon
from brain.core.ids import IDENTIFIER
from brain.core.types import Zone

Identifier = Annotated[str, Field(pattern=f"^{IDENTIFIER.pattern}$")]
MIN_ZONE_AREA = 1e-5


class Settings(BaseModel):
    """Base of all settings: unknown keys are mistakes, values do not change, secrets do not show in errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, allow_inf_nan=False)


def check_polygon(points: object) -> Polygon:
    """A polygon of shares 0–1 with at least three corners, no crossing edges and some area; else ``ValueError``."""
    if not isinstance(points, list | tuple) or len(points) < 3:
        raise ValueError("a polygon needs at least three [x, y] points")
    corners = []
    for point in points:
        if not isinstance(point, list | tuple) or len(point) != 2:
            raise ValueError(f"{point!r} is not a point: write [x, y] with shares of width and height from 0 to 1")
        x, y = float(point[0]), float(point[1])
        if not (0 <= x <= 1 and 0 <= y <= 1):
            raise ValueError(f"point [{x:g}, {y:g}] lies outside the picture: use shares from 0 to 1, not pixels")
        corners.append((x, y))
    shape = ShapelyPolygon(corners)
    if not shape.is_valid:
        raise ValueError(f"polygon crosses itself ({explain_validity(shape)}): order the points round the zone")
    if shape.area < MIN_ZONE_AREA:
        raise ValueError(f"polygon has no area ({shape.area:.2g} of the picture): draw it larger")
    return tuple(corners)


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

    def zone(self) -> Zone:
        """The same as the currency of the house."""
        return Zone(self.name, self.kind, self.polygon, self.square_metres)


class CameraSettings(Settings):
    """A camera (摄像机) or a file that plays one."""

    id: Identifier
    name: str = Field("", max_length=100, description="shown to people")
    source: str = Field(description="rtsp://, rtsps://, a file, or feed:FILE (recorded observations)")
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

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = [zone.name for zone in self.zones]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"zone name {min(twice)!r} stands twice in camera {self.id!r}: names must differ")
        if self.location is not None and not (-180 <= self.location[0] <= 180 and -90 <= self.location[1] <= 90):
            raise ValueError("location is [longitude, latitude] in degrees")
        return self

    def resolved_address(self, base: Path) -> Address:
        """Address and credentials apart; relative files and secret files are taken from ``base``.

        Raises:
            ConfigError: credentials given twice, or a secret that cannot be read.
        """
        scheme = source_scheme(self.source)
        secret_file = base / self.password_file if self.password_file else None
        secret = read_secret(self.password, secret_file, self.password_env, what=f"camera {self.id}: password")
        if scheme in ("file", "feed"):
            path = self.source.removeprefix("feed:").removeprefix("file://")
            return Address(("feed:" if scheme == "feed" else "") + str(base / Path(path).expanduser()))
        address = split_address(self.source)
        if address.username is not None and (self.username is not None or secret is not None):
            raise ConfigError(
                f"camera {self.id}: user name or password stand both in source and beside it",
                remedy="keep one of the two",
            )
        if address.username is not None:
            return address
        return Address(address.url, self.username, secret)


def source_scheme(source: str) -> str:
    """``rtsp``, ``rtsps``, ``feed``, another scheme as it stands, or ``file`` for a path."""
    if source.startswith("feed:"):
        return "feed"
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
    url: str = Field(pattern=r"^https?://[^\s@]+$", description="no user name in it: use the secret")
    secret: SecretStr | None = Field(None, description="whsec_ + base64; signs every message")
    secret_file: Path | None = None
    secret_env: str | None = None
    timeout: Duration = Field(15.0, description="for one request")
    give_up_after: Duration = Field(30 * 86400.0, description="age at which a message becomes a dead letter")
    retry_base: Duration = Field(1.0, description="first pause between tries")
    retry_cap: Duration = Field(600.0, description="longest pause between tries")
    scenarios: tuple[Identifier, ...] | Literal["all"] = "all"

    def resolved_secret(self, base: Path) -> SecretStr | None:
        """The signing secret from its setting, file or variable; ``ConfigError`` when it cannot be read."""
        file = base / self.secret_file if self.secret_file else None
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
        from datetime import date

        for text in value:
            date.fromisoformat(text)
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
        import ipaddress

        for item in value:
            if item not in ("private", "loopback", "any"):
                ipaddress.ip_network(item)
        return value


class StorageSettings(Settings):
    """Where everything that must survive lies."""

    database: str = Field("", description="SQLAlchemy URL; default: SQLite in the state folder")
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
        for what, names in (("camera", [c.id for c in self.cameras]), ("desk", [d.id for d in self.desks])):
            twice = {name for name in names if names.count(name) > 1}
            if twice:
                raise ValueError(f"{what} id {min(twice)!r} stands twice: ids must differ")
        known = {camera.id for camera in self.cameras}
        for assignment in self.assignments:
            for camera in assignment.cameras if assignment.cameras != "all" else ():
                if camera not in known:
                    raise ValueError(
                        f"assignment of {assignment.scenario!r} names camera {camera!r}, which is not in cameras"
                    )
        return self


def load_settings(path: Path) -> BrainSettings:
    """The settings file, checked; paths in it are meant from its own folder.

    Raises:
        ConfigError: with file and line for every mistake.
    """
    return load(path, BrainSettings)
