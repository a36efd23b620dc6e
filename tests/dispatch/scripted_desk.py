"""A desk that answers what ``plan.json`` in its folder says, and notes every request in ``received.jsonl``.

Plan: ``{"default": [answer, …], "cases": {number: [answer, …]}}``; the last answer repeats. An answer:
``{"status", "headers", "body", "sleep", "drip", "hang_up"}``. A changed plan counts from its first answer.
"""

from __future__ import annotations

import base64
import json
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

FOLDER = Path(sys.argv[1])
LOCK = threading.Lock()
COUNTS: dict[str, int] = {}
LAST_PLAN = ""


def next_answer(number: str) -> dict[str, Any]:
    global LAST_PLAN  # noqa: PLW0603 - one server per process
    with LOCK:
        text = (FOLDER / "plan.json").read_text()
        if text != LAST_PLAN:
            LAST_PLAN = text
            COUNTS.clear()
        plan = json.loads(text)
        key = number if number in plan.get("cases", {}) else "default"
        answers = plan["cases"][number] if key == number else plan.get("default", [{"status": 200}])
        index = COUNTS.get(key, 0)
        COUNTS[key] = index + 1
        found: dict[str, Any] = answers[min(index, len(answers) - 1)]
        return found


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["content-length"]))
        number = json.loads(raw)["data"]["number"]
        line = {
            "id": self.headers["webhook-id"],
            "number": number,
            "revision": json.loads(raw)["data"]["revision"],
            "path": self.path,
            "headers": {key.lower(): value for key, value in self.headers.items()},
            "body": base64.b64encode(raw).decode(),
            "at": time.monotonic(),
        }
        with LOCK, (FOLDER / "received.jsonl").open("a") as file:
            file.write(json.dumps(line) + "\n")
        answer = next_answer(number)
        time.sleep(answer.get("sleep", 0))
        if answer.get("hang_up"):
            self.close_connection = True
            return
        body = str(answer.get("body", "{}")).replace("$ID", line["id"]).encode()
        self.send_response(answer.get("status", 200))
        for key, value in answer.get("headers", {}).items():
            self.send_header(key, value)
        self.send_header("content-length", str(len(body)))
        if answer.get("drip"):
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            self._headers_buffer = []
            for _ in range(200):
                self.wfile.write(b"x-slow: 1\r\n")
                self.wfile.flush()
                time.sleep(0.1)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


def main() -> None:
    server = Server(("127.0.0.1", 0), Handler)
    scheme = "http"
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2])
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        scheme = "https"
    print(f"listening on {scheme}://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
