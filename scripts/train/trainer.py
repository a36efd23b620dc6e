"""Trains a network, goes on from its checkpoint after any interruption, and keeps the best weights."""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from augment import Augmenter, Looked, cell_shares
from losses import detection_loss, region_loss
from network import Detector, Segmenter, cells
from recipe import Recipe
from score import average_precision, detect, region_iou
from sets import Item, draw_weights
from torch import Tensor, nn

PLAIN_SHARE = 0.12
"""The last part of the training shows whole pictures only, as the camera will."""
WARM_UP = 200
LEAST_RATE = 0.02


class Average:
    """Exponential mean of the weights, which is what is scored and kept."""

    def __init__(self, model: nn.Module) -> None:
        self.model = deepcopy(model).eval()
        self.updates = 0

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Take in the weights after a step."""
        self.updates += 1
        keep = 0.9995 * (1 - math.exp(-self.updates / 800))
        theirs = model.state_dict()
        for name, value in self.model.state_dict().items():
            if value.dtype.is_floating_point:
                value.mul_(keep).add_(theirs[name].detach(), alpha=1 - keep)
            else:
                value.copy_(theirs[name])


def build(recipe: Recipe) -> nn.Module:
    """The network of a recipe, untrained."""
    make = Segmenter if recipe.task == "segment" else Detector
    return make(len(recipe.classes))


class Trainer:
    """One training in one folder: ``checkpoint.pt``, ``best.pt``, ``log.jsonl``.

    Args:
        recipe: what and how.
        train, held_out: pictures.
        folder: outside git.
        start: layers to start from, where name and shape fit; ``None`` = from nothing.
    """

    def __init__(
        self,
        recipe: Recipe,
        train: Sequence[Item],
        held_out: Sequence[Item],
        folder: Path,
        start: dict[str, Tensor] | None,
    ) -> None:
        self._recipe, self._train, self._held_out, self._folder = recipe, train, held_out, folder
        folder.mkdir(parents=True, exist_ok=True)
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.manual_seed(recipe.seed)
        model = build(recipe)
        if start is not None:
            own = model.state_dict()
            fits = {name: value for name, value in start.items() if name in own and own[name].shape == value.shape}
            model.load_state_dict(own | fits)
        self._model = model.to(self._device).to(memory_format=torch.channels_last)
        self._average = Average(self._model)
        flat = [p for p in self._model.parameters() if p.ndim <= 1]
        deep = [p for p in self._model.parameters() if p.ndim > 1]
        groups = [{"params": deep, "weight_decay": recipe.decay}, {"params": flat, "weight_decay": 0.0}]
        self._optimiser = torch.optim.AdamW(groups, lr=recipe.rate)
        self._epoch, self._best = 0, -1.0
        self._resume()

    def run(self, seconds: float | None) -> float:
        """Train until the end, or until so many seconds are over; gives the best figure so far."""
        recipe = self._recipe
        began = time.monotonic()
        weights = draw_weights(self._train)
        while self._epoch < recipe.epochs:
            share = self._epoch / recipe.epochs
            plain = share >= 1 - PLAIN_SHARE
            augmenter = Augmenter(
                self._train,
                weights,
                mosaic=0.0 if plain else recipe.mosaic,
                scales=recipe.scales,
                segment=recipe.task == "segment",
            )
            size = next(step.size for step in recipe.steps if share < step.until)
            row: dict[str, Any] = {
                "epoch": self._epoch + 1,
                "size": size,
                "loss": round(self._one_epoch(augmenter, size), 4),
            }
            self._epoch += 1
            if self._epoch % recipe.score_every == 0 or self._epoch == recipe.epochs:
                row["figures"] = self._score()
            row["s"] = round(time.monotonic() - began, 1)
            with (self._folder / "log.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
            print(row, flush=True)
            self._keep()
            if seconds is not None and time.monotonic() - began > seconds:
                break
        return self._best

    def _one_epoch(self, augmenter: Augmenter, size: int) -> float:
        recipe = self._recipe
        steps = max(1, recipe.pictures_per_epoch // recipe.batch)
        centres = cells(size).to(self._device)
        self._model.train()
        total = 0.0

        def draw(step: int) -> list[Looked]:
            seeds = (f"{recipe.seed}-{self._epoch}-{step}-{index}" for index in range(recipe.batch))
            return [augmenter.draw(size, random.Random(seed)) for seed in seeds]

        with ThreadPoolExecutor(1) as pool:
            ahead = pool.submit(draw, 0)
            for step in range(steps):
                looked = ahead.result()
                if step + 1 < steps:
                    ahead = pool.submit(draw, step + 1)
                total += self._step(looked, centres, self._epoch * steps + step, recipe.epochs * steps)
        return total / steps

    def _step(self, looked: Sequence[Looked], centres: Tensor, done: int, whole: int) -> float:
        cosine = 0.5 * (1 + math.cos(math.pi * done / whole))
        rate = self._recipe.rate * min(1.0, (done + 1) / WARM_UP) * (LEAST_RATE + (1 - LEAST_RATE) * cosine)
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        batch = torch.from_numpy(np.stack([one.picture for one in looked])).to(self._device)
        batch = batch.permute(0, 3, 1, 2).float().contiguous(memory_format=torch.channels_last)
        # bfloat16 where the device multiplies it faster; sums, scores and boxes stay float32.
        with torch.autocast(self._device.type, dtype=torch.bfloat16):
            out = self._model(batch)
        value = self._loss(out, looked, centres)
        self._optimiser.zero_grad(set_to_none=True)
        value.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._model.parameters(), 10.0)
        self._optimiser.step()
        self._average.update(self._model)
        return value.item()

    def _loss(self, out: Tensor, looked: Sequence[Looked], centres: Tensor) -> Tensor:
        if self._recipe.task == "detect":
            targets = [
                (
                    torch.from_numpy(one.all_boxes()).to(self._device),
                    torch.from_numpy(one.all_labels()).to(self._device),
                )
                for one in looked
            ]
            return detection_loss(out.float(), targets, centres)
        pairs = [cell_shares(one.regions, len(self._recipe.classes)) for one in looked if one.regions is not None]
        shares, known = (torch.from_numpy(np.stack(rows)).to(self._device) for rows in zip(*pairs, strict=True))
        return region_loss(out.float(), shares, known)

    def _score(self) -> dict[str, float]:
        recipe, model = self._recipe, self._average.model
        if recipe.task == "segment":
            values = region_iou(model, self._held_out, recipe.size, self._device, len(recipe.classes))
        else:
            found = detect(model, self._held_out, recipe.size, self._device)
            values = [average_precision(found, self._held_out, label) for label in range(len(recipe.classes))]
        mean = float(np.nanmean(values))
        if mean > self._best:
            self._best = mean
            kept = {"model": model.state_dict(), "epoch": self._epoch, "figures": values, "recipe": recipe.model_dump()}
            torch.save(kept, self._folder / "best.pt")
        names = {
            name: round(value, 4) for name, value in zip(recipe.classes, values, strict=True) if not np.isnan(value)
        }
        return names | {"mean": round(mean, 4)}

    def _keep(self) -> None:
        part = self._folder / "checkpoint.part"
        torch.save(
            {
                "model": self._model.state_dict(),
                "average": self._average.model.state_dict(),
                "updates": self._average.updates,
                "optimiser": self._optimiser.state_dict(),
                "epoch": self._epoch,
                "best": self._best,
            },
            part,
        )
        part.replace(self._folder / "checkpoint.pt")

    def _resume(self) -> None:
        path = self._folder / "checkpoint.pt"
        if not path.exists():
            return
        state = torch.load(path, map_location=self._device, weights_only=True)
        self._model.load_state_dict(state["model"])
        self._average.model.load_state_dict(state["average"])
        self._average.updates = state["updates"]
        self._optimiser.load_state_dict(state["optimiser"])
        self._epoch, self._best = state["epoch"], state["best"]
        print(f"goes on after epoch {self._epoch}, best so far {self._best:.4f}", flush=True)
