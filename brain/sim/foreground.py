"""Fixed things that stand before others: brought back to the front after something was painted behind them."""

from __future__ import annotations

import numpy as np

from brain.sim.body import KEPT, Body
from brain.sim.canvas import Canvas
from brain.sim.draw import Cut, Rect, overlap, put_over
from brain.sim.kept import Kept
from brain.sim.order import Standing, before, touch


class Foreground:
    """The fixed things of one stage, from far to near."""

    def __init__(self, cuts: tuple[Cut, ...]) -> None:
        self._cuts = cuts
        self._boxes = np.array([cut.rect for cut in cuts]).reshape(-1, 1, 4)
        self._stand = [Standing(cut.depth, cut.foot, (), cut.rect, long=False) for cut in cuts]
        self._known: Kept[tuple[Cut, ...]] = Kept(KEPT)

    def over(self, canvas: Canvas, rects: list[Rect]) -> None:
        """All of them within boxes: what was painted there lies on the ground."""
        if not rects or not self._cuts:
            return
        boxes = np.array(rects)[None, :, :]
        low = np.maximum(self._boxes[..., :2], boxes[..., :2])
        high = np.minimum(self._boxes[..., 2:], boxes[..., 2:])
        shared = (low < high).all(axis=2)
        touched = shared.any(axis=1)
        # One box around all that a fixed thing shares with them: nothing is put over twice.
        low = np.where(shared[..., None], low, np.iinfo(low.dtype).max).min(axis=1)
        high = np.where(shared[..., None], high, 0).max(axis=1)
        for index in np.flatnonzero(touched):
            (x1, y1), (x2, y2) = low[index].tolist(), high[index].tolist()
            _put(canvas, self._cuts[index], (x1, y1, x2, y2))

    def before(self, canvas: Canvas, body: Body) -> None:
        """Those that stand before a body, within its box."""
        for cut in self._known.get(body.key, self._nearer, body.stands):
            _put(canvas, cut, body.stands.rect)

    def _nearer(self, stands: Standing) -> tuple[Cut, ...]:
        pairs = zip(self._cuts, self._stand, strict=True)
        return tuple(cut for cut, fixed in pairs if touch(cut.rect, stands.rect) and before(fixed, stands))


def _put(canvas: Canvas, cut: Cut, rect: Rect) -> None:
    put_over(canvas.image, canvas.clean, cut, rect)
    part = overlap(cut.rect, rect)
    if canvas.ids is None or part is None:
        return
    x1, y1, x2, y2 = part
    cover = cut.cover[y1 - cut.rect[1] : y2 - cut.rect[1], x1 - cut.rect[0] : x2 - cut.rect[0], 0]
    canvas.ids[y1:y2, x1:x2][cover > 127] = 0
