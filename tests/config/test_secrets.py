"""Ten thousand passwords, each found nowhere outside its secret."""

from __future__ import annotations

import json
import random
import socket
import string
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from brain.config.logs import logger, set_up_logs
from brain.config.secrets import MAX_SECRET_BYTES, Address, read_secret, redact, split_address
from brain.config.settings import BrainSettings, CameraSettings
from brain.config.yaml_file import build, parse_yaml
from brain.core.errors import AddressError, BrainError, ConfigError, SourceError
from brain.video.address import pin_address
from brain.video.demux import Demuxer, OpenOptions
from brain.video.reader import ReaderSettings
from brain.video.timeline import Timeline

SEED = 20261124
SPECIAL = "@:/%#? \"'\\[]{}()<>&=+;,|$!*~^`-_.密码é漢😀ßµ\u00a0\u2028\x7f"
PLAIN = string.ascii_letters + string.digits
WINDOW = 5
HOST = "10.1.2.3:554"


def passwords(count: int) -> Iterator[str]:
    """Passwords of 8 to 24 characters with each special character in turn; printed seed, so the same every time."""
    draw = random.Random(SEED)
    for number in range(count):
        characters = draw.choices(PLAIN, k=draw.randint(6, 14))
        characters += [*draw.choices(SPECIAL, k=draw.randint(1, 9)), SPECIAL[number % len(SPECIAL)]]
        draw.shuffle(characters)
        yield "".join(characters)


def forms(password: str) -> Iterator[tuple[str, str]]:
    """Addresses with a password in them, as written by careful and by careless people, and what it then is."""
    yield f"rtsp://viewer:{quote(password, safe='')}@{HOST}/live/1?channel=2", password
    yield f"rtsp://viewer:{password}@{HOST}/live/1?channel=2", unquote(password, errors="surrogateescape")
    yield f"rtsps://viewer:{password}@camera.example", unquote(password, errors="surrogateescape")


def leaks(password: str, *texts: str) -> list[str]:
    """The texts that hold any five characters in a row of a password, plain or percent-encoded."""
    shapes = {password, unquote(password, errors="surrogateescape")}
    pieces = {one[i : i + WINDOW] for one in shapes for i in range(len(one) - WINDOW + 1)}
    pieces |= {quote(one, safe="", errors="surrogateescape") for one in pieces}
    return [text for text in texts if any(piece in text for piece in pieces)]


def error_text(error: Exception, *, whole: bool = True) -> str:
    """All that could be printed of an error; the traceback, slow to make, only if ``whole``."""
    line = error.line if isinstance(error, BrainError) else ""
    return f"{error} {error!r} {line} {''.join(traceback.format_exception(error)) if whole else ''}"


def test_the_search_itself_finds_a_leak() -> None:
    assert leaks("abc@def/ghi", "nothing", "xx@def/xx", quote("@def/", safe="")) == ["xx@def/xx", "%40def%2F"]


def test_addresses_and_settings_keep_ten_thousand_passwords() -> None:
    for password in passwords(10_000):
        for url, expected in forms(password):
            address = split_address(url)
            assert address.password == SecretStr(expected)
            assert unquote(urlsplit(address.with_credentials()).password or "", errors="surrogateescape") == expected
            reader = ReaderSettings("gate", address, 2.0)
            told = [repr(address), str(address), address.url, repr(reader), str(reader), redact(f"no {url}: {url} !")]
            assert leaks(password, *told) == [], (password, url)


def test_models_keep_ten_thousand_passwords() -> None:
    for password in passwords(10_000):
        url, expected = list(forms(password))[1]
        settings = BrainSettings(
            cameras=[
                {"id": "gate", "source": url},
                {"id": "door", "source": "rtsp://10.1.2.4/", "username": "u", "password": password},
            ],
            assignments=[{"scenario": "s"}],
            desks=[{"id": "city", "url": "http://127.0.0.1/", "secret": password}],
        )
        told = [repr(settings), str(settings), settings.model_dump_json(), str(settings.model_dump())]
        assert leaks(password, *told) == [], password
        first, second = (camera.resolved_address(Path("/base")) for camera in settings.cameras)
        assert (first.password, second.password) == (SecretStr(expected), SecretStr(password))
        assert leaks(password, repr(first), repr(second)) == []


MISSPELT = (
    "rtsp://viewer:{password}@",
    "viewer:{password}@{host}",
    "rtsp:/viewer:{password}@{host}",
    "//v:{password}@h",
)


def camera_of(source: str) -> CameraSettings:
    return CameraSettings(id="gate", source=source)


def told_by(act: Callable[[], object]) -> str:
    """What is shown of a result or of an error: a password with ``://`` in it may make an address after all."""
    try:
        return repr(act())
    except (BrainError, ValidationError) as error:
        return error_text(error, whole=False)


WRONG = [
    {"transport": "carrier pigeon"},
    {"password": "other"},
    {"zones": [{"name": "a"}]},
    {"id": "not an id"},
    {"unknown": 1},
    {"username": ["list"]},
]


