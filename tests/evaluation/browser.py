"""A headless Chromium that tells what a page asked for and complained of."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LOAD_ALL_CLIPS = """async () => {
  const seen = [];
  for (const video of document.querySelectorAll("video")) {
    video.closest(".card").scrollIntoView();
    video.preload = "metadata";
    for (let i = 0; i < 200 && video.readyState < 1 && !video.error; i++) await new Promise(r => setTimeout(r, 25));
    seen.push([video.readyState, video.duration, video.videoWidth]);
  }
  return seen;
}"""
"""Ready state, seconds and width of every short clip, one after the other, as a reader who scrolls would load them."""


@dataclass
class Opened:
    """A page that was opened.

    Attributes:
        outside: addresses asked for that are neither the file itself nor data within it.
        problems: errors and warnings on the console, errors of scripts, failed requests.
    """

    page: Page
    outside: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; skips visibly where there is none."""
    if CHROMIUM is None:
        pytest.skip("no chromium: sudo apt-get install --no-install-recommends chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(
    browser: Browser, path: Path, query: str = "", *, locale: str = "en-US", width: int = 1280
) -> Iterator[Opened]:
    """A page from a file, listened to from before its first byte."""
    context = browser.new_context(locale=locale, viewport={"width": width, "height": 900})
    result = Opened(context.new_page())
    page = result.page
    page.on("request", lambda request: None if is_inside(request.url, path) else result.outside.append(request.url))
    page.on("requestfailed", lambda request: result.problems.append(f"failed: {request.url[:80]}"))
    page.on("pageerror", lambda error: result.problems.append(str(error)))
    page.on("console", lambda note: result.problems.append(note.text) if note.type in ("error", "warning") else None)
    try:
        page.goto(path.absolute().as_uri() + query)
        yield result
    finally:
        context.close()


def is_inside(url: str, path: Path) -> bool:
    """Whether an address is the page itself or data within it."""
    bare = url.partition("#")[0].partition("?")[0]
    return url.startswith("data:") or bare == path.absolute().as_uri()
