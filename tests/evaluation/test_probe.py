"""A video that somebody's export names is a file of this machine or nothing: no address is opened."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from brain.evaluation.formats.media import probe
from brain.evaluation.truth_file import read_truth
from brain.sim.encode import encode
from brain.sim.scenes import quiet


@pytest.fixture
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A port of this machine, and all that was asked there."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    line, _ = server.accept()
                except OSError:
                    return
                with line:
                    asked.append(b"connected")
                    line.settimeout(0.2)
                    try:
                        asked.append(line.recv(1000))
                        line.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                    except OSError:
                        pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1], asked
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def exports(address: str) -> dict[str, str]:
    meta = f"<meta><source>{address}</source><original_size><width>64</width><height>48</height></original_size></meta>"
    sample = {"filepath": address, "media_type": "video", "_media_type": "video", "metadata": None}
    return {
        "cvat.xml": f"<annotations>{meta}</annotations>",
        "label_studio.json": json.dumps([{"id": 1, "annotations": [], "data": {"video": address}}]),
        "fiftyone.json": json.dumps({"samples": [sample]}),
    }


@pytest.mark.parametrize("scheme", ["http", "tcp", "rtsp"])
def test_no_export_makes_a_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listener: tuple[int, list[bytes]], scheme: str
) -> None:
    port, asked = listener
    monkeypatch.chdir(tmp_path)  # so that nothing stands before the address
    for name, text in exports(f"{scheme}://127.0.0.1:{port}/x.mp4").items():
        Path(name).write_text(text)
        read_truth(Path(name))
    assert probe(Path(f"{scheme}:/127.0.0.1:{port}/x.mp4")) is None
    assert asked == []


def test_a_play_list_beside_the_export_is_not_followed(tmp_path: Path, listener: tuple[int, list[bytes]]) -> None:
    port, asked = listener
    target = f"http://127.0.0.1:{port}/x.ts"
    (tmp_path / "a.m3u8").write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{target}\n#EXT-X-ENDLIST\n")
    (tmp_path / "a.mp4").write_text((tmp_path / "a.m3u8").read_text())
    assert probe(tmp_path / "a.m3u8") is None
    assert probe(tmp_path / "a.mp4") is None
    assert asked == []


def test_a_file_with_a_colon_in_its_name_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = encode(quiet(3, seconds=1, fps=4), tmp_path / "made.mp4").path
    made.rename(tmp_path / "http:a.mp4")
    monkeypatch.chdir(tmp_path)
    media = probe(Path("http:a.mp4"))
    assert media is not None
    assert media.fps == 4
