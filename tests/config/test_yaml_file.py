"""Every mistake in a file is said with file and line, and no file costs much time or memory."""

from __future__ import annotations

import os
import resource
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml.comments import CommentedMap

from brain.config.mistakes import MistakeError
from brain.config.yaml_file import MAX_BYTES, build, line_of, load, parse_yaml, read_yaml
from brain.core.errors import ConfigError


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    size: float = Field(1.0, gt=0)


class House(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str = "x"
    rooms: int = 1
    open: bool = False
    parts: tuple[Part, ...] = ()
    only: tuple[str, ...] | None = None
    free: dict[str, Any] = Field(default_factory=dict)


def refused(text: str, model: type[BaseModel] = House) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        build(parse_yaml(text, "f.yaml"), model, "f.yaml")
    assert caught.value.remedy
    assert caught.value.exit_code == 2
    return caught.value


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        # keys
        ("title: a\nroms: 2\n", 2, "unknown key 'roms'; did you mean 'rooms'?"),
        ("title: a\nxyzzy: 2\n", 2, "unknown key 'xyzzy'"),
        ("parts:\n- name: a\n  seize: 2\n", 3, "unknown key 'parts.0.seize'; did you mean 'size'?"),
        ("parts:\n- name: a\n- size: 2\n", 3, "key 'parts.1.name' is missing"),
        ("rooms: 1\ntitle: a\nrooms: 2\n", 3, "key 'rooms' stands twice"),
        ("parts:\n- name: a\n  name: b\n", 3, "key 'name' stands twice"),
        ("free: {1: a, '1': b}\n", 1, "stands twice, as text and as number"),
        ("title: a\nxyzzy:\n", 2, "the file: holds a key that is none of its own"),
        ("parts:\n- {name: ab,cdefgh}\n", 2, "parts.0: holds a key that is none of its own; a text with a comma"),
        ("title: a\n[b, c]: 2\n", 2, "the file: holds a key that is none of its own"),
        # types
        ("title: a\nrooms: many\n", 2, "rooms: must be a valid integer"),
        ("rooms: 1.5\n", 1, "rooms: must be a valid integer"),
        ("title: [a]\n", 1, "title: must be a text"),
        ("title: 12\n", 1, "title: must be a text; put it in quotes"),
        ("parts: a\n", 1, "parts: must be a list"),
        ("parts:\n- a\n", 2, "parts.0: must be a mapping"),
        ("title: a\nparts:\n- name: a\n- name: b\n  size: 0\n", 5, "parts.1.size: must be greater than 0"),
        ("open: maybe\n", 1, "open: must be a valid boolean"),
        ("only: [a, [b]]\n", 1, "only.1: must be a text"),
        # numbers
        ("parts:\n- name: a\n  size: .nan\n", 3, "parts.0.size: must be a finite number"),
        ("title: a\nparts:\n- name: a\n  size: -.inf\n", 4, "parts.0.size: must be a finite number"),
        ("free:\n  deep:\n  - 1\n  - .NaN\n", 4, "free.deep.1: must be a finite number"),
        ("free: {x: 1e999}\n", 1, "free.x: must be a finite number"),
        ("title: a\nrooms: " + "9" * 5000 + "\n", 2, "a number that is too long"),
        # not YAML, or YAML that is no settings file
        ("parts:\n\t- name: a\n", 2, "not YAML: found character '\\t'"),
        ("title: 'a\nrooms: 1\n", 3, "not YAML: found unexpected end of stream"),
        ("title: a: b\n", 1, "not YAML: mapping values are not allowed here"),
        ("title: a\n  rooms: 1\n", 2, "not YAML"),
        ("title: a\nparts: [1, 2\n", 3, "not YAML"),
        ("title: a\n}\n", 2, "not YAML"),
        ("title: a\nrooms: \0\n", 2, "not YAML: a control character"),
        ("title: a\n\x07\n", 2, "not YAML: a control character"),
        ("title: a\n---\ntitle: b\n", 2, "not YAML: but found another document"),
        ("%YAML 3.0\n---\ntitle: a\n", 1, "not YAML"),
        ("", 1, "empty, or not a mapping"),
        ("# only a comment\n", 1, "empty, or not a mapping"),
        ("null\n", 1, "empty, or not a mapping"),
        ("just words\n", 1, "empty, or not a mapping"),
        ("- title: a\n", 1, "empty, or not a mapping"),
        # tags, aliases and texts
        ("title: !secret abc\n", 1, "title: tags (!) are not used here"),
        ("rooms: 1\nfree: !!set {a, b}\n", 2, "free: tags (!) are not used here"),
        ("title: a\nfree: {x: !!binary aGk=}\n", 2, "free.x: tags (!) are not used here"),
        ("rooms: 1\ntitle: *nowhere\n", 2, "an alias to nothing"),
        ("title: !a!b c\n", 1, "an unknown tag"),
        ('rooms: 1\ntitle: "a\\0b"\n', 2, "title: holds a character that no text may hold"),
        ('free: {"\\ud800": 1}\n', 1, "holds a character that no text may hold"),
    ],
)
def test_every_mistake_has_its_line(text: str, line: int, words: str) -> None:
    error = refused(text)
    assert error.where == f"f.yaml:{line}"
    assert words in error.what
    assert str(error).startswith(f"f.yaml:{line}: ")


