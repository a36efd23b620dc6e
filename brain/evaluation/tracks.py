"""HOTA, IDF1 and MOTA of followed objects, by TrackEval, on data that is prepared here.

TrackEval's metric classes are given the arrays they ask for; its own file readers print, guess the form of a file and
know pedestrians only. Boxes are matched whatever their class. Definitions: MOTA = 1 − (missed + false + switches) /
truth, IDF1 = 2 IDTP / (2 IDTP + IDFP + IDFN), both at IoU 0.5; HOTA = mean of √(DetA · AssA) over IoU 0.05, 0.1 … 0.95.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from brain.config.settings import Settings
from brain.core.errors import ConfigError

MAX_PAIRS = 25_000_000  # HOTA keeps 19 tables of truth × result ids: 25 million pairs take 4 GB
_EPS = float(np.finfo("float").eps)


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """Boxes of objects that were followed through one recording.

    Attributes:
        frame: N, number of the picture.
        id: N, number of the object; once at most in a picture.
        xywh: N×4, left, top, width, height; the same unit on both sides.
    """

    frame: NDArray[np.int64]
    id: NDArray[np.int64]
    xywh: NDArray[np.float64]

    @classmethod
    def of(cls, rows: Sequence[tuple[int, int, float, float, float, float]]) -> Tracks:
        """From rows of picture, id, left, top, width, height."""
        table = np.array(rows, np.float64).reshape(-1, 6)
        return cls(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2:])


class TrackFigures(Settings):
    """Figures of one recording, or of several together; shares 0–1 (MOTA may be below 0).

    Attributes:
        hota, deta, assa, loca: means over the IoU thresholds.
        idf1, idp, idr: identity F1, precision, recall.
        mota, motp: of CLEAR MOT; motp = mean IoU of the matches.
        idsw, false, missed, fragments: counts of CLEAR MOT.
        truth_boxes, found_boxes, truth_ids, found_ids: what was compared.
    """

    hota: float
    deta: float
    assa: float
    loca: float
    idf1: float
    idp: float
    idr: float
    mota: float
    motp: float
    idsw: int
    false: int
    missed: int
    fragments: int
    truth_boxes: int
    found_boxes: int
    truth_ids: int
    found_ids: int


class TrackReport(TrackFigures):
    """All that `brain evaluate tracks --json` says: the figures over all recordings, and of each.

    Attributes:
        sequences: by name of the recording.
        problems: recordings that could not be judged, each a line with file and remedy.
    """

    sequences: dict[str, TrackFigures]
    problems: tuple[str, ...] = ()


def track_scores(
    truth: Mapping[str, Tracks], found: Mapping[str, Tracks]
) -> tuple[TrackFigures, dict[str, TrackFigures]]:
    """Figures over all recordings, and of each.

    Counts of all recordings are added up before anything is divided, as TrackEval combines sequences.

    Args:
        truth: recording → boxes.
        found: the same recordings.

    Raises:
        ConfigError: no recording has truth, or one has too many ids for memory.
        ValueError: an id twice in one picture, or other recordings on the two sides.
    """
    if truth.keys() != found.keys():
        raise ValueError("truth and result are of different recordings")
    if not any(len(tracks.id) for tracks in truth.values()):
        raise ConfigError("the truth has no boxes at all", remedy="give truth in which objects are followed")
    metrics = _metrics()
    sizes: dict[str, tuple[int, int, int, int]] = {}
    results: dict[str, dict[str, Any]] = {name: {} for name in metrics}
    for sequence in truth:
        data = _prepare(truth[sequence], found[sequence], sequence)
        sizes[sequence] = tuple(data[key] for key in _SIZES)
        for name, metric in metrics.items():
            results[name][sequence] = metric.eval_sequence(data)
    each = {
        sequence: _figures({name: result[sequence] for name, result in results.items()}, sizes[sequence])
        for sequence in truth
    }
    combined = {name: metric.combine_sequences(results[name]) for name, metric in metrics.items()}
    total = tuple(sum(column) for column in zip(*sizes.values(), strict=True))
    return _figures(combined, total), each


_SIZES = ("num_gt_dets", "num_tracker_dets", "num_gt_ids", "num_tracker_ids")


def _metrics() -> dict[str, Any]:
    # The package prints when it is imported without parts of it, and its metrics print their settings.
    with contextlib.redirect_stdout(io.StringIO()):
        from trackeval.metrics import CLEAR, HOTA, Identity

        quiet = {"THRESHOLD": 0.5, "PRINT_CONFIG": False}
        return {"hota": HOTA(), "identity": Identity(dict(quiet)), "clear": CLEAR(dict(quiet))}


def _prepare(truth: Tracks, found: Tracks, sequence: str) -> dict[str, Any]:
    """What TrackEval's metrics ask for; pictures without any box change no figure and are left out."""
    true_ids, true_index = np.unique(truth.id, return_inverse=True)
    found_ids, found_index = np.unique(found.id, return_inverse=True)
    if len(true_ids) * len(found_ids) > MAX_PAIRS:
        raise ConfigError(
            f"{len(true_ids)} true and {len(found_ids)} found objects are too many to compare",
            where=sequence,
            remedy="cut the recording into shorter ones",
        )
    frames = np.union1d(truth.frame, found.frame)
    true_rows, found_rows = _rows_by_frame(truth, frames), _rows_by_frame(found, frames)
    return {
        "num_timesteps": len(frames),
        "num_gt_ids": len(true_ids),
        "num_tracker_ids": len(found_ids),
        "num_gt_dets": len(truth.id),
        "num_tracker_dets": len(found.id),
        "gt_ids": [true_index[rows] for rows in true_rows],
        "tracker_ids": [found_index[rows] for rows in found_rows],
        "similarity_scores": [
            box_ious(truth.xywh[ones], found.xywh[others]) for ones, others in zip(true_rows, found_rows, strict=True)
        ],
        "seq": sequence,
    }


