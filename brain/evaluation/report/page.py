"""Templates into one file that opens without a network: everything that it shows lies in it as data URIs.

Every page extends ``base.html.j2`` (head, both languages, style, script) and may use the macros of ``parts.html.j2``.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from brain.core.errors import UsageError
from brain.core.files import write_whole
from brain.evaluation.report import formats

TEMPLATES = Path(__file__).parent / "templates"
PAGE = "index.html"


def render(template: str, values: Mapping[str, Any], folder: Path | None = None) -> str:
    """A page as HTML; the same values give the same text.

    Whatever stands in ``values`` is escaped: names of files and texts of truth files cannot become markup.

    Args:
        template: name of a file in ``folder``, or in this room's own templates.
        values: what the template speaks of.
        folder: more templates, searched first.
    """
    places = [TEMPLATES] if folder is None else [folder, TEMPLATES]
    environment = Environment(
        loader=FileSystemLoader(places),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    names = ("percent", "percent_interval", "number", "number_interval", "seconds", "clock", "axis_time", "hours")
    environment.filters |= {name: getattr(formats, name) for name in names}
    return environment.get_template(template).render(values)


def data_uri(data: bytes | None, kind: str) -> str:
    """Bytes as ``data:KIND;base64,…``, e.g. of ``image/jpeg`` or ``video/mp4``; empty for none."""
    return "" if data is None else f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"


def write_page(folder: Path, html: str, name: str = PAGE) -> Path:
    """Writes a page into a folder, which is made if need be; it appears whole or not at all.

    Raises:
        UsageError: the folder cannot be made or written.
    """
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, html.encode("utf-8", "replace"))
    except OSError as error:
        remedy = "name another folder with -o, or check its rights and the disk's space"
        raise UsageError(f"cannot be written: {error.strerror}", where=str(path), remedy=remedy) from None
    return path