def test_errors_about_addresses_keep_ten_thousand_passwords() -> None:
    for number, password in enumerate(passwords(10_000)):
        whole = number % 20 == 0
        url = list(forms(password))[number % 3][0]
        text = MISSPELT[number % len(MISSPELT)].format(password=password, host=HOST)
        told = [told_by(lambda text=text: split_address(text)), told_by(lambda text=text: camera_of(text))]
        # Whole addresses as well, though only those without credentials should come here.
        base = url.replace(HOST, ("203.0.113.9:99999", "203.0.113.9", "[fd00::1", "")[number % 4])
        for text in (split_address(url).url, base):
            with pytest.raises((AddressError, SourceError)) as refused:
                pin_address(text, ("loopback",), lambda host: ["203.0.113.9"])
            told.append(refused.value.where if text is base else error_text(refused.value, whole=whole))
        with pytest.raises(ValidationError) as invalid:
            CameraSettings.model_validate({"id": "gate", "source": url} | WRONG[number % len(WRONG)])
        told.append(error_text(invalid.value, whole=whole))
        assert leaks(password, *told) == [], password


def test_errors_about_files_keep_passwords() -> None:
    for number, password in enumerate(passwords(400)):
        url = list(forms(password))[number % 3][0]
        camera = {"id": "gate", "source": url} | WRONG[number % len(WRONG)]
        told = []
        for text in (
            json.dumps({"cameras": [camera], "assignments": [{"scenario": "s"}]}, indent=1),
            # Written without quotes: often no YAML at all, and then the parser complains about pieces of it.
            f"cameras:\n- id: gate\n  source: {url}\n  transport: x\n",
            f"cameras:\n- id: gate\n  password: {password}\n  transport: x\n",
            f"cameras:\n- {{id: gate, transport: x, password: {password}}}\n",
            f"cameras:\n- {password}\n",
            f"cameras:\n- id: gate\n  password: *{password}\n",
            f"cameras:\n- id: gate\n  password: !{password}\n",
            f"cameras:\n- id: gate\n  password: !{password[:4]}!{password}\n",
            f"cameras:\n- id: gate\n  password: '{password}\n",
        ):
            with pytest.raises(ConfigError) as caught:
                build(parse_yaml(text, "brain.yaml"), BrainSettings, "brain.yaml")
            told.append(error_text(caught.value).replace(text, ""))
        assert leaks(password, *told) == [], password


def test_opening_a_dead_port_keeps_passwords() -> None:
    with socket.socket() as bound:  # bound but not listening: refused at once, and nobody else can take it
        bound.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{bound.getsockname()[1]}"
        for password in passwords(300):
            for url, _ in forms(password):
                address = split_address(url.replace(HOST, place).replace("camera.example", place))
                with pytest.raises(SourceError) as caught:
                    Demuxer(address, OpenOptions(open_s=2, read_s=1), Timeline(0.0, live=True))
                assert leaks(password, error_text(caught.value)) == [], password
                assert place in str(caught.value)


