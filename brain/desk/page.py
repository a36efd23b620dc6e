"""The desk's one page: cases with their pictures, in Chinese or English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from brain.desk.ledger import CaseView, file_name

_WORDS = {
    "en": {
        "title": "Trial desk",
        "none": "No case yet.",
        "case": "Case",
        "revision": "revision",
        "other": '<a href="?lang=zh">中文</a>',
        "opened": "Opened",
        "due": "Due",
        "place": "Place",
        "class": "Class",
        "severity": "Severity",
        "omitted": "sent without its file",
    },
    "zh": {
        "title": "试用派遣平台",
        "none": "暂无案卷。",
        "case": "案卷",
        "revision": "版本",
        "other": '<a href="?lang=en">English</a>',
        "opened": "立案时间",
        "due": "处置时限",
        "place": "事发位置",
        "class": "事项类别",
        "severity": "等级",
        "omitted": "未附文件",
    },
}
_STYLE = """body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1c2430}
article{border:1px solid #d5dbe3;border-radius:8px;padding:1rem;margin:1rem 0}h2{margin:0 0 .5rem;font-size:1.1rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:.5rem 0}dt{color:#5b6675}dd{margin:0}
figure{display:inline-block;margin:.5rem .5rem 0 0}img,video{max-width:320px;max-height:240px;border-radius:4px}
figcaption,small{color:#5b6675}header{display:flex;justify-content:space-between;align-items:baseline}"""
_SHOWN = (
    ("class", ("class_name", "class_code")),
    ("place", ("address", "grid")),
    ("severity", ("severity",)),
    ("opened", ("opened",)),
    ("due", ("due",)),
)


def render(cases: Sequence[CaseView], language: str) -> str:
    """The page as HTML; every foreign text is escaped.

    Args:
        cases: newest first.
        language: ``zh`` or ``en``.
    """
    words = _WORDS[language]
    articles = "".join(_article(case, words) for case in cases) or f"<p>{words['none']}</p>"
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>{words["title"]}</title>'
        f"<style>{_STYLE}</style><header><h1>{words['title']}</h1>{words['other']}</header>{articles}</html>"
    )


def _article(view: CaseView, words: Mapping[str, str]) -> str:
    newest = _part(view.messages[-1]["body"], "data")
    about = _part(newest, "class")
    shown = {**newest, "class_name": about.get("name"), "class_code": about.get("code")}
    rows = "".join(
        f"<dt>{words[key]}</dt><dd>{escape(text)}</dd>"
        for key, fields in _SHOWN
        if (text := " ".join(str(shown[name]) for name in fields if shown.get(name)))
    )
    figures = "".join(_figure(item, words) for item in _evidence(view))
    steps = "".join(
        f"<small>{escape(m['entry']['at'])} {escape(m['entry']['type'])}</small><br>" for m in view.messages
    )
    return (
        f"<article><h2>{words['case']} {escape(view.number)} · {words['revision']} {view.revision}</h2>"
        f"<dl>{rows}</dl>{steps}{figures}</article>"
    )


def _evidence(view: CaseView) -> list[Mapping[str, Any]]:
    """Each file once, in order of arrival."""
    found: dict[str, Mapping[str, Any]] = {}
    for message in view.messages:
        listed = _part(message["body"], "data").get("evidence")
        for item in listed if isinstance(listed, list) else ():
            if isinstance(item, dict):
                found[str(item.get("sha256"))] = item
    return list(found.values())


def _figure(item: Mapping[str, Any], words: Mapping[str, str]) -> str:
    caption = escape(str(item.get("kind", "")))
    media_type = str(item.get("media_type", ""))
    if item.get("omitted"):
        return f"<figure><figcaption>{caption}: {words['omitted']}</figcaption></figure>"
    address = escape(f"/files/{file_name(str(item.get('sha256', '')), media_type)}", quote=True)
    if media_type.startswith("video/"):
        shown = f'<video controls preload="metadata" src="{address}"></video>'
    else:
        shown = f'<a href="{address}"><img loading="lazy" alt="{caption}" src="{address}"></a>'
    return f"<figure>{shown}<figcaption>{caption}</figcaption></figure>"


def _part(value: Any, *keys: str) -> Mapping[str, Any]:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}
