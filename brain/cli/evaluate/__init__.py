"""``brain evaluate``: figures of recorded video and of pictures; each command in a file of its own."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True, help="Know in numbers whether a scenario may go live. 评测。")