def _rows_by_frame(tracks: Tracks, frames: NDArray[np.int64]) -> list[NDArray[np.intp]]:
    """Rows of each picture, in the order in which they were given."""
    order = np.lexsort((tracks.id, tracks.frame))
    twice = (np.diff(tracks.frame[order]) == 0) & (np.diff(tracks.id[order]) == 0)
    if twice.any():
        row = order[int(np.flatnonzero(twice)[0])]
        raise ValueError(f"id {tracks.id[row]} stands twice in picture {tracks.frame[row]}")
    order = np.argsort(tracks.frame, kind="stable")
    return np.split(order, np.searchsorted(tracks.frame[order], frames[1:])) if len(frames) else []


def box_ious(ones: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """IoU of every box of ``ones`` (N×4 left, top, width, height) with every one of ``others``: N×M, float64.

    In double precision and in TrackEval's order of operations: an IoU that lies on a threshold must fall on its side.
    """
    low_1, high_1 = ones[:, None, :2], ones[:, None, :2] + ones[:, None, 2:]
    low_2, high_2 = others[None, :, :2], others[None, :, :2] + others[None, :, 2:]
    sides = np.maximum(np.minimum(high_1, high_2) - np.maximum(low_1, low_2), 0)
    shared = sides[..., 0] * sides[..., 1]
    area_1 = (high_1 - low_1)[..., 0] * (high_1 - low_1)[..., 1]
    area_2 = (high_2 - low_2)[..., 0] * (high_2 - low_2)[..., 1]
    union = area_1 + area_2 - shared
    known = (area_1 > _EPS) & (area_2 > _EPS) & (union > _EPS)
    return np.where(known, shared / np.where(known, union, 1), 0.0)


def _figures(results: Mapping[str, Any], sizes: Sequence[int]) -> TrackFigures:
    hota, identity, clear = results["hota"], results["identity"], results["clear"]
    share: Callable[[Any], float] = lambda value: float(np.mean(value))  # noqa: E731
    return TrackFigures(
        hota=share(hota["HOTA"]),
        deta=share(hota["DetA"]),
        assa=share(hota["AssA"]),
        loca=share(hota["LocA"]),
        idf1=share(identity["IDF1"]),
        idp=share(identity["IDP"]),
        idr=share(identity["IDR"]),
        mota=share(clear["MOTA"]),
        motp=share(clear["MOTP"]),
        idsw=int(clear["IDSW"]),
        false=int(clear["CLR_FP"]),
        missed=int(clear["CLR_FN"]),
        fragments=int(clear["Frag"]),
        truth_boxes=sizes[0],
        found_boxes=sizes[1],
        truth_ids=sizes[2],
        found_ids=sizes[3],
    )
