"""How wrong an answer is; which cells answer for which box: task-aligned assignment (TOOD, Feng et al. 2021)."""

from __future__ import annotations

import torch
from torch import Tensor

TOP = 10
ALPHA, BETA = 0.5, 4.0
BOX_WEIGHT, SCORE_WEIGHT = 5.0, 1.0


def corners(box: Tensor) -> Tensor:
    """Centre and size to x1, y1, x2, y2 (last axis)."""
    half = box[..., 2:] / 2
    return torch.cat((box[..., :2] - half, box[..., :2] + half), -1)


def iou(a: Tensor, b: Tensor) -> Tensor:
    """IoU of boxes that broadcast (last axis x1, y1, x2, y2)."""
    low, high = torch.maximum(a[..., :2], b[..., :2]), torch.minimum(a[..., 2:], b[..., 2:])
    inner = (high - low).clamp(min=0).prod(-1)
    area = (a[..., 2:] - a[..., :2]).prod(-1) + (b[..., 2:] - b[..., :2]).prod(-1)
    return inner / (area - inner + 1e-7)


def ciou(a: Tensor, b: Tensor) -> Tensor:
    """Complete IoU (Zheng et al. 2020) of paired boxes."""
    over = iou(a, b)
    wide = torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])
    far = ((a[..., :2] + a[..., 2:] - b[..., :2] - b[..., 2:]) ** 2).sum(-1) / 4
    size_a, size_b = a[..., 2:] - a[..., :2], b[..., 2:] - b[..., :2]
    angle = torch.atan(size_b[..., 0] / (size_b[..., 1] + 1e-7)) - torch.atan(size_a[..., 0] / (size_a[..., 1] + 1e-7))
    v = 4 / torch.pi**2 * angle**2
    with torch.no_grad():
        weight = v / (1 - over + v + 1e-7)
    return over - far / ((wide**2).sum(-1) + 1e-7) - weight * v


@torch.no_grad()
def assign(boxes: Tensor, scores: Tensor, centres: Tensor, truth: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """The box that each cell answers for (-1 = none) and how much it is wanted (0–1).

    Args:
        boxes: cells×4 predicted corners; scores: cells×classes probabilities; centres: cells×2.
        truth: boxes×4 corners; labels: boxes.
    """
    over = iou(truth[:, None], boxes[None])
    said = scores[:, labels].T
    reach = torch.stack(
        (
            centres[None, :, 0] - truth[:, None, 0],
            centres[None, :, 1] - truth[:, None, 1],
            truth[:, None, 2] - centres[None, :, 0],
            truth[:, None, 3] - centres[None, :, 1],
        ),
        -1,
    ).amin(-1)
    inside = reach > 1e-3
    # A box so small that no centre lies in it is answered by the nearest cell.
    lost = ~inside.any(1)
    if lost.any():
        middle = (truth[lost, :2] + truth[lost, 2:]) / 2
        nearest = torch.cdist(middle, centres).argmin(1)
        inside[lost.nonzero()[:, 0], nearest] = True
    fit = (said**ALPHA * over**BETA) * inside
    fit = torch.where(inside, fit.clamp(min=1e-9), torch.zeros_like(fit))
    top = fit.topk(min(TOP, fit.shape[1]), dim=1)
    chosen = torch.zeros_like(fit, dtype=torch.bool).scatter_(1, top.indices, top.values > 0)
    contested = chosen.sum(0) > 1
    if contested.any():
        best = over[:, contested].argmax(0)
        only = torch.zeros_like(chosen[:, contested])
        only[best, torch.arange(only.shape[1], device=only.device)] = True
        chosen[:, contested] &= only
    owner = torch.where(chosen.any(0), chosen.float().argmax(0), torch.full_like(chosen[0].long(), -1))
    fit = fit * chosen
    share = fit / (fit.amax(1, keepdim=True) + 1e-9) * (over * chosen).amax(1, keepdim=True)
    return owner, share.amax(0)


def detection_loss(out: Tensor, targets: list[tuple[Tensor, Tensor]], centres: Tensor) -> Tensor:
    """Mean loss of a batch (varifocal scores, Zhang et al. 2021; complete IoU).

    Args:
        out: N×(4+C)×cells as the network gives it.
        targets: per picture corners (M×4) and labels (M); label -1 = nobody knows: what is said there costs nothing.
        centres: cells×2, pixels.
    """
    box, logits = corners(out[:, :4].permute(0, 2, 1)), out[:, 4:].permute(0, 2, 1)
    wanted, known = torch.zeros_like(logits), torch.ones_like(logits[..., 0])
    total_box, total_weight = out.new_zeros(()), out.new_zeros(())
    for index, (every, numbers) in enumerate(targets):
        unsure = every[numbers < 0]
        if len(unsure):
            inside = ((centres[:, None] > unsure[None, :, :2]) & (centres[:, None] < unsure[None, :, 2:])).all(-1)
            known[index, inside.any(1)] = 0.0
        truth, labels = every[numbers >= 0], numbers[numbers >= 0]
        if not len(truth):
            continue
        owner, share = assign(box[index].detach(), logits[index].detach().sigmoid(), centres, truth, labels)
        mine = (owner >= 0).nonzero()[:, 0]
        owned = owner[mine]
        wanted[index, mine, labels[owned]] = share[mine]
        known[index, mine] = 1.0
        total_box = total_box + ((1 - ciou(box[index, mine], truth[owned])) * share[mine]).sum()
        total_weight = total_weight + share[mine].sum()
    # Sure answers about nothing weigh most among the many cells that show nothing.
    said = logits.sigmoid().detach()
    focus = torch.where(wanted > 0, wanted, 0.75 * said**2) * known[..., None]
    entropy = torch.nn.functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    norm = total_weight.clamp(min=1.0)
    return SCORE_WEIGHT * (entropy * focus).sum() / norm + BOX_WEIGHT * total_box / norm


def region_loss(logits: Tensor, shares: Tensor, known: Tensor) -> Tensor:
    """Mean loss of a batch of regions: cross entropy and soft Dice (Milletari et al. 2016).

    Args:
        logits: N×C×h×w; shares: the same shape, what part of the cell each class covers (0–1).
        known: N×C×1×1 or N×C×h×w, 0 where the labels say nothing about a class.
    """
    known = known.expand_as(logits)
    entropy = torch.nn.functional.binary_cross_entropy_with_logits(logits, shares, reduction="none")
    said = logits.sigmoid() * known
    both = (said * shares).sum((0, 2, 3))
    dice = 1 - (2 * both + 1) / (said.sum((0, 2, 3)) + (shares * known).sum((0, 2, 3)) + 1)
    return (entropy * known).sum() / known.sum().clamp(min=1.0) + dice.mean()
