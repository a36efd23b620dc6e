"""Quick figures while training, for choosing checkpoints; published ones come from ``brain evaluate images``."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from augment import letterbox
from losses import corners
from numpy.typing import NDArray
from sets import Item, overlaps
from torch import nn

LEAST, SUPPRESS = 0.01, 0.6
AT_ONCE = 16
Found = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]


@torch.no_grad()
def detect(model: nn.Module, items: Sequence[Item], size: int, device: torch.device) -> list[Found]:
    """Per picture boxes (N×4 corners, shares), scores, labels; suppressed class by class."""
    found: list[Found] = []
    for start in range(0, len(items), AT_ONCE):
        some = items[start : start + AT_ONCE]
        boxed = [letterbox(item.picture, size) for item in some]
        batch = torch.from_numpy(np.stack([picture for picture, _ in boxed])).permute(0, 3, 1, 2).float().to(device)
        raw = model(batch).cpu()
        for (_, scale), one, item in zip(boxed, raw, some, strict=True):
            score, label = one[4:].sigmoid().max(0)
            keep = score > LEAST
            box = corners(one[:4, keep].T).numpy() / scale
            scores, labels = score[keep].numpy(), label[keep].numpy()
            apart = np.concatenate((box[:, :2] + labels[:, None] * 10000.0, box[:, 2:] - box[:, :2]), 1)
            left = np.array(cv2.dnn.NMSBoxes(apart.tolist(), scores.tolist(), LEAST, SUPPRESS), int).reshape(-1)[:300]
            height, width = item.picture.shape[:2]
            found.append((box[left] / [width, height, width, height], scores[left], labels[left]))
    return found


def average_precision(found: Sequence[Found], items: Sequence[Item], label: int, limit: float = 0.5) -> float:
    """AP of one class at one IoU (all points); boxes on what nobody knows count for nothing. NaN without truth."""
    rows: list[tuple[float, bool]] = []
    total = 0
    for (boxes, scores, labels), item in zip(found, items, strict=True):
        truth, unsure = item.boxes[item.labels == label], item.boxes[item.labels < 0]
        total += len(truth)
        free = np.ones(len(truth), bool)
        mine = np.flatnonzero(labels == label)
        for index in mine[np.argsort(-scores[mine])]:
            over = overlaps(truth, boxes[index]) * free if len(truth) else np.zeros(1)
            best = int(over.argmax())
            if over[best] >= limit:
                free[best] = False
                rows.append((float(scores[index]), True))
            elif not len(unsure) or overlaps(unsure, boxes[index]).max() < limit:
                rows.append((float(scores[index]), False))
    if not total:
        return float("nan")
    if not rows:
        return 0.0
    hits = np.cumsum([hit for _, hit in sorted(rows, key=lambda row: -row[0])])
    recall, precision = hits / total, hits / (np.arange(len(hits)) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(np.concatenate(([0.0], recall))) * precision))


@torch.no_grad()
def region_iou(model: nn.Module, items: Sequence[Item], size: int, device: torch.device, classes: int) -> list[float]:
    """IoU of each class over all pixels of all pictures at score 0.5, unknown pixels left out."""
    both, either = np.zeros(classes), np.zeros(classes)
    for item in items:
        assert item.regions is not None
        picture, scale = letterbox(item.picture, size)
        logits = model(torch.from_numpy(picture)[None].permute(0, 3, 1, 2).float().to(device))[0]
        height, width = item.picture.shape[:2]
        large = nn.functional.interpolate(logits[None], size=(size, size), mode="bilinear")[0].cpu().numpy()
        seen = large[:, : max(1, int(height * scale)), : max(1, int(width * scale))]
        small = cv2.resize(item.regions, seen.shape[2:0:-1], interpolation=cv2.INTER_NEAREST)
        for label in range(classes):
            said, true = (seen[label] > 0) & (small != 255), small == label + 1
            both[label] += (said & true).sum()
            either[label] += (said | true).sum()
    return [float(b / e) if e else float("nan") for b, e in zip(both, either, strict=True)]
