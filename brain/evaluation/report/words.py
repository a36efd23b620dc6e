"""Chinese and English of what the pages look up; whole sentences stand in the templates."""

from __future__ import annotations

from typing import NamedTuple

from brain.evaluation.judgement import Verdict
from brain.evaluation.report.pictures import Missing


class Text(NamedTuple):
    """The same in both languages; a page carries both and shows one."""

    zh: str
    en: str


VERDICTS: dict[Verdict, Text] = {
    Verdict.MISSED: Text("漏报", "missed"),
    Verdict.FALSE: Text("误报", "false alarm"),
    Verdict.LATE: Text("迟报", "late"),
    Verdict.DUPLICATE: Text("重复", "duplicate"),
    Verdict.HIT: Text("命中", "hit"),
}
"""In the order in which people want to see them: what went wrong first."""

MISSING: dict[Missing, Text] = {
    Missing.GONE: Text("录像文件已不在原处", "the recording is no longer where it was"),
    Missing.CHANGED: Text("录像文件已改变（sha256 不符）", "the recording has changed (its sha256 is another)"),
    Missing.UNREADABLE: Text("录像文件无法读取", "the recording cannot be read"),
    Missing.NO_PICTURE: Text("该时刻没有画面", "there is no picture at this moment"),
}

SETS: dict[str, Text] = {
    "dev": Text("调优集（dev）", "dev set: may be tuned on"),
    "test": Text("冻结测试集（test）", "test set: frozen, only measured on"),
}

LIGHTS: dict[str, Text] = {
    "day": Text("白天", "day"),
    "night": Text("夜间", "night"),
    "unknown": Text("昼夜未注明", "day or night not said"),
}

ROLES: dict[str, Text] = {
    "alerting": Text("报警用途", "alerting"),
    "recording": Text("记录用途", "recording"),
}

PROFILES: dict[str, Text] = {
    "normal": Text("正常", "normal"),
    "short": Text("短时（持续时间均为 10 秒）", "short (every dwell ten seconds)"),
}