def test_all_mistakes_are_told_at_once() -> None:
    error = refused("roms: 1\ntitle: [a]\nparts:\n- name: a\n  size: -1\n- {}\n")
    assert str(error).splitlines()[:-1] == [
        "f.yaml:2: title: must be a text; put it in quotes",
        "f.yaml:5: parts.0.size: must be greater than 0",
        "f.yaml:6: key 'parts.1.name' is missing",
        "f.yaml:1: unknown key 'roms'; did you mean 'rooms'?",
    ]


def test_a_wrong_item_does_not_make_its_list_too_short_as_well() -> None:
    class Need(BaseModel):
        parts: tuple[Part, ...] = Field(min_length=1)

    assert refused("parts:\n- size: 2\n", Need).what == "key 'parts.0.name' is missing"
    assert "at least 1" in refused("parts: []\n", Need).what


def test_a_validator_may_name_the_place() -> None:
    class Pair(BaseModel):
        one: int
        two: tuple[int, ...]

        def model_post_init(self, _context: Any) -> None:
            if self.one in self.two:
                raise MistakeError("the same number", "two", self.two.index(self.one))

    error = refused("one: 3\ntwo:\n- 2\n- 3\n", Pair)
    assert (error.where, error.what) == ("f.yaml:4", "two.1: the same number")


def test_dates_are_texts() -> None:
    assert build(parse_yaml("title: 2026-10-01\n", "f"), House, "f").title == "2026-10-01"
    assert build(parse_yaml("title: 2026-99-99\n", "f"), House, "f").title == "2026-99-99"


def test_anchors_and_merges_serve() -> None:
    text = "free:\n  base: &base {name: a, size: 2}\nparts:\n- *base\n- <<: *base\n  name: b\nopen: &yes true\n"
    house = build(parse_yaml(text, "f"), House, "f")
    assert [(part.name, part.size) for part in house.parts] == [("a", 2), ("b", 2)]
    assert house.open is True


def test_a_mistake_in_a_merged_key_has_a_line() -> None:
    error = refused("free:\n  base: &base {seize: 2}\nparts:\n- name: a\n  <<: *base\n")
    assert error.where in ("f.yaml:2", "f.yaml:4", "f.yaml:5")
    assert "unknown key 'parts.0.seize'" in error.what


# Files that would cost time or memory.


def bomb(levels: int, opening: str, closing: str) -> str:
    lines = [f"a0: &a0 {opening}x{closing}"]
    lines += [f"a{i}: &a{i} {opening}{','.join([f'*a{i - 1}'] * 9)}{closing}" for i in range(1, levels)]
    return "free:\n" + "".join(f"  {line}\n" for line in lines)


MERGES = "free:\n  a0: &a0 {k: 1}\n" + "".join(
    f"  a{i}: &a{i} {{<<: [{','.join([f'*a{i - 1}'] * 9)}], k{i}: 1}}\n" for i in range(1, 12)
)
CHAIN = "free:\n  a0: &a0 [x]\n" + "".join(f"  a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 3000))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(bomb(12, "[", "]"), "unfold to too many values", id="billion laughs"),
        pytest.param(CHAIN, "unfold to too many values", id="chain of aliases"),
        pytest.param("free: " + "[" * 100_000 + "]" * 100_000, "nested too deeply", id="deep brackets"),
        pytest.param("free: " + "[" * 100_000, "nested too deeply", id="open brackets"),
        pytest.param("free: " + '{"a":' * 50_000, "nested too deeply", id="open braces"),
        pytest.param("".join(" " * i + "a:\n" for i in range(1500)), "nested too deeply", id="deep indents"),
        pytest.param("- " * 50_000 + "a", "nested too deeply", id="deep dashes"),
        pytest.param("? " * 50_000 + "a", "nested too deeply", id="deep question marks"),
    ],
)
@pytest.mark.timeout(60)
def test_bombs_do_not_go_off(text: str, words: str) -> None:
    before_kb, began_s = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    error = refused(text)
    assert words in error.what
    assert error.where.startswith("f.yaml:")
    assert len(str(error)) < 1000
    assert time.monotonic() - began_s < 15
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 150 << 10


