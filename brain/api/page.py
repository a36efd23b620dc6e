"""The status page: one HTML document, Chinese and English side by side, nothing fetched from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files
from urllib.parse import quote
from zoneinfo import ZoneInfo

from brain.core.types import EvidenceKind
from brain.runtime.service import Snapshot
from brain.runtime.wire import CameraReport
from brain.store.queries import CaseDetail

STATE_ZH = {
    "connecting": "连接中",
    "live": "在线",
    "stalled": "中断",
    "refused": "拒绝",
    "unreachable": "无法到达",
    "ended": "结束",
}


def status_page(snapshot: Snapshot, cases: Sequence[CaseDetail], zone: ZoneInfo, names: Mapping[str, str]) -> str:
    """The whole page.

    Args:
        cases: open cases with their evidence, newest first.
        zone: the city's time zone, for times that people read.
        names: camera id → its name for people.
    """
    parts = [
        "<!doctype html><html lang=zh><meta charset=utf-8><meta http-equiv=refresh content=10>",
        "<meta name=viewport content='width=device-width'><title>city-brain</title><style>",
        files("brain.api").joinpath("status.css").read_text("utf-8"),
        "</style><h1>city-brain · 城市视频大脑</h1>",
        _health(snapshot),
        "<h2>摄像机 Cameras</h2><div class=wall>",
        *_cameras(snapshot, names),
        "</div><h2>未结案卷 Open cases</h2>",
        _cases(cases, zone),
        "<h2>派遣 Delivery</h2>",
        _desks(snapshot),
        "</html>",
    ]
    return "".join(parts)


def _health(snapshot: Snapshot) -> str:
    lines = [snapshot.trouble, snapshot.dispatch.database]
    lines += [f"worker {shard.number} is being restarted" for shard in snapshot.shards if not shard.alive]
    troubles = [line for line in dict.fromkeys(lines) if line]
    totals = snapshot.counts
    summary = (
        f"<p>案卷 cases: {totals.cases_opened} · 未结 open: {totals.cases_open} · "
        f"已结 closed: {totals.cases_closed}</p>"
        if totals
        else ""
    )
    told = [f"<p class=bad>{escape(line)}</p>" for line in troubles]
    if snapshot.attention:
        items = "".join(f"<li>{escape(line)}</li>" for line in snapshot.attention)
        told.append(f"<p class=look>需要关注 needs attention</p><ul class=look>{items}</ul>")
    return ("".join(told) or "<p class=ok>运行正常 all well</p>") + summary


def _cameras(snapshot: Snapshot, names: Mapping[str, str]) -> Iterator[str]:
    for shard in snapshot.shards:
        for name, report in sorted(shard.reports.items()):
            yield _camera(name, names.get(name, ""), report)


def _camera(name: str, called: str, report: CameraReport) -> str:
    state = report.state.value
    good = "ok" if state in ("live", "ended") else "bad"
    title = f"<b>{escape(called)}</b> <small>{escape(name)}</small>" if called else f"<b>{escape(name)}</b>"
    hide = "onerror=\"this.style.visibility='hidden'\""
    reason = escape(report.reason + (f" – {report.remedy}" if report.remedy else ""))
    skipped = "".join(f" · {escape(key)} {count}" for key, count in sorted(report.skipped.items()))
    broken = "".join(f"<br><span class=bad>{escape(k)}: {escape(v)}</span>" for k, v in report.broken.items())
    return (
        f"<div class=tile><img alt='{escape(name)}' {hide} src='/api/cameras/{quote(name)}/picture'>"
        f"{title} <span class={good}>{STATE_ZH[state]} {state}</span><br>"
        f"<small>{reason}<br>采样 samples {report.samples}/{report.due}{skipped}{broken}</small></div>"
    )


def _cases(cases: Sequence[CaseDetail], zone: ZoneInfo) -> str:
    if not cases:
        return "<p>无 none</p>"
    rows = []
    for detail in cases:
        case = detail.case
        proofs = [row for row in detail.evidence if row.removed is None]
        marked = next((row for row in reversed(proofs) if row.evidence.kind is EvidenceKind.PICTURE_MARKED), None)
        clip = next((row for row in reversed(proofs) if row.evidence.kind is EvidenceKind.CLIP), None)
        picture = f"<img alt=proof src='/api/evidence/{quote(marked.evidence.path)}'>" if marked else ""
        video = f"<a href='/api/evidence/{quote(clip.evidence.path)}'>视频 clip</a>" if clip else ""
        rows.append(
            f"<tr><td>{picture}{video}</td><td><b>{case.number}</b><br>{escape(case.class_code)} "
            f"{escape(case.class_name)}<br><small>{escape(case.scenario)}</small></td>"
            f"<td>{escape(case.severity)}</td><td>{escape(case.camera)} / {escape(case.zone)}<br>"
            f"<small>{escape(case.address)} {escape(case.grid)}</small></td>"
            f"<td>{case.opened.astimezone(zone):%m-%d %H:%M:%S}</td>"
            f"<td>{case.due.astimezone(zone):%m-%d %H:%M}</td></tr>"
        )
    head = "<tr><th>证据 proof<th>案卷 case<th>等级 severity<th>位置 place<th>上报 opened<th>时限 due</tr>"
    return f"<table>{head}{''.join(rows)}</table>"


def _desks(snapshot: Snapshot) -> str:
    rows = []
    for desk in snapshot.dispatch.desks:
        good = "ok" if desk.state.value == "ok" else "bad"
        dead = sum(desk.dead.values())
        rows.append(
            f"<tr><td>{escape(desk.desk)}</td><td class={good}>{desk.state.value} {escape(desk.reason)}</td>"
            f"<td>{desk.waiting}</td><td>{desk.oldest_s:.0f} s</td><td>{desk.sent}</td><td>{dead}</td></tr>"
        )
    head = "<tr><th>平台 desk<th>状态 state<th>待发 waiting<th>最久 oldest<th>已发 sent<th>死信 dead</tr>"
    return f"<table>{head}{''.join(rows)}</table>" if rows else "<p>无 none</p>"
