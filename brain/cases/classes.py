"""What a scenario's cases are: their class, department, deadline and who closes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from brain.cases.deadlines import Deadline


@dataclass(frozen=True, slots=True)
class CaseClass:
    """The ``case:`` part of a scenario's manifest.

    Attributes:
        scenario: scenario id.
        name_zh, name_en: the scenario's names.
        class_code: five digits of ``brain.cases.taxonomy``.
        department: department (主管部门) that the case is for.
        deadline: from report to done.
        close: ``camera``: closed when the camera sees the trouble gone; ``desk``: the desk closes, the camera only
            says that it is gone.
    """

    scenario: str
    name_zh: str
    name_en: str
    class_code: str
    department: str
    deadline: Deadline
    close: Literal["camera", "desk"] = "camera"