@pytest.mark.parametrize("text", ["free: &a {b: *a}\n", "free: {b: &a [*a]}\n", "free: &a {b: {c: [*a]}}\n"])
def test_an_alias_to_itself_is_not_followed(text: str) -> None:
    assert len(repr(build(parse_yaml(text, "f"), House, "f").free)) < 50


@pytest.mark.timeout(60)
def test_merges_of_merges_are_only_as_large_as_their_keys() -> None:
    began_s = time.monotonic()
    house = build(parse_yaml(MERGES, "f"), House, "f")
    assert len(house.free["a11"]) == 12
    assert time.monotonic() - began_s < 15


def test_two_thousand_cameras_are_no_bomb() -> None:
    text = "parts:\n" + "".join(f"- {{name: c{i}, size: {i + 1}}}\n" for i in range(2000))
    assert len(build(parse_yaml(text, "f"), House, "f").parts) == 2000


# Files on the disk.


def test_a_good_file(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("\ufefftitle: 城市\nrooms: 3\n", "utf-8")
    assert load(path, House) == House(title="城市", rooms=3)


def test_files_that_are_none(tmp_path: Path) -> None:
    large = tmp_path / "large.yaml"
    large.write_bytes(b"title: a\n" + b"# filled up\n" * (5 * (1 << 20) // 12))
    assert large.stat().st_size > MAX_BYTES
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"title: a\nrooms: 1\n\xff\xfe\x00\x01")
    for path, where, words in [
        (tmp_path / "no.yaml", tmp_path / "no.yaml", "cannot be read: No such file"),
        (tmp_path, tmp_path, "cannot be read: Is a directory"),
        (Path("a\0b"), Path("a\0b"), "cannot be read: no such path"),
        (tmp_path / ("x" * 300), tmp_path / ("x" * 300), "cannot be read: File name too long"),
        (large, large, "larger than 4 MiB"),
        (Path("/dev/zero"), Path("/dev/zero"), "larger than 4 MiB"),
        (binary, f"{binary}:3", "not UTF-8 text"),
    ]:
        with pytest.raises(ConfigError) as caught:
            read_yaml(path)
        assert caught.value.where == str(where)
        assert words in caught.value.what
        assert caught.value.remedy


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_rights(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("title: a\n")
    path.chmod(0)
    with pytest.raises(ConfigError, match="Permission denied"):
        read_yaml(path)


def test_settings_through_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("title: piped\n",))
    writer.start()
    assert load(pipe, House).title == "piped"
    writer.join(10)


def complaint(act: Callable[[], object]) -> str:
    """Where a mistake is; empty when there is none."""
    try:
        act()
    except ConfigError as error:
        return error.where
    return ""


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_a_line(text: str) -> None:
    where = complaint(lambda: build(parse_yaml(text, "f.yaml"), House, "f.yaml"))
    if where:
        # YAML has more line breaks than \n.
        breaks = sum(text.count(one) for one in "\n\r\x85\u2028\u2029")
        assert 1 <= int(where.removeprefix("f.yaml:")) <= breaks + 2


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(data)
    where = complaint(lambda: load(path, House))
    assert where == "" or str(path) in where


def test_line_of() -> None:
    tree = parse_yaml("a: 1\nb:\n- x\n- y: 2\n  z: 3\n1: n\n", "f")
    for location, line in [
        ((), 1),
        (("a",), 1),
        (("b",), 2),
        (("b", 0), 3),
        (("b", 1, "z"), 5),
        (("b", 1, "not there"), 4),
        (("b", 7), 2),
        (("b", "union member", 1, "y"), 4),
        (("1",), 6),
        (("a", "deeper"), 1),
    ]:
        assert line_of(tree, location) == line, location
    assert line_of(CommentedMap(), ("a",)) == 1