@pytest.fixture
def plain_logs() -> Iterator[None]:
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.mark.usefixtures("plain_logs")
@pytest.mark.parametrize("as_json", [True, False])
def test_logs_keep_passwords(capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    set_up_logs(as_json=as_json, process="test")
    log = logger()
    for number, password in enumerate(passwords(1_000)):
        url = list(forms(password))[number % 3][0]
        address = split_address(url)
        log.info(f"opening {url}", address=address, url=url, deep={"list": [url, (url,)], url: 1})
        try:
            raise ValueError(f"cannot open {url}")
        except ValueError as error:
            log.warning("failed", error=error, secret=address.password)
            log.exception("failed")
        written = capsys.readouterr().err
        assert written.count("cannot open rtsp") == 2
        assert leaks(password, written) == [], (password, written)
        if as_json:
            first = json.loads(written.splitlines()[0])
            assert first["process"] == "test"
            assert first["url"].startswith("rtsp")
            assert "***@" in first["url"]


# What may stay.


@pytest.mark.parametrize(
    ("text", "url", "username", "password"),
    [
        ("rtsp://10.1.2.3/stream", "rtsp://10.1.2.3/stream", None, None),
        ("rtsp://u:p@10.1.2.3/stream", "rtsp://10.1.2.3/stream", "u", "p"),
        ("rtsp://u:p@[fd00::1]:554/s", "rtsp://[fd00::1]:554/s", "u", "p"),
        ("rtsp://u@10.1.2.3/s", "rtsp://10.1.2.3/s", "u", None),
        ("rtsp://u:@10.1.2.3/s", "rtsp://10.1.2.3/s", "u", ""),
        ("rtsp://@10.1.2.3/s", "rtsp://10.1.2.3/s", None, None),
        ("rtsp://:@10.1.2.3/s", "rtsp://10.1.2.3/s", None, None),
        ("rtsp://u:a:b:c@h/s", "rtsp://h/s", "u", "a:b:c"),
        ("rtsp://u%40d:p%2F@h/s", "rtsp://h/s", "u@d", "p/"),
        ("rtsp://u:p@ss/w@rd@h/s", "rtsp://h/s", "u", "p@ss/w@rd"),
        ("rtsp://u:1/2@h/s", "rtsp://h/s", "u", "1/2"),
        ("rtsp://u:%ff%FE@h/s", "rtsp://h/s", "u", "\udcff\udcfe"),
        # no credentials: an @ in the path stays there
        ("rtsp://camera/stream@2", "rtsp://camera/stream@2", None, None),
        ("rtsp://10.1.2.3:554/user=a:b@c", "rtsp://10.1.2.3:554/user=a:b@c", None, None),
        ("rtsp://[fd00::1]:554/a:b@c", "rtsp://[fd00::1]:554/a:b@c", None, None),
    ],
)
def test_where_credentials_end(text: str, url: str, username: str | None, password: str | None) -> None:
    address = split_address(text)
    assert address == Address(url, username, None if password is None else SecretStr(password))


@pytest.mark.parametrize(
    "text", ["", "rtsp://", "10.1.2.3", "rtsp:10.1.2.3", "://host", "rtsp://u:p@", "rtsp://u:p@/s"]
)
def test_no_addresses(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        split_address(text)
    assert caught.value.remedy


def test_an_address_without_credentials_stays_as_it_is() -> None:
    assert Address("rtsp://h/s").with_credentials() == "rtsp://h/s"
    assert Address("rtsp://h/s", "u").with_credentials() == "rtsp://u:@h/s"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nothing to hide", "nothing to hide"),
        ("mail ops@city.example", "mail ops@city.example"),
        ("rtsp://10.1.2.3/stream is away", "rtsp://10.1.2.3/stream is away"),
        ("rtsp://u:p@10.1.2.3/stream is away", "rtsp://***@10.1.2.3/stream is away"),
        ("rtsp://u:p/q@10.1.2.3/s and more", "rtsp://***@10.1.2.3/s and more"),
        ("http://127.0.0.1:80/a called rtsp://u:p@h/s", "http://127.0.0.1:80/a called rtsp://***@h/s"),
        ("rtsp://u:p@h\nmail ops@city.example", "rtsp://***@h\nmail ops@city.example"),
        ("rtsp://a:b@c, rtsp://d:e@f", "rtsp://***@f"),
        ("rtsp://10.1.2.3/s: told ops@city.example", "rtsp://10.1.2.3/s: told ops@city.example"),
    ],
)
def test_what_is_struck_out(text: str, expected: str) -> None:
    assert redact(text) == expected
    assert redact(expected) == expected


@given(st.text(st.characters(blacklist_characters="\n"), min_size=1), st.text("abc/?#@:%", max_size=20))
def test_striking_out_leaves_no_password_of_any_form(password: str, before: str) -> None:
    marked = f"<<{password}>>"
    text = redact(f"{before} rtsp://user:{marked}@host/path")
    assert marked not in text
    assert text.endswith("***@host/path")


def test_striking_out_takes_time_in_proportion() -> None:
    for text in ("a" * 1_000_000 + "@", "://" * 300_000, ":///@" * 2_000 + "x" * 100_000):
        assert len(redact(text)) <= len(text)


# The three homes of a secret.


def test_a_secret_has_one_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"\xef\xbb\xbf in a file\r\n")
    monkeypatch.setenv("SOME_SECRET", " in the air ")
    assert read_secret(None, None, None, what="x") is None
    assert read_secret(SecretStr("v"), None, None, what="x") == SecretStr("v")
    assert read_secret(None, path, None, what="x") == SecretStr(" in a file")
    assert read_secret(None, None, "SOME_SECRET", what="x") == SecretStr(" in the air ")
    for given_twice in [
        (SecretStr("v"), path, None),
        (SecretStr("v"), None, "SOME_SECRET"),
        (None, path, "SOME_SECRET"),
        (SecretStr("v"), path, "SOME_SECRET"),
    ]:
        with pytest.raises(ConfigError, match="desk a: secret is given twice"):
            read_secret(*given_twice, what="desk a: secret")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read"),
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"\xff\xfe", "cannot be read"),
        (b"one\ntwo\n", "more than one line"),
        (b"x" * (MAX_SECRET_BYTES + 5), "more than one line"),
    ],
)
def test_secret_files_that_are_none(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=words) as caught:
        read_secret(None, path, None, what="camera a: password")
    assert caught.value.what.startswith("camera a: password: file ")
    assert caught.value.remedy


@pytest.mark.parametrize("path", [Path("/"), Path("/dev/null"), Path("/dev/zero"), Path("a\0b")])
def test_secret_paths_that_are_none(path: Path) -> None:
    with pytest.raises(ConfigError, match="password: file"):
        read_secret(None, path, None, what="password")


@pytest.mark.parametrize("value", [None, ""])
def test_a_variable_that_is_not_set(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    if value is None:
        monkeypatch.delenv("NO_SUCH_SECRET", raising=False)
    else:
        monkeypatch.setenv("NO_SUCH_SECRET", value)
    with pytest.raises(ConfigError, match="NO_SUCH_SECRET is not set"):
        read_secret(None, None, "NO_SUCH_SECRET", what="password")
