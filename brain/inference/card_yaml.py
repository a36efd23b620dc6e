"""How cards are laid out as YAML: wide lines, indented lists, short rows on one line."""

from __future__ import annotations

import io
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

SHORT_LIST = 12
_ONE_LINE = frozenset({"tolerance", "padding", "metrics", "counts"})


def yaml_text(tree: dict[str, Any]) -> str:
    """Plain data as YAML text."""
    writer = YAML(typ="rt")
    writer.width = 118
    writer.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    writer.dump(_laid_out(tree), out)
    return out.getvalue()


def _laid_out(node: Any, key: str = "") -> Any:
    """Plain data as ruamel's types, with short rows and reference boxes in flow style."""
    if isinstance(node, dict):
        tree = CommentedMap({name: _laid_out(value, name) for name, value in node.items()})
        if "box" in node or key in _ONE_LINE:
            tree.fa.set_flow_style()
        return tree
    if isinstance(node, list):
        items = CommentedSeq(_laid_out(value) for value in node)
        if len(node) <= SHORT_LIST and all(isinstance(value, str | int | float) for value in node):
            items.fa.set_flow_style()
        return items
    return node
