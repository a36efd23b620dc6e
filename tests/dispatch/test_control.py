"""The control socket: round trip, rights, stale files, long paths, rude clients; and the commands on top of it."""

from __future__ import annotations

import json
import os
import socket
import stat
import threading
import time

import pytest
from typer.testing import CliRunner

from brain.cli.dispatch import app
from brain.core.errors import DeliveryError, StoreError
from brain.dispatch.control import ControlServer, ServiceAwayError, ask, retry_order

ECHO = {"echo": lambda request: {"said": request["text"]}}


def test_round_trip_and_refusals(tmp_path):
    def broken(_: object) -> dict[str, object]:
        raise ZeroDivisionError("secret detail")

    def refusing(_: object) -> dict[str, object]:
        raise StoreError("disk full", remedy="free space")

    path = tmp_path / "control.sock"
    with ControlServer(path, {**ECHO, "broken": broken, "refusing": refusing}):
        assert ask(path, {"do": "echo", "text": "案卷"}) == {"said": "案卷"}
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        for order, word in (
            ("nothing", "known: broken, echo"),
            ("broken", "ZeroDivisionError"),
            ("refusing", "free space"),
        ):
            with pytest.raises(DeliveryError, match=word) as error:
                ask(path, {"do": order})
            assert "secret detail" not in str(error.value)
    assert not path.exists()
    with pytest.raises(ServiceAwayError):
        ask(path, {"do": "echo"})


def test_a_stale_file_is_replaced_a_living_service_and_a_foreign_file_are_not(tmp_path):
    path = tmp_path / "control.sock"
    left_over = socket.socket(socket.AF_UNIX)
    left_over.bind(str(path))
    left_over.close()
    with ControlServer(path, ECHO):
        with pytest.raises(DeliveryError, match="another service"):
            ControlServer(path, ECHO).start()
        assert ask(path, {"do": "echo", "text": "x"}) == {"said": "x"}
    path.write_text("mine")
    with pytest.raises(DeliveryError, match="something else"):
        ControlServer(path, ECHO).start()
    assert path.read_text() == "mine"


def test_paths_longer_than_a_socket_address(tmp_path):
    folder = tmp_path / ("d" * 80) / ("e" * 80)
    folder.mkdir(parents=True)
    path = folder / "control.sock"
    assert len(os.fsencode(path)) > 108
    with ControlServer(path, ECHO):
        assert path.is_socket()
        assert ask(path, {"do": "echo", "text": "x"}) == {"said": "x"}
    assert not path.exists()


@pytest.mark.parametrize(
    "sent", [b"", b"no json\n", b"[1]\n", b'{"do": 5}\n', b"[" * 60_000 + b"\n", b"x" * 200_000, b"{"]
)
def test_rude_clients_harm_nobody(tmp_path, sent):
    path = tmp_path / "control.sock"
    with ControlServer(path, ECHO, timeout_s=0.3):
        with socket.socket(socket.AF_UNIX) as rude:
            rude.settimeout(5)
            rude.connect(str(path))
            try:
                rude.sendall(sent)
                answer = rude.recv(4096)
            except OSError:
                answer = b""
            assert answer == b"" or "error" in json.loads(answer)
        assert ask(path, {"do": "echo", "text": "x"}) == {"said": "x"}


def test_a_silent_service_is_given_up_in_time(tmp_path):
    path = tmp_path / "control.sock"
    release = threading.Event()
    with ControlServer(path, {"wait": lambda _: {"done": release.wait(10)}}):
        began = time.monotonic()
        with pytest.raises(DeliveryError, match="does not answer"):
            ask(path, {"do": "wait"}, 0.3)
        assert time.monotonic() - began < 2
        release.set()


@pytest.mark.parametrize("request_", [{"desk": 5}, {"ids": "x"}, {"ids": [1]}, {"dead": "yes"}])
def test_retry_orders_are_checked(request_):
    handler = retry_order(lambda **_: pytest.fail("called"))
    assert "error" in handler(request_)


def test_commands_with_a_running_service(box, servers, dispatcher, wait_for):
    desk = servers.scripted(default=[{"status": 400, "body": "[red]no[/red]"}])
    message = box.put("c")
    running = dispatcher(desk.url)
    wait_for(lambda: box.states() == ["dead"])
    state = ["--state-dir", str(box.folder)]
    with ControlServer(box.folder / "control.sock", {"retry": retry_order(running.retry)}):
        shown = CliRunner().invoke(app, ["status", *state])
        assert shown.exit_code == 0, shown.output
        assert "1 (rejected: 1)" in shown.output
        assert "[red]no[/red]" in shown.output.replace("\n", "")
        told = json.loads(CliRunner().invoke(app, ["status", "--json", *state]).output)
        assert (told[0]["desk"], told[0]["dead"], told[0]["dead_reasons"]) == ("city", 1, {"rejected": 1})

        desk.plan()
        result = CliRunner().invoke(app, ["retry", "--desk", "city", "--id", message, *state])
        assert "1 messages are being sent again" in result.output
        wait_for(box.all_sent)


def test_commands_without_a_service(box):
    message = box.put("c")
    box.db.close()
    state = ["--state-dir", str(box.folder)]
    result = CliRunner().invoke(app, ["retry", *state])
    assert "1 messages are due; the service is not running" in result.output
    assert CliRunner().invoke(app, ["status", *state]).output.count("city") == 1
    assert message not in result.output


def test_mistakes_on_the_command_line(tmp_path):
    runner = CliRunner()
    assert "--config and --state-dir" in str(runner.invoke(app, ["status"]).exception)
    missing = tmp_path / "typo"
    for command in ("status", "retry"):
        assert isinstance(runner.invoke(app, [command, "--state-dir", str(missing)]).exception, StoreError)
    assert not missing.exists()
