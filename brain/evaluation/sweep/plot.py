"""The front of a sweep as a picture."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from brain.core.files import write_whole
from brain.evaluation.sweep.choice import Scored
from brain.evaluation.sweep.sweep import SweepResult

SVG, PNG = "front.svg", "front.png"
_SIZE_IN = (9.0, 6.0)
_DPI = 130


def write_front(result: SweepResult, budget: float | None, folder: Path) -> tuple[Path, Path]:
    """Draws all settings, the front, the present and the best one into ``front.svg`` and ``front.png``.

    Args:
        budget: false alarms per camera-hour; ``None`` = those of the present setting.
        folder: is there.

    Raises:
        OSError: it cannot be written.
    """
    with mpl.rc_context({"svg.hashsalt": "city-brain"}):  # the same bytes each time
        figure = Figure(figsize=_SIZE_IN, layout="constrained")
        _draw(figure.add_subplot(), result, budget)
        figure.legend(loc="outside lower center", ncols=5, frameon=False)
        svg, png = io.BytesIO(), io.BytesIO()
        figure.savefig(svg, format="svg", metadata={"Date": None})
        figure.savefig(png, format="png", dpi=_DPI, metadata={"Software": None})
    write_whole(folder / SVG, svg.getvalue())
    write_whole(folder / PNG, png.getvalue())
    return folder / SVG, folder / PNG


def _draw(axes: Axes, result: SweepResult, budget: float | None) -> None:
    front, best, limit = result.front(), result.best(budget), result.budget(budget)
    axes.scatter(*_points(result.scored), s=14, color="0.75", label=f"{len(result.scored)} settings", zorder=1)
    axes.step(*_points(front), where="post", color="tab:blue", marker="o", markersize=5, label="front", zorder=2)
    axes.axvline(limit, color="tab:red", linestyle=":", label=f"budget {limit:.3g} per camera-hour", zorder=0)
    axes.scatter(*_points([result.present]), marker="s", s=70, color="tab:orange", label="present", zorder=3)
    if best is not None:
        axes.scatter(*_points([best]), marker="*", s=200, color="tab:green", label="best within budget", zorder=4)
    axes.set_xlabel("false alarms per camera-hour")
    axes.set_ylabel("recall in time")
    axes.set_ylim(-0.03, 1.03)
    axes.set_xlim(left=-0.02 * max(1e-9, axes.get_xlim()[1]))
    axes.set_title(f"{result.scenario.en} ({result.scenario.id}), {result.present.score.hours:.2f} camera-hours")
    axes.grid(alpha=0.3)


def _points(items: Sequence[Scored]) -> tuple[list[float], list[float]]:
    return [item.score.false_per_camera_hour for item in items], [item.score.recall for item in items]
