"""What a scene is asked to be, checked where it is written down."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from fractions import Fraction

from brain.core.errors import UsageError

MIN_SIZE = (160, 90)
MAX_SIZE = (1920, 1080)
MAX_FPS = 60.0
MAX_SECONDS = 6 * 3600.0
MAX_WALKERS = 120
LIGHTS = ("day", "overcast", "dusk", "night", "ir")
WEATHERS = ("dry", "rain", "fog")
MAX_SHAKE_PX = 12.0
MAX_GAIN = 4.0
CITY_ZONE = timezone(timedelta(hours=8))
START = datetime(2026, 3, 16, 8, 30, tzinfo=CITY_ZONE)
HOURS = {"day": 8, "overcast": 8, "dusk": 18, "night": 21, "ir": 23}


@dataclass(frozen=True, slots=True)
class SceneSpec:
    """One drawn clip of one fixed street camera.

    Attributes:
        seed: chooses street, camera, light, colours and noise; 0 or more.
        seconds: length; the clip holds ``round(seconds · fps)`` pictures, picture ``i`` shows second ``i / fps``.
        width, height: pixels, both even (4:2:0 video needs it), 160×90 … 1920×1080.
        fps: pictures per second, above 0 up to 60.
        put_down_s: second at which a carried thing comes to rest on the pavement; ``None`` = no thing.
        taken_s: second at which it is lifted again; ``None`` = it stays to the end.
        light_steps: ``(second, gain)``: from that second on the picture is that many times as bright as drawn,
            until the next step; before the first step the gain is 1.
        shadow_moves: clouds pass, tree shade sways and wanders, the shadow edge of the houses drifts.
        shake_px: the picture shakes by up to this many pixels, both ways and in both axes.
        cars: whether cars drive by.
        walkers: how many passers-by walk to and fro, the carrier and the taker not counted.
        start_time: aware time of the first picture, shown by the clock in the picture in its own zone; ``None`` = an
            hour that fits the light.
        show_thing: ``False`` draws the very same clip, noise and people included, without the thing.
        scene: name of the registered scene that says what happens; ``quiet`` = the street that these attributes
            describe (a thing put down, walkers, cars).
        light: ``day``, ``overcast``, ``dusk``, ``night`` with lamps, or ``ir``: a camera with its own infrared lamp.
        weather: ``dry``, ``rain`` or ``fog``.
        auto_exposure: brightness steps fade within seconds, as a camera's exposure follows them.

    Raises:
        UsageError: a value is out of range or contradicts another.
    """

    seed: int
    seconds: float
    width: int = 640
    height: int = 360
    fps: float = 12.0
    put_down_s: float | None = None
    taken_s: float | None = None
    light_steps: tuple[tuple[float, float], ...] = ()
    shadow_moves: bool = False
    shake_px: float = 0.0
    cars: bool = True
    walkers: int = 4
    start_time: datetime | None = None
    show_thing: bool = True
    scene: str = "quiet"
    light: str = "day"
    weather: str = "dry"
    auto_exposure: bool = False

    def __post_init__(self) -> None:
        _check_seed(self.seed)
        _check_size(self.width, self.height)
        _check_range("fps", self.fps, 0.0, MAX_FPS, above=True)
        _check_range("seconds", self.seconds, 0.0, MAX_SECONDS, above=True)
        if self.pictures < 1:
            raise _refuse(
                f"seconds is {self.seconds} at {self.fps} pictures/s: not one picture", "ask for a longer clip"
            )
        _check_range("shake_px", self.shake_px, 0.0, MAX_SHAKE_PX)
        _check_range("walkers", self.walkers, 0, MAX_WALKERS)
        if not isinstance(self.walkers, int):
            raise _refuse(f"walkers is {self.walkers}", "give a whole number")
        _check_thing(self.put_down_s, self.taken_s, self.seconds)
        _check_light(self.light_steps)
        _check_name("light", self.light, LIGHTS)
        _check_name("weather", self.weather, WEATHERS)
        if self.start_time is not None and self.start_time.tzinfo is None:
            raise _refuse("start_time has no zone", "give an aware time, e.g. datetime(2026, 3, 16, 8, 30, tzinfo=UTC)")

    @property
    def starts(self) -> datetime:
        """Moment of the first picture."""
        return self.start_time or START.replace(hour=HOURS[self.light])

    @property
    def pictures(self) -> int:
        """Number of pictures of the clip."""
        return round(self.seconds * self.fps)

    @property
    def rate(self) -> Fraction:
        """``fps`` as the fraction that a container stores (30000 / 1001 stays exact)."""
        return Fraction(self.fps).limit_denominator(1001)

    def time_s(self, index: int) -> float:
        """Media time of picture ``index`` in seconds."""
        return float(index / self.rate)

    def first_picture(self, time_s: float) -> int:
        """Index of the first picture at or after a media time."""
        return math.ceil(time_s * self.rate - 1e-9)


def _refuse(what: str, remedy: str) -> UsageError:
    return UsageError(what, where="scene", remedy=remedy)


def _check_seed(seed: int) -> None:
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise _refuse(f"seed is {seed!r}", "give a whole number, 0 or more")


def _check_size(width: int, height: int) -> None:
    size = f"size is {width}×{height}"
    if not (isinstance(width, int) and isinstance(height, int)):
        raise _refuse(size, "give whole numbers of pixels, e.g. 640×360")
    if width < MIN_SIZE[0] or height < MIN_SIZE[1]:
        raise _refuse(f"{size}: too small", f"take {MIN_SIZE[0]}×{MIN_SIZE[1]} or more, e.g. 640×360")
    if width > MAX_SIZE[0] or height > MAX_SIZE[1]:
        raise _refuse(f"{size}: too large", f"take {MAX_SIZE[0]}×{MAX_SIZE[1]} or less")
    if width % 2 or height % 2:
        raise _refuse(f"{size}: odd", f"make both even, e.g. {width - width % 2}×{height - height % 2}")
    if not 1.2 <= width / height <= 2.4:
        raise _refuse(f"{size}: no camera has this shape", "take 4:3 or 16:9, e.g. 640×480 or 640×360")


def _check_range(name: str, value: float, low: float, high: float, *, above: bool = False) -> None:
    if not low <= value <= high or (above and value == low):
        bounds = f"above {low:g} and at most {high:g}" if above else f"from {low:g} to {high:g}"
        raise _refuse(f"{name} is {value}", f"give a number {bounds}")


def _check_name(what: str, name: str, known: tuple[str, ...]) -> None:
    if name not in known:
        raise _refuse(f"{what} is {name!r}", f"take one of: {', '.join(known)}")


def _check_thing(put_down_s: float | None, taken_s: float | None, seconds: float) -> None:
    for name, value in (("put_down_s", put_down_s), ("taken_s", taken_s)):
        if value is not None and not 0 <= value < seconds:
            raise _refuse(
                f"{name} is {value}, the clip lasts {seconds} s", f"give a second from 0 to below {seconds:g}"
            )
    if taken_s is None:
        return
    if put_down_s is None:
        raise _refuse(f"taken_s is {taken_s}, but nothing is put down", "give put_down_s as well, or drop taken_s")
    if taken_s <= put_down_s:
        raise _refuse(
            f"taken_s {taken_s} is not after put_down_s {put_down_s}", "let the thing be taken after it was put down"
        )


def _check_light(steps: tuple[tuple[float, float], ...]) -> None:
    before = -math.inf
    for time_s, gain in steps:
        if not time_s >= 0 or not time_s > before:
            raise _refuse(f"light step at {time_s} s", "give steps at 0 s or later, each after the one before")
        if not 0 < gain <= MAX_GAIN:
            raise _refuse(f"light gain is {gain}", f"give a gain above 0 and at most {MAX_GAIN:g}; 1 = as drawn")
        before = time_s
