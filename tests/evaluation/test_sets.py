"""Test sets: split by site, frozen by sha256, never tuned on, every use written down."""

from __future__ import annotations

import getpass
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brain import __version__
from brain.core.errors import ConfigError, UsageError
from brain.evaluation.ledger import enter, ledger_path, uses
from brain.evaluation.sets import freeze, frozen_path, refuse_tuning, split_sites, verify_frozen
from brain.evaluation.truth import TruthClip, TruthSet
from brain.evaluation.truth_file import read_truth

NOW = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
TEXT = """# what the guard saw
labelled: [left_object]   # only this
clips:
  - {file: a.mp4, site: north}
  - {file: b.mp4, site: south}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    for name in ("a", "b"):
        (tmp_path / f"{name}.mp4").write_bytes(name.encode() * 1000)
    path = tmp_path / "truth.yaml"
    path.write_text(TEXT)
    return path


def use(file: Path, number: int = 0) -> None:
    enter(read_truth(file), command="brain evaluate events", run_digest=f"r{number}", settings_digest="s", now=NOW)


# ── freezing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_freezing_makes_it_a_test_set_and_changes_nothing_else(file):
    before = read_truth(file)
    frozen = freeze(before, now=NOW)
    assert file.read_text() == TEXT.replace("labelled", "set: test\nlabelled", 1)
    after = read_truth(file)
    assert (after.set, after.clips) == ("test", before.clips)
    assert verify_frozen(after) == frozen
    assert frozen.frozen == "2026-06-01T04:00:00.000Z"
    assert [clip.file for clip in frozen.clips] == ["a.mp4", "b.mp4"]
    assert freeze(after, now=datetime(2027, 1, 1, tzinfo=UTC)) == frozen  # once is for good


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("t.yaml", "set:  dev  # may be tuned on\nclips: [{file: a.mp4}]\n", "set:  test  # may be tuned on\n"),
        ("t.yaml", "---\nclips: [{file: a.mp4}]\n", "---\nset: test\nclips"),
        ("t.yaml", "clips: [{file: a.mp4}]\nset: 'dev'\n", "clips: [{file: a.mp4}]\nset: test\n"),
        ("t.json", '{"clips": [{"file": "a.mp4"}]}', '{"set": "test", "clips"'),
        ("t.json", '{\n "set": "dev",\n "clips": [{"file": "a.mp4"}]}', '{\n "set": "test",\n'),
    ],
)
def test_only_the_word_for_the_set_is_changed(file, name, text, expected):
    path = file.with_name(name)
    path.write_text(text)
    freeze(read_truth(path), now=NOW)
    assert path.read_text().startswith(expected)
    assert read_truth(path).set == "test"


def test_what_is_not_frozen(file):
    assert verify_frozen(read_truth(file)) is None


def test_a_changed_truth_file_is_told(file):
    freeze(read_truth(file), now=NOW)
    file.write_text(file.read_text() + "  - {file: c.mp4}\n")
    with pytest.raises(ConfigError, match="not what was frozen") as raised:
        verify_frozen(read_truth(file))
    assert raised.value.where == str(file)
    with pytest.raises(ConfigError):
        freeze(read_truth(file), now=NOW)


def test_a_changed_clip_is_told_and_a_clip_that_is_elsewhere_is_not(file):
    freeze(read_truth(file), now=NOW)
    (file.parent / "a.mp4").unlink()
    assert verify_frozen(read_truth(file)) is not None
    (file.parent / "b.mp4").write_bytes(b"other")
    assert verify_frozen(read_truth(file), clips=False) is not None
    with pytest.raises(ConfigError, match="the clip is not what was frozen") as raised:
        verify_frozen(read_truth(file))
    assert raised.value.where == str(file.parent / "b.mp4")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("site: south", "site: south, evnets: []"), "1 mistakes"),
        (("b.mp4", "c.mp4"), "a clip is missing"),
        (("site: south", f"sha256: '{'0' * 64}'"), "not the one that the truth file states"),
    ],
)
def test_what_cannot_be_frozen_is_left_as_it_was(file, change, said):
    text = TEXT.replace(*change)
    file.write_text(text)
    with pytest.raises((UsageError, ConfigError), match=said):
        freeze(read_truth(file), now=NOW)
    assert file.read_text() == text
    assert not frozen_path(file).exists()


def test_another_form_is_converted_first(file):
    export = file.with_name("export.json")
    export.write_text('[{"id": 1, "annotations": [], "data": {"video": "a.mp4", "fps": 25}}]')
    before = export.read_text()
    with pytest.raises(UsageError, match="own form"):
        freeze(read_truth(export), now=NOW)
    assert export.read_text() == before
    assert sorted(path.name for path in file.parent.iterdir()) == ["a.mp4", "b.mp4", "export.json", "truth.yaml"]


def test_a_broken_frozen_file_is_told(file):
    frozen_path(file).write_text("{}")
    with pytest.raises(ConfigError, match="does not tell"):
        verify_frozen(read_truth(file))


# ── tuning ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_dev_set_may_be_tuned_on(file):
    refuse_tuning(read_truth(file))


def test_a_test_set_may_not(file):
    file.write_text("set: test\n" + TEXT)
    with pytest.raises(UsageError, match="a test set"):
        refuse_tuning(read_truth(file))


def test_a_frozen_set_may_not_even_if_somebody_calls_it_dev_again(file):
    freeze(read_truth(file), now=NOW)
    file.write_text(file.read_text().replace("set: test", "set: dev"))
    with pytest.raises(UsageError, match="a frozen set"):
        refuse_tuning(read_truth(file))


def test_a_clip_of_a_frozen_set_may_not_whatever_its_name(file):
    other = file.with_name("other.yaml")
    other.write_text("clips: [{file: copy.mp4}]\n")
    (file.parent / "copy.mp4").write_bytes((file.parent / "b.mp4").read_bytes())
    refuse_tuning(read_truth(other))
    freeze(read_truth(file), now=NOW)
    with pytest.raises(UsageError, match=r"copy.mp4 belongs to the frozen set truth.yaml"):
        refuse_tuning(read_truth(other))
    digest = verify_frozen(read_truth(file)).clips[0].sha256
    other.write_text(f"clips: [{{file: elsewhere.mp4, sha256: {digest}}}]\n")
    with pytest.raises(UsageError, match=r"elsewhere.mp4 belongs"):
        refuse_tuning(read_truth(other))


# ── splitting ────────────────────────────────────────────────────────────────────────────────────────────────────────


def some_set(sites: list[str]) -> TruthSet:
    clips = tuple(TruthClip(file=f"{n}.mp4", camera=f"c{n}", site=site) for n, site in enumerate(sites))
    return TruthSet(Path("t.yaml"), "dev", clips)


@settings(deadline=None)
@given(
    sites=st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=30).filter(lambda many: len(set(many)) > 1),
    share=st.floats(0.01, 0.99),
    seed=st.integers(0, 9),
)
def test_a_site_is_wholly_on_one_side_and_no_clip_is_lost(sites, share, seed):
    truth = some_set(sites)
    dev, test = split_sites(truth, test_share=share, seed=seed)
    assert dev
    assert test
    assert not {clip.site for clip in dev} & {clip.site for clip in test}
    assert sorted(clip.file for clip in (*dev, *test)) == sorted(clip.file for clip in truth.clips)
    assert split_sites(truth, test_share=share, seed=seed) == (dev, test)
    largest = max(sites.count(site) for site in sites)
    assert abs(len(test) - share * len(sites)) <= largest + 1 or len({clip.site for clip in test}) in (
        1,
        len(set(sites)) - 1,
    )


def test_named_sites():
    dev, test = split_sites(some_set(["a", "b", "a", "c"]), test_sites=["b", "c"])
    assert [clip.file for clip in dev] == ["0.mp4", "2.mp4"]
    assert [clip.file for clip in test] == ["1.mp4", "3.mp4"]


@pytest.mark.parametrize(
    ("sites", "options", "said"),
    [
        (["a", "a"], {"test_share": 0.5}, r"all clips are of one site \(a\)"),
        ([], {"test_share": 0.5}, "there are none"),
        (["a", "b"], {"test_sites": ["x"]}, "no site 'x'"),
        (["a", "b"], {"test_sites": ["a", "b"]}, "nothing would be left"),
        (["a", "b"], {}, "nothing would be left"),
        (["a", "b"], {"test_share": 1.0}, "a share of 1"),
    ],
)
def test_what_cannot_be_split(sites, options, said):
    with pytest.raises(UsageError, match=said) as raised:
        split_sites(some_set(sites), **options)
    assert raised.value.remedy


# ── ledger ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_only_uses_of_frozen_sets_are_written_down(file):
    use(file)
    assert not ledger_path(file).exists()
    freeze(read_truth(file), now=NOW)
    use(file, 1)
    use(file, 2)
    entries = uses(read_truth(file))
    assert [entry.run for entry in entries] == ["r1", "r2"]
    first = entries[0]
    assert (first.who, first.moment) == (getpass.getuser(), "2026-06-01T04:00:00.000Z")
    assert (first.command, first.settings, first.product) == ("brain evaluate events", "s", __version__)


def test_no_ledger_no_uses(file):
    assert uses(read_truth(file)) == ()


def test_half_a_line_was_never_reported_and_is_taken_off(file):
    freeze(read_truth(file), now=NOW)
    use(file, 1)
    with ledger_path(file).open("a") as out:
        out.write('{"who": "x')
    assert [entry.run for entry in uses(read_truth(file))] == ["r1"]
    use(file, 2)
    assert [entry.run for entry in uses(read_truth(file))] == ["r1", "r2"]
    assert [json.loads(line)["run"] for line in ledger_path(file).read_text().splitlines()] == ["r1", "r2"]


def test_a_whole_line_that_lacks_only_its_end_is_kept(file):
    freeze(read_truth(file), now=NOW)
    use(file, 1)
    ledger_path(file).write_text(ledger_path(file).read_text().rstrip("\n"))
    assert [entry.run for entry in uses(read_truth(file))] == ["r1"]
    use(file, 2)
    assert [entry.run for entry in uses(read_truth(file))] == ["r1", "r2"]


@pytest.mark.parametrize("position", [0, 1])
def test_a_damaged_line_before_the_end_is_told(file, position):
    freeze(read_truth(file), now=NOW)
    use(file, 1)
    use(file, 2)
    lines = ledger_path(file).read_text().splitlines()
    lines[position] = '{"who": "x'
    ledger_path(file).write_text("\n".join(lines) + "\n")
    use(file, 3)
    with pytest.raises(ConfigError) as raised:
        uses(read_truth(file))
    assert raised.value.where == f"{ledger_path(file)}:{position + 1}"


def test_a_use_that_did_not_reach_the_disk_leaves_no_line(file, monkeypatch):
    freeze(read_truth(file), now=NOW)
    use(file, 1)
    before = ledger_path(file).read_bytes()

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="No space left"):
        use(file, 2)
    assert ledger_path(file).read_bytes() == before


def test_freezing_that_finds_no_room_leaves_all_as_it_was(file, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match="No space left"):
        freeze(read_truth(file), now=NOW)
    assert file.read_text() == TEXT
    assert sorted(path.name for path in file.parent.iterdir()) == ["a.mp4", "b.mp4", "truth.yaml"]


def test_a_use_that_cannot_be_written_down_is_refused(file):
    freeze(read_truth(file), now=NOW)
    ledger_path(file).mkdir()
    with pytest.raises(ConfigError, match="cannot be written down"):
        use(file)


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from brain.evaluation.ledger import enter
from brain.evaluation.truth import TruthSet
truth = TruthSet(Path(sys.argv[1]), "test", ())
for number in range(50):
    digest = f"{sys.argv[2]}-{number}"
    enter(truth, command="x" * 3000, run_digest=digest, settings_digest="", now=datetime.now(UTC))
"""


def test_several_processes_write_whole_lines(file):
    freeze(read_truth(file), now=NOW)
    processes = [subprocess.Popen([sys.executable, "-c", WRITER, str(file), name]) for name in "abc"]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    written = [entry.run for entry in uses(read_truth(file))]
    assert sorted(written) == sorted(f"{name}-{number}" for name in "abc" for number in range(50))
    for name in "abc":
        own = [run for run in written if run.startswith(name)]
        assert own == [f"{name}-{number}" for number in range(50)]
