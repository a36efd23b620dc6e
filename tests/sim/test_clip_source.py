"""``source: sim:…`` in settings files: what it asks for, mistakes with their line, clips that are drawn once."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from brain.config.settings import source_scheme
from brain.core.errors import ConfigError, UsageError
from brain.runtime.checks import Verdict, check_settings
from brain.sim import clips
from brain.sim.clips import ClipWish, clip_path, keep_clips
from brain.sim.clips_source import drawn_settings, read_settings, read_source
from brain.sim.scenes import SCENES, scene
from brain.sim.truth import truth

SETTINGS = """\
state: state
cameras:
  - id: kerb
    source: sim:parked_car?seed=7&seconds=1&size=160x90&light=night
  - id: street
    source: "sim:quiet?seed=3&seconds=1&size=160x90"
    zones:
      - {name: mine, kind: public, polygon: [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]}
  - id: file
    source: a.mp4
assignments:
  - {scenario: left_object, cameras: [kerb, street]}
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BRAIN_HOME", str(tmp_path / "home"))
    file = tmp_path / "brain.yaml"
    file.write_text(SETTINGS)
    return file


@pytest.mark.parametrize("name", SCENES)
def test_every_scene_is_a_source(name: str) -> None:
    assert read_source(f"sim:{name}") == scene(name)
    assert source_scheme(f"sim:{name}") == "sim"


def test_all_keys_count() -> None:
    source = "sim:crowd?seed=9&light=dusk&weather=fog&seconds=20&size=1280x720&fps=25"
    assert read_source(source) == scene(
        "crowd", 9, seconds=20, fps=25, width=1280, height=720, light="dusk", weather="fog"
    )


def test_a_thing_is_put_down_and_taken_when_asked() -> None:
    spec = read_source("sim:left_object?seconds=20&put_down=6.8&taken=14")
    (event,) = truth(spec).events
    assert (event.began_s, event.ended_s) == pytest.approx((6.8, 14), abs=0.3)
    assert read_source("sim:left_object?taken=20").put_down_s == scene("left_object").put_down_s


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("sim:parked_cat", "did you mean parked_car"),
        ("sim:", "parked_car"),
        ("sim:quiet?sede=3", "did you mean seed?"),
        ("sim:quiet?colour=red", "weather"),
        ("sim:quiet?seed", "seed=7"),
        ("sim:quiet?seed=1&seed=1", "seed stands twice"),
        ("sim:quiet?seed=many", "seed=7"),
        ("sim:quiet?seed=-1", "0 or more"),
        ("sim:quiet?size=big", "640x360"),
        ("sim:quiet?size=641x360", "even"),
        ("sim:quiet?light=noon", "overcast"),
        ("sim:quiet?seconds=nan", "seconds is nan"),
        ("sim:quiet?put_down=3", "nothing is put down"),
        ("sim:left_object?put_down=9&taken=3", "after it was put down"),
        ("sim:left_object?put_down=soon", "seed=7"),
    ],
)
def test_mistakes_are_named_with_file_and_line(path: Path, source: str, said: str) -> None:
    with pytest.raises(UsageError) as bare:
        read_source(source)
    assert said in str(bare.value)
    assert bare.value.where == source
    path.write_text(SETTINGS.replace("sim:quiet?seed=3&seconds=1&size=160x90", source))
    with pytest.raises(ConfigError) as caught:
        list(check_settings(path, connect=False, read=read_settings))
    assert caught.value.where == f"{path}:6"
    assert said in str(caught.value)
    assert not (path.parent / "home").exists()


def test_a_check_draws_nothing_and_fills_in_the_zones_of_the_scene(path: Path) -> None:
    kerb, street, file = read_settings(path).cameras
    known = truth(read_source(kerb.source)).zones
    assert [zone.zone() for zone in kerb.zones] == list(known)
    assert [zone.name for zone in street.zones] == ["mine"]
    assert file.source == "a.mp4"
    findings = list(check_settings(path, connect=False, read=read_settings))
    assert [finding.text for finding in findings if finding.verdict is Verdict.BAD] == [
        finding.text for finding in findings if "file" in finding.text and finding.verdict is Verdict.BAD
    ]
    assert not (path.parent / "home").exists()


def test_clips_are_drawn_once_and_played_in_a_loop(path: Path) -> None:
    first = drawn_settings(path)
    files = {camera.source: Path(camera.source).stat().st_ino for camera in first.cameras[:2]}
    assert len(files) == 2
    for camera in first.cameras[:2]:
        assert camera.loop
        with av.open(camera.source) as container:
            assert container.streams.video[0].width == 160
            assert sum(1 for _ in container.decode(video=0)) == 12
    again = drawn_settings(path)
    assert again == first
    assert {source: Path(source).stat().st_ino for source in files} == files


def test_a_clip_of_another_drawing_is_not_taken_for_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    wish = ClipWish(scene("quiet", 3))
    before = clip_path(wish)
    assert clip_path(ClipWish(scene("quiet", 3, fps=13))) != before
    assert clip_path(ClipWish(scene("quiet", 3), gop_s=1)) != before
    monkeypatch.setattr(clips, "drawing_version", lambda: "another")
    assert clip_path(wish) != before


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="BRAIN_HOME"):
        keep_clips([ClipWish(scene("quiet", 3, seconds=1))], 1, folder=tmp_path / "file" / "clips")
