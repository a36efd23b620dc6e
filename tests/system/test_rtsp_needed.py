"""Where GStreamer is missing the RTSP tests are skipped by name, but never where CI must run them."""

from __future__ import annotations

import pytest

from . import harness_rtsp


@pytest.mark.parametrize(
    ("ci", "outcome"), [("", pytest.skip.Exception), ("false", pytest.skip.Exception), ("true", pytest.fail.Exception)]
)
@pytest.mark.parametrize("program", ["/nonexistent/python3", "/bin/false"])
def test_missing_server(monkeypatch: pytest.MonkeyPatch, ci: str, outcome: type[BaseException], program: str) -> None:
    monkeypatch.setattr(harness_rtsp, "DEBIAN_PYTHON", program)
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match=r"GStreamer|must run here"):
        harness_rtsp.need_gstreamer()
