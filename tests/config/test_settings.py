"""The settings file: what is right, and each mistake with its line."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from brain.config.settings import (
    BrainSettings,
    CameraSettings,
    CitySettings,
    DeskSettings,
    NetworkSettings,
    StorageSettings,
    ZoneSettings,
    check_polygon,
    load_settings,
    source_scheme,
)
from brain.core.errors import ConfigError
from brain.core.geometry import Polygon, polygon_area
from brain.core.types import Zone

GOOD = """\
state: state
cameras:
- id: gate
  source: rtsp://10.1.2.3/stream
  username: viewer
  password: s3cret
  zones:
  - name: kerb
    kind: no_parking
    polygon: [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]
- id: file
  source: a.mp4
city:
  holidays: [2026-10-01]
assignments:
- scenario: illegal_parking
  cameras: [gate]
desks:
- id: city
  url: http://desk.example/hook
  secret: whsec_AAAA
"""


@pytest.fixture
def settings_file(tmp_path: Path) -> Path:
    return tmp_path / "brain.yaml"


def refused(path: Path, old: str, new: str) -> str:
    assert GOOD.count(old) == 1, f"{old!r} stands {GOOD.count(old)} times"
    path.write_text(GOOD.replace(old, new), "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    assert caught.value.remedy
    return str(caught.value).replace(str(path), "f")


def test_a_good_file(settings_file: Path) -> None:
    settings_file.write_text(GOOD, "utf-8")
    settings = load_settings(settings_file)
    camera = settings.cameras[0]
    assert camera.zones[0].zone() == Zone("kerb", "no_parking", ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9)))
    address = camera.resolved_address(settings_file.parent)
    assert address.url == "rtsp://10.1.2.3/stream"
    assert address.with_credentials() == "rtsp://viewer:s3cret@10.1.2.3/stream"
    assert settings.cameras[1].resolved_address(Path("/data")).url == "/data/a.mp4"
    assert settings.city.holidays == ("2026-10-01",)
    assert settings.workers == 0
    secret = settings.desks[0].resolved_secret(settings_file.parent)
    assert secret is not None
    assert secret.get_secret_value() == "whsec_AAAA"
    with pytest.raises(ValidationError):
        settings.workers = 3  # type: ignore[misc]


POLYGON = "[[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]"


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        # zones
        (POLYGON, "[[0.1, 0.1], [0.9, 0.1]]", 10, "cameras.0.zones.0.polygon: a polygon needs at least three"),
        (POLYGON, "[]", 10, "at least three"),
        (POLYGON, "all", 10, "at least three"),
        (POLYGON, "[[0.1, 0.1], [0.9, 0.9], [0.9, 0.1], [0.1, 0.9]]", 10, "polygon crosses itself"),
        (POLYGON, "[[0.1, 0.1], [0.5, 0.5], [0.9, 0.9]]", 10, "polygon"),
        (POLYGON, "[[0.1, 0.1], [0.1, 0.1], [0.1, 0.1]]", 10, "polygon"),
        (POLYGON, "[[0.1, 0.1], [0.101, 0.1], [0.1, 0.101]]", 10, "polygon has no area"),
        (POLYGON, "[[0.1, 0.1], [1.01, 0.1], [0.9, 0.9]]", 10, "point 2 lies outside the picture"),
        (POLYGON, "[[0.1, 0.1], [0.9, -0.01], [0.9, 0.9]]", 10, "point 2 lies outside the picture"),
        (POLYGON, "[[64, 36], [576, 36], [576, 324]]", 10, "point 1 lies outside the picture"),
        (POLYGON, "[[0.1, 0.1], [.nan, 0.1], [0.9, 0.9]]", 10, "cameras.0.zones.0.polygon.1.0: must be a finite"),
        (POLYGON, "[[0.1, 0.1], [.inf, 0.1], [0.9, 0.9]]", 10, "must be a finite number"),
        (POLYGON, f"[[0.1, 0.1], [{'9' * 400}, 0.1], [0.9, 0.9]]", 10, "point 2 lies outside the picture"),
        (POLYGON, "[[0.1, 0.1], [a, 0.1], [0.9, 0.9]]", 10, "point 2 is none"),
        (POLYGON, "[[0.1, 0.1], [null, 0.1], [0.9, 0.9]]", 10, "point 2 is none"),
        (POLYGON, "[[0.1, 0.1], [true, 0.1], [0.9, 0.9]]", 10, "point 2 is none"),
        (POLYGON, "[[0.1, 0.1], [0.5, 0.1, 0.7], [0.9, 0.9]]", 10, "point 2 is none"),
        (POLYGON, "[0.1, 0.1, 0.9, 0.1, 0.9, 0.9]", 10, "point 1 is none"),
        ("name: kerb", "name: the kerb", 8, "cameras.0.zones.0.name"),
        (f"    polygon: {POLYGON}\n", f"    polygon: {POLYGON}\n    square_metres: 0\n", 11, "greater than 0"),
        (
            f"    polygon: {POLYGON}\n",
            f"    polygon: {POLYGON}\n  - {{name: kerb, kind: road, polygon: {POLYGON}}}\n",
            11,
            "cameras.0.zones.1.name: zone name 'kerb' stands twice",
        ),
        # ids
        ("id: file", "id: gate", 11, "cameras.1.id: camera id 'gate' stands twice"),
        ("id: gate", "id: gate one", 3, "cameras.0.id"),
        ("id: gate", "id: ../gate", 3, "cameras.0.id"),
        ("id: gate\n", 'id: "gate\\n"\n', 3, "cameras.0.id"),
        ("secret: whsec_AAAA\n", "secret: a\n- {id: city, url: 'http://b/'}\n", 22, "desk id 'city' stands twice"),
        ("cameras: [gate]", "cameras: [file, gaet]", 17, "assignments.0.cameras.1: there is no camera 'gaet'; did you"),
        ("cameras: [gate]", "cameras: gate", 17, "assignments.0.cameras: must be a list, or must be 'all'"),
        # credentials
        ("username: viewer", "username: viewer\n  password_env: PW", 6, "given twice, as password and as password_env"),
        ("username: viewer", "username: viewer\n  password_file: pw", 6, "given twice, as password and as password_f"),
        ("rtsp://10.1.2.3/stream", "rtsp://u:p@10.1.2.3/stream", 5, "username is given twice, in source and here"),
        ("rtsp://10.1.2.3/stream", "rtsp://u@10.1.2.3/stream", 5, "username is given twice"),
        ("  username: viewer\n", "", 5, "a password without a username"),
        ("password: s3cret", "password: 123456", 6, "cameras.0.password: must be a text; put it in quotes"),
        ("secret: whsec_AAAA", "secret: a\n  secret_env: B", 22, "secret is given twice, as secret and as secret_env"),
        ("http://desk.example", "http://me:pw@desk.example", 20, "desks.0.url: must begin with http"),
        ("http://desk.example", "ftp://desk.example", 20, "desks.0.url: must begin with http"),
        ("http://desk.example", "http://", 20, "desks.0.url: must begin with http"),
        # addresses
        ("rtsp://10.1.2.3/stream", "rtsp:/10.1.2.3/stream", 4, "cameras.0.source: looks like an address, but is none"),
        ("rtsp://10.1.2.3/stream", "rtsp//10.1.2.3/stream", 4, "looks like an address"),
        ("rtsp://10.1.2.3/stream", "admin:pw@10.1.2.3/stream", 4, "looks like an address"),
        ("rtsp://10.1.2.3/stream", "RTSP/admin:pw@10.1.2.3/stream", 4, "looks like an address"),
        ("rtsp://10.1.2.3/stream", "'rtsp:\\\\admin:pw@10.1.2.3'", 4, "looks like an address"),
        ("rtsp://10.1.2.3/stream", "rtsp://", 4, "cameras.0.source: not an address"),
        ("rtsp://10.1.2.3/stream", "rtsp://u:p@", 4, "cameras.0.source: an address with a user name but no host"),
        ("rtsp://10.1.2.3/stream", "''", 4, "cameras.0.source"),
        # others
        ("holidays: [2026-10-01]", "holidays: [2026-10-01, 2026-10-32]", 14, "city.holidays.1: must be a date like"),
        ("holidays: [2026-10-01]", "timezone: Asia/Peking", 14, "city.timezone: unknown time zone 'Asia/Peking'"),
        ("holidays: [2026-10-01]", "timezone: ../etc/passwd", 14, "city.timezone: unknown time zone"),
        ("holidays: [2026-10-01]", "admin_code: 12345", 14, "city.admin_code: must be a text; put it in quotes"),
        ("state: state", "network: {allow: [private, 10.0.0.1/8]}", 1, "network.allow.1: must be private, loopback"),
        ("state: state", "network: {allow: [everything]}", 1, "network.allow.0: must be private, loopback"),
        ("state: state", "server: {host: 0.0.0.0}", 1, "server.host: must be '127.0.0.1'"),
        ("state: state", "workers: -1", 1, "workers: must be greater than or equal to 0"),
        ("state: state", "storage: {evidence_limit_gb: .nan}", 1, "storage.evidence_limit_gb: must be a finite"),
        ("source: a.mp4", "source: a.mp4\n  location: [25.0, 102.7]", 13, "cameras.1.location: must be [longitude,"),
        ("source: a.mp4", "source: a.mp4\n  grid: '12'", 13, "cameras.1.grid"),
        ("source: a.mp4", "sorce: a.mp4", 12, "unknown key 'cameras.1.sorce'; did you mean 'source'?"),
        ("  secret: whsec_AAAA", "  timeout: soon", 21, "desks.0.timeout: 'soon' is not a duration"),
    ],
)
def test_mistakes(settings_file: Path, old: str, new: str, line: int, words: str) -> None:
    text = refused(settings_file, old, new)
    assert any(one.startswith(f"f:{line}: ") and words in one for one in text.splitlines()), text


@pytest.mark.parametrize("part", ["cameras", "assignments"])
def test_nothing_to_do_is_a_mistake(settings_file: Path, part: str) -> None:
    for text in ("state: a\n", f"{part}: []\n"):
        settings_file.write_text(text)
        with pytest.raises(ConfigError, match=f"key '{part}' is missing|{part}: .*at least 1"):
            load_settings(settings_file)


# Polygons.


def tried(points: object) -> tuple[Polygon | None, str]:
    """The polygon, or what is wrong with it."""
    try:
        return check_polygon(points), ""
    except ValueError as error:
        return None, str(error)


corner = st.tuples(st.floats(0, 1), st.floats(0, 1))


@given(st.lists(corner, min_size=3, max_size=8))
def test_a_polygon_that_is_taken_has_area_and_lies_in_the_picture(points: list[tuple[float, float]]) -> None:
    polygon, mistake = tried([list(point) for point in points])
    if polygon is None:
        assert "polygon" in mistake
    else:
        assert polygon == tuple(points)
        assert polygon_area(polygon) >= 0.9e-5


@given(st.integers(3, 12), st.floats(0.01, 0.5), st.booleans(), st.booleans())
def test_a_regular_polygon_is_taken(corners: int, radius: float, back: bool, closed: bool) -> None:
    points = [
        [0.5 + radius * math.cos(2 * math.pi * k / corners), 0.5 + radius * math.sin(2 * math.pi * k / corners)]
        for k in range(corners)
    ]
    points = [[min(1, max(0, value)) for value in point] for point in (points[::-1] if back else points)]
    assert check_polygon(points + points[:1] * closed)


value = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.lists(st.floats(), max_size=3)
)


@given(st.one_of(value, st.lists(st.one_of(value, st.lists(value, max_size=3)), max_size=5)))
def test_anything_else_is_a_value_error(points: object) -> None:
    polygon, mistake = tried(points)
    assert len(mistake) < 200
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in polygon or ())


def test_what_is_wrong_elsewhere_stays_a_value_error() -> None:
    with pytest.raises(ValidationError, match="polygon"):
        ZoneSettings(name="a", kind="b", polygon=None)


# Single settings.


@pytest.mark.parametrize(
    ("source", "scheme"),
    [
        ("rtsp://a/b", "rtsp"),
        ("RTSPS://a/b", "rtsps"),
        ("a.mp4", "file"),
        ("/data/a b.mp4", "file"),
        ("file:///data/a.mp4", "file"),
        ("feed:a.yaml", "feed"),
        ("http://a/b", "http"),
    ],
)
def test_source_schemes(source: str, scheme: str) -> None:
    assert source_scheme(source) == scheme


@pytest.mark.parametrize(
    ("source", "url"),
    [
        ("a.mp4", "/base/a.mp4"),
        ("sub/a.mp4", "/base/sub/a.mp4"),
        ("/data/a.mp4", "/data/a.mp4"),
        ("file:///data/a.mp4", "/data/a.mp4"),
        ("srt/a.mp4", "/base/srt/a.mp4"),
        ("./a:b@c.mp4", "/base/a:b@c.mp4"),
        ("feed:a.yaml", "feed:/base/a.yaml"),
        (" rtsp://10.0.0.1/a ", "rtsp://10.0.0.1/a"),
        ("rtsp://10.0.0.1/cam@1", "rtsp://10.0.0.1/cam@1"),
    ],
)
def test_where_a_source_lies(source: str, url: str) -> None:
    assert CameraSettings(id="a", source=source).resolved_address(Path("/base")).url == url


def test_a_secret_in_a_file_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text(" pass word \n")
    camera = CameraSettings(id="a", source="rtsp://10.0.0.1/", username="u", password_file=Path("pw"))
    address = camera.resolved_address(tmp_path)
    assert address.password == SecretStr(" pass word ")


def test_a_user_in_the_address_and_a_secret_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMERA_PW", "p@ss")
    camera = CameraSettings(id="a", source="rtsp://u@10.0.0.1/", password_env="CAMERA_PW")
    assert camera.resolved_address(tmp_path).with_credentials() == "rtsp://u:p%40ss@10.0.0.1/"


def test_a_missing_secret_names_the_camera_and_the_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_SUCH", raising=False)
    camera = CameraSettings(id="gate", source="rtsp://10.0.0.1/", username="u", password_env="NO_SUCH")
    with pytest.raises(ConfigError, match="camera gate: password: environment variable NO_SUCH is not set"):
        camera.resolved_address(tmp_path)
    desk = DeskSettings(id="city", url="http://a/", secret_file=Path("no"))
    with pytest.raises(ConfigError, match=r"desk city: secret: file .*no cannot be read"):
        desk.resolved_secret(tmp_path)


def test_settings_survive_the_way_to_a_worker() -> None:
    camera = {"id": "a", "source": "rtsp://u:p%2F@10.0.0.1/x"}
    settings = BrainSettings(cameras=[camera], assignments=[{"scenario": "s"}])
    dumped = settings.model_dump(mode="python")
    again = BrainSettings.model_validate(dumped)
    assert again == settings
    assert again.cameras[0].resolved_address(Path()).with_credentials() == "rtsp://u:p%2F@10.0.0.1/x"


def test_a_database_password_is_shown_nowhere() -> None:
    storage = StorageSettings(database="postgresql://brain:s3cret@db/brain")
    assert storage.database == "postgresql://brain:s3cret@db/brain"
    assert "s3cret" not in repr(storage) + str(storage) + storage.model_dump_json()
    assert storage.model_dump()["database"] == storage.database


@pytest.mark.parametrize("allow", [("private",), ("any", "loopback"), ("203.0.113.0/24", "2001:db8::/32"), ("::1",)])
def test_networks(allow: tuple[str, ...]) -> None:
    assert NetworkSettings(allow=allow).allow == allow


def test_city() -> None:
    assert CitySettings(timezone="Europe/Berlin", workdays=("2026-10-10",)).workdays == ("2026-10-10",)
