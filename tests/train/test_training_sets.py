"""Pictures for training: no near-duplicate on both sides, teachers are believed when sure."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recipe import Recipe, SetSpec, Step, read_recipe
from sets import NEAR_BITS, Item, draw_weights, fingerprint, load_set, near_groups, read_taught, split, taught

from brain.core.errors import BrainError

RECIPES = sorted(path.stem for path in (Path(__file__).parents[2] / "scripts/train/recipes").glob("*.yaml"))


def a_recipe(**changes) -> Recipe:
    return Recipe(
        **{
            "id": "tried",
            "task": "detect",
            "classes": ("box", "ball"),
            "size": 64,
            "steps": (Step(until=1.01, size=64),),
            "epochs": 1,
            "pictures_per_epoch": 4,
            "pictures": (),
        }
        | changes
    )


def a_picture(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return cv2.resize(rng.integers(0, 256, (9, 9, 3), np.uint8), (90, 60), interpolation=cv2.INTER_CUBIC)


def item(picture: np.ndarray, role: str = "split", name: str = "one", weight: float = 1.0, file: str = "") -> Item:
    spec = SetSpec(name=name, folder=name, classes={}, role=role, weight=weight)
    return Item(
        spec,
        Path(file or f"{abs(hash(picture.tobytes()))}.jpg"),
        (90, 60),
        picture,
        np.zeros((0, 4), np.float32),
        np.zeros(0, np.int64),
    )


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_can_be_read(name: str) -> None:
    recipe = read_recipe(name)
    assert recipe.id == name
    assert recipe.size % 32 == 0
    assert all(step.size % 32 == 0 for step in recipe.steps)
    assert recipe.steps[-1].until > 1
    ours = {*recipe.classes, "?"}
    assert all(set(spec.classes.values()) <= ours for spec in recipe.pictures)


def test_a_wrong_recipe_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text("id: x\ntask: paint\n")
    with pytest.raises(BrainError, match=r"wrong\.yaml:2"):
        read_recipe(str(path))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["split", "train", "held_out"])), min_size=2, max_size=24))
def test_near_duplicates_never_straddle(rows: list[tuple[int, str]]) -> None:
    noise = np.random.default_rng(1)
    items = [
        item(np.clip(a_picture(seed).astype(int) + noise.integers(-6, 7, (60, 90, 3)), 0, 255).astype(np.uint8), role)
        for seed, role in rows
    ]
    train, held_out = split(a_recipe(held_out_share=0.4), items)
    for one in train:
        for other in held_out:
            assert (fingerprint(one.picture) ^ fingerprint(other.picture)).sum() > NEAR_BITS
    assert not any(one.spec.role == "held_out" for one in train)
    assert not any(one.spec.role == "train" for one in held_out)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 20), st.integers(0, 90))
def test_groups_are_the_connected_parts(seed: int, count: int, limit: int) -> None:
    bits = np.random.default_rng(seed).random((count, 256)) < 0.3
    near = (bits[:, None] ^ bits[None]).sum(-1) <= limit
    reach = np.linalg.matrix_power(near.astype(float), count) > 0
    group = near_groups(bits, limit)
    assert ((group[:, None] == group[None]) == reach).all()


def test_the_split_is_the_same_each_time_and_holds_out_about_its_share() -> None:
    items = [item(a_picture(seed)) for seed in range(60)]
    first, again = split(a_recipe(), items), split(a_recipe(), items)
    assert [id(one) for one in first[1]] == [id(one) for one in again[1]]
    assert 9 <= len(first[1]) <= 12


def test_copies_of_one_picture_never_straddle() -> None:
    items = [item(a_picture(10 * one + copy), file=f"{one}.rf.{copy}.jpg") for one in range(20) for copy in range(3)]
    train, held_out = split(a_recipe(), items)
    sides = [{one.path.name.split(".rf.")[0] for one in side} for side in (train, held_out)]
    assert not sides[0] & sides[1]
    assert len(held_out) == 12


def test_many_near_duplicates_are_drawn_less_often_each() -> None:
    weights = draw_weights([item(a_picture(1)) for _ in range(4)] + [item(a_picture(2), weight=3.0)])
    assert weights == [0.5, 0.5, 0.5, 0.5, 3.0]


def test_a_teacher_adds_what_labels_lack() -> None:
    boxes, labels = np.array([[0, 0, 0.5, 0.5]], np.float32), np.array([0])
    seen = {
        "boxes": [
            [0, 0, 0.5, 0.48],
            [0.6, 0.6, 0.9, 0.9],
            [0.1, 0.7, 0.2, 0.9],
            [0.8, 0, 0.9, 0.1],
            [0.7, 0, 0.75, 0.1],
        ],
        "scores": [0.99, 0.8, 0.4, 0.2, 0.9],
        "labels": ["ball", "ball", "box", "box", "cloud"],
    }
    found, numbers = taught(boxes, labels, a_recipe(), seen)
    assert numbers.tolist() == [0, 1, -1]  # labelled; sure; doubtful. Already labelled, too weak, not ours: left out
    assert found[1].tolist() == pytest.approx([0.6, 0.6, 0.9, 0.9])


def test_a_set_is_read_with_its_classes_mapped(tmp_path: Path) -> None:
    for part in ("images", "labels"):
        (tmp_path / "set" / part).mkdir(parents=True)
    cv2.imwrite(str(tmp_path / "set/images/a.png"), a_picture(3))
    (tmp_path / "set/labels/a.txt").write_text("0 0.5 0.5 0.2 0.4\n1 0.25 0.5 0.1 0.1\n2 0.5 0.5 0.5 0.5\n")
    (tmp_path / "set/data.yaml").write_text("names: [crate, marble, sky]\n")
    spec = SetSpec(name="set", folder="set", classes={"crate": "box", "marble": "?"})
    (one,) = load_set(a_recipe(), spec, tmp_path, read_taught(None))
    assert one.labels.tolist() == [0, -1]
    assert one.boxes[0].tolist() == pytest.approx([0.4, 0.3, 0.6, 0.7], abs=1e-6)
    wrong = SetSpec(name="set", folder="set", classes={"carte": "box"})
    with pytest.raises(BrainError, match="no class 'carte': the labels have crate, marble, sky"):
        load_set(a_recipe(), wrong, tmp_path, {})
