"""Captions of several zones stand one under the other."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from brain.runtime.pictures import marked


@pytest.mark.parametrize("width", [480, 1920])
@pytest.mark.parametrize("lower", ["left_object/road: no", "x"])
def test_lines_of_a_caption_do_not_overlap(width: int, lower: str) -> None:
    plain = np.full((270, width, 3), 128, np.uint8)

    def rows(caption: str) -> NDArray[np.bool_]:
        """Which rows of the picture a caption covers."""
        return (marked(plain, (), None, caption) != plain).any(axis=(1, 2))

    upper = "left_object/garage: no"
    both, alone = marked(plain, (), None, f"{upper}\n{lower}"), marked(plain, (), None, lower)
    assert (both[rows(lower)] == alone[rows(lower)]).all()
    assert rows(f"{upper}\n{lower}").sum() == rows(upper).sum() + rows(lower).sum()
    assert not rows("").any()
