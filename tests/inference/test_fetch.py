"""Downloads and copies: whole, of the right size and sum, over https only, or a clear error."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import httpx
import pytest

from brain.core.errors import WeightsError
from brain.inference.cards import Card
from brain.inference.catalog import CatalogEntry
from brain.inference.fetch import copy_from, download

DATA = bytes(range(256)) * 700
URL = "https://weights.example/net.onnx"
Answer = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def entry() -> CatalogEntry:
    card = Card.model_validate(
        {
            "id": "net",
            "layout": "yolo",
            "file": "net.onnx",
            "sha256": hashlib.sha256(DATA).hexdigest(),
            "input": {
                "name": "x",
                "width": 64,
                "height": 64,
                "colour": "RGB",
                "scale": "unit",
                "padding": {"mode": "centre"},
            },
            "output": {"names": ["o"], "scores": "probabilities"},
            "classes": ["a"],
            "score_threshold": 0.3,
            "nms_iou": 0.45,
            "licence": "none",
            "source": {},
            "reference": {
                "picture": "drawn:street",
                "threshold": 0.05,
                "boxes": [{"label": "a", "box": [0, 0, 1, 1], "score": 0.5}],
            },
        }
    )
    return CatalogEntry(url=URL, size=len(DATA), card=card)


def client(answer: Answer) -> httpx.Client:
    return httpx.Client(transport=httpx.MockTransport(answer))


def redirect(*hops: str) -> Answer:
    """Leads from the first address over each hop; the last one has the data."""
    way = dict(zip((URL, *hops), hops, strict=False))

    def answer(request: httpx.Request) -> httpx.Response:
        target = way.get(str(request.url))
        return httpx.Response(302, headers={"location": target}) if target else httpx.Response(200, content=DATA)

    return answer


def fails(error: type[httpx.HTTPError]) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error("gone")

    return answer


@pytest.mark.parametrize("answer", [redirect(), redirect("https://b.example/1", "https://c.example/2")])
def test_the_file_comes_whole(entry, tmp_path, answer):
    counts: list[int] = []
    download(client(answer), entry, tmp_path / "f", counts.append)
    assert (tmp_path / "f").read_bytes() == DATA
    assert sum(counts) == len(DATA)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (redirect("http://b.example/1"), "redirected to http://b.example"),
        (redirect("https://b.example/1", "file:///etc/hostname"), "redirected to file:"),
        (redirect(*(f"https://b.example/{n}" for n in range(6))), "more than 5 times"),
        (lambda _: httpx.Response(404), "server answers 404"),
        (lambda _: httpx.Response(304), "server answers 304"),
        (lambda _: httpx.Response(200, content=DATA + b"x"), "larger than the 179200 bytes"),
        (lambda _: httpx.Response(200, content=DATA[:-1]), "ends after 179199 of 179200"),
        (lambda _: httpx.Response(200, content=b"x" * len(DATA)), "has sha256"),
        (fails(httpx.ConnectError), "download fails: gone"),
        (fails(httpx.ConnectTimeout), "in time"),
        (fails(httpx.ReadTimeout), "in time"),
        (fails(httpx.RemoteProtocolError), "download fails"),
    ],
)
def test_what_goes_wrong_is_said(entry, tmp_path, answer, text):
    with pytest.raises(WeightsError, match=text) as caught:
        download(client(answer), entry, tmp_path / "f", lambda _: None)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (None, "cannot be copied: No such file"),
        (DATA[:9], "ends after 9"),
        (DATA + b"x", "larger"),
        (DATA[::-1], "sha256"),
    ],
)
def test_a_mirror_is_checked_as_well(entry, tmp_path, content, text):
    if content is not None:
        (tmp_path / "net.onnx").write_bytes(content)
    with pytest.raises(WeightsError, match=text):
        copy_from(tmp_path, entry, tmp_path / "f", lambda _: None)
    (tmp_path / "net.onnx").write_bytes(DATA)
    copy_from(tmp_path, entry, tmp_path / "f", lambda _: None)
    assert (tmp_path / "f").read_bytes() == DATA
