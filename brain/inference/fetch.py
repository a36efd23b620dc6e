"""Bring public weights onto this machine: over https or from a folder, whole and with the right sha256."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

from brain.core.errors import WeightsError
from brain.inference.catalog import RemoteFile

Progress = Callable[[int], None]
TIMEOUT = httpx.Timeout(30.0, connect=10.0)
MAX_SECONDS = 3600.0
MAX_REDIRECTS = 5
_CHUNK = 1 << 16
_MIRROR = "try again later, or copy the file by hand and give --mirror DIR"


def download(client: httpx.Client, entry: RemoteFile, target: Path, progress: Progress) -> None:
    """Fetch a public file into ``target``.

    Args:
        client: with time-outs; redirects are followed here, and to https only.
        progress: told the number of new bytes.

    Raises:
        WeightsError: the server cannot be reached, answers with an error, is too slow, sends another size or another
            sha256, or redirects away from https. ``target`` then holds nothing to rely on.
    """
    url = httpx.URL(entry.url)
    try:
        for _ in range(MAX_REDIRECTS + 1):
            if url.scheme != "https":
                raise WeightsError(f"is redirected to {url.scheme}://{url.host}", where=entry.url, remedy=_MIRROR)
            with client.stream("GET", url, follow_redirects=False) as answer:
                if answer.is_redirect and answer.next_request is not None:
                    url = answer.next_request.url
                    continue
                if answer.status_code != httpx.codes.OK:
                    raise WeightsError(f"server answers {answer.status_code}", where=entry.url, remedy=_MIRROR)
                _store(answer.iter_bytes(_CHUNK), entry, target, entry.url, progress)
                return
    except httpx.TimeoutException:
        raise WeightsError("server does not answer in time", where=entry.url, remedy=_MIRROR) from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise WeightsError(f"download fails: {error}", where=entry.url, remedy=_MIRROR) from None
    raise WeightsError(f"is redirected more than {MAX_REDIRECTS} times", where=entry.url, remedy=_MIRROR)


def copy_from(mirror: Path, entry: RemoteFile, target: Path, progress: Progress) -> None:
    """Copy a public file, by its name, out of a folder.

    Raises:
        WeightsError: not there, unreadable, of another size or sha256.
    """
    source = mirror / entry.file
    try:
        with source.open("rb") as file:
            _store(iter(lambda: file.read(_CHUNK), b""), entry, target, str(source), progress)
    except OSError as error:
        raise WeightsError(
            f"cannot be copied: {error.strerror}", where=str(source), remedy="give --mirror the folder with that file"
        ) from None


def _store(chunks: Iterator[bytes], entry: RemoteFile, target: Path, where: str, progress: Progress) -> None:
    digest, size = hashlib.sha256(), 0
    until = time.monotonic() + MAX_SECONDS
    with target.open("wb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > entry.size:
                raise WeightsError(f"is larger than the {entry.size} bytes listed", where=where, remedy=_MIRROR)
            if time.monotonic() > until:
                raise WeightsError(f"not done after {MAX_SECONDS / 60:.0f} minutes", where=where, remedy=_MIRROR)
            digest.update(chunk)
            file.write(chunk)
            progress(len(chunk))
    if size != entry.size:
        raise WeightsError(f"ends after {size} of {entry.size} bytes", where=where, remedy=_MIRROR)
    if digest.hexdigest() != entry.sha256:
        raise WeightsError(
            f"has sha256 {digest.hexdigest()[:12]}…, the catalogue says {entry.sha256[:12]}…",
            where=where,
            remedy="it is another file than the one that was checked; do not use it",
        )
