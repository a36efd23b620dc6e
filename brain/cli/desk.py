"""``brain desk``: the trial desk; its options live with it."""

from __future__ import annotations

from brain.desk.command import run_desk as command

__all__ = ["command"]
