"""Small networks for street cameras, trained from nothing: convolution, normalisation and ReLU, nothing else.

Dense 3×3 convolutions with ReLU run faster on CPU engines than depthwise ones with smooth activations at the same
accuracy, as the engine folds normalisation and ReLU into the convolution. One trunk with a feature pyramid at strides
8, 16, 32 serves two heads: boxes (no anchors: each cell gives four distances to the edges and one score per class, the
layout ``yolo``) and regions (scores per cell at stride 8, the layout ``segment``).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

STRIDES = (8, 16, 32)


@dataclass(frozen=True)
class Shape:
    """Channels of the network.

    Attributes:
        stem: after stride 2.
        stages: after stride 4, 8, 16, 32.
        depths: blocks per stage.
        neck: of pyramid and head.
    """

    stem: int = 16
    stages: tuple[int, int, int, int] = (32, 64, 128, 192)
    depths: tuple[int, int, int, int] = (1, 2, 2, 1)
    neck: int = 48


DEFAULT = Shape()


def conv(inputs: int, outputs: int, size: int = 3, stride: int = 1) -> nn.Sequential:
    """Convolution, normalisation, ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False),
        nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03),
        nn.ReLU(inplace=True),
    )


class Block(nn.Module):
    """Half of the channels go through residual 3×3 pairs, half pass by; both are mixed (cross stage partial)."""

    def __init__(self, channels: int, outputs: int, depth: int) -> None:
        super().__init__()
        half = outputs // 2
        self.enter = conv(channels, half, 1)
        self.past = conv(channels, half, 1)
        self.steps = nn.ModuleList(nn.Sequential(conv(half, half, 1), conv(half, half, 3)) for _ in range(depth))
        self.leave = conv(2 * half, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """N×channels×H×W to N×outputs×H×W."""
        y = self.enter(x)
        for step in self.steps:
            y = y + step(y)
        result: Tensor = self.leave(torch.cat((y, self.past(x)), 1))
        return result


class Pool(nn.Module):
    """Looks further: three max pools one after the other (spatial pyramid pooling)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.enter = conv(channels, channels // 2, 1)
        self.pool = nn.MaxPool2d(5, 1, 2)
        self.leave = conv(channels * 2, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Same shape in and out."""
        a = self.enter(x)
        b = self.pool(a)
        c = self.pool(b)
        result: Tensor = self.leave(torch.cat((a, b, c, self.pool(c)), 1))
        return result


class Trunk(nn.Module):
    """Pictures N×3×H×W (BGR, 0–255) to the pyramid at strides 8, 16, 32, each with ``shape.neck`` channels."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        s2, s3, s4, s5 = shape.stages
        d2, d3, d4, d5 = shape.depths
        n = shape.neck
        self.low = nn.Sequential(conv(3, shape.stem, 3, 2), conv(shape.stem, s2, 3, 2), Block(s2, s2, d2))
        self.c3 = nn.Sequential(conv(s2, s3, 3, 2), Block(s3, s3, d3))
        self.c4 = nn.Sequential(conv(s3, s4, 3, 2), Block(s4, s4, d4))
        self.c5 = nn.Sequential(conv(s4, s5, 3, 2), Block(s5, s5, d5), Pool(s5))
        self.l5, self.l4, self.l3 = conv(s5, n, 1), conv(s4, n, 1), conv(s3, n, 1)
        self.up = nn.Upsample(scale_factor=2.0, mode="nearest")
        self.t4, self.t3 = Block(2 * n, n, 1), Block(2 * n, n, 1)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """From fine to coarse."""
        c3 = self.c3(self.low((pictures - 114.0) / 64.0))
        c4 = self.c4(c3)
        p5 = self.l5(self.c5(c4))
        p4 = self.t4(torch.cat((self.up(p5), self.l4(c4)), 1))
        p3 = self.t3(torch.cat((self.up(p4), self.l3(c3)), 1))
        return p3, p4, p5


class Detector(nn.Module):
    """Pictures to N×(4+C)×cells: centre x, y, width, height in pixels, class logits."""

    def __init__(self, classes: int, shape: Shape = DEFAULT) -> None:
        super().__init__()
        n = shape.neck
        self.trunk = Trunk(shape)
        self.d3, self.d4 = conv(n, n, 3, 2), conv(n, n, 3, 2)
        self.b4, self.b5 = Block(2 * n, n, 1), Block(2 * n, n, 1)
        self.stems = nn.ModuleList(conv(n, n, 1) for _ in STRIDES)
        self.box = nn.Sequential(conv(n, n // 2, 3), nn.Conv2d(n // 2, 4, 1))
        self.score = nn.Sequential(conv(n, n, 3), nn.Conv2d(n, classes, 1))
        self.scale = nn.Parameter(torch.ones(len(STRIDES)))
        _start(self.score[-1], -4.6)  # a share of 1 % at the start (focal loss, Lin et al. 2017, section 3.3)
        _start(self.box[-1], 1.0)

    def forward(self, pictures: Tensor) -> Tensor:
        """See the class."""
        p3, p4, p5 = self.trunk(pictures)
        n4 = self.b4(torch.cat((self.d3(p3), p4), 1))
        n5 = self.b5(torch.cat((self.d4(n4), p5), 1))
        rows = []
        for index, (stride, level) in enumerate(zip(STRIDES, (p3, n4, n5), strict=True)):
            x = self.stems[index](level)
            reach = nn.functional.softplus(self.box(x).float() * self.scale[index]) * stride
            height, width = x.shape[2], x.shape[3]
            cx = ((torch.arange(width, device=x.device, dtype=reach.dtype) + 0.5) * stride).view(1, 1, 1, width)
            cy = ((torch.arange(height, device=x.device, dtype=reach.dtype) + 0.5) * stride).view(1, 1, height, 1)
            left, top, right, bottom = reach.split(1, 1)
            box = torch.cat((cx + (right - left) / 2, cy + (bottom - top) / 2, left + right, top + bottom), 1)
            rows.append(torch.cat((box, self.score(x).float()), 1).flatten(2))
        return torch.cat(rows, 2)


class Segmenter(nn.Module):
    """Pictures to N×C×(H/8)×(W/8) logits; each class by itself, so that nothing is a class of its own."""

    def __init__(self, classes: int, shape: Shape = DEFAULT) -> None:
        super().__init__()
        n = shape.neck
        self.trunk = Trunk(shape)
        self.mix = nn.Sequential(conv(n, n, 3), conv(n, n, 3))
        self.score = nn.Conv2d(n, classes, 1)
        _start(self.score, -2.0)

    def forward(self, pictures: Tensor) -> Tensor:
        """See the class."""
        p3, _, _ = self.trunk(pictures)
        logits: Tensor = self.score(self.mix(p3)).float()
        return logits


def _start(layer: nn.Module, bias: float) -> None:
    assert isinstance(layer, nn.Conv2d)
    assert layer.bias is not None
    nn.init.constant_(layer.bias, bias)


def cells(size: int) -> Tensor:
    """Centres (cells×2, pixels) of a square picture in the order of the detector's columns."""
    centres = []
    for stride in STRIDES:
        y, x = torch.meshgrid(torch.arange(size // stride), torch.arange(size // stride), indexing="ij")
        centres.append(torch.stack((x, y), -1).reshape(-1, 2) * stride + stride / 2)
    return torch.cat(centres).float()
