"""The network as a graph: its input fixed to the card's size, every node named, plain enough for other runtimes.

``onnx`` comes with the extra ``export``, so it is imported where it is used.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from brain.core.errors import WeightsError
from brain.inference.cards import Card

WEIGHTED = frozenset({"Conv", "ConvTranspose", "MatMul", "Gemm"})
"""Operators that hold nearly all weights and nearly all of the work."""
OLDEST, PREFERRED = 13, 17
"""Per-channel quantisation needs operator set 13; older networks are brought to 17."""


def load_network(card: Card, path: Path) -> Any:
    """The ONNX model with a fixed input of 1×3×height×width, of operator set 13 or newer, every node with a name.

    Its outputs are those that the card names, in that order.

    Raises:
        WeightsError: it cannot be read, or not be brought to a newer operator set.
    """
    import onnx
    from onnx import version_converter
    from onnxruntime.tools.onnx_model_utils import (  # type: ignore[import-untyped]
        fix_output_shapes,
        make_input_shape_fixed,
    )

    try:
        model = onnx.load(str(path))
        given = {value.name: value for value in model.graph.output}
        _replace(model.graph.output, [given[name] for name in card.output.names])
        _drop_unused(model.graph)
        make_input_shape_fixed(model.graph, card.input.name, [1, 3, card.input.height, card.input.width])
        opset = next(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))
        if opset < OLDEST:
            model = version_converter.convert_version(model, PREFERRED)
        model = onnx.shape_inference.infer_shapes(model)
        fix_output_shapes(model)
    except Exception as error:  # onnx raises many kinds, none of its own base
        text = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise WeightsError(
            f"cannot be prepared for export: {text}", where=str(path), remedy="export it anew with operator set 17"
        ) from None
    name_nodes(model)
    return model


def name_nodes(model: Any) -> None:
    """Give a name to each node that has none, or one that stands twice."""
    taken: set[str] = set()
    for number, node in enumerate(model.graph.node):
        if not node.name or node.name in taken:
            node.name = f"node_{number}_{node.op_type}"
        taken.add(node.name)


def after_last_weights(model: Any) -> tuple[frozenset[str], frozenset[str]]:
    """Names of the nodes from which no weighted operator is reached: those without weights, and the weighted ones.

    The first are the network's answer being put together; the others are the last layers.
    """
    users: dict[str, list[Any]] = {}
    for node in model.graph.node:
        for name in node.input:
            users.setdefault(name, []).append(node)
    leads: dict[str, bool] = {}
    for node in reversed(model.graph.node):  # in order, so that users come before what they use
        after = [user for name in node.output for user in users.get(name, ())]
        leads[node.name] = any(user.op_type in WEIGHTED or leads[user.name] for user in after)
    last = [node for node in model.graph.node if not leads[node.name]]
    plain = frozenset(node.name for node in last if node.op_type not in WEIGHTED)
    return plain, frozenset(node.name for node in last if node.op_type in WEIGHTED)


def first_layers(model: Any, count: int) -> frozenset[str]:
    """Names of the nodes before the weighted operator number ``count`` (from 0)."""
    names: list[str] = []
    seen = 0
    for node in model.graph.node:
        if node.op_type in WEIGHTED:
            if seen == count:
                break
            seen += 1
        names.append(node.name)
    return frozenset(names)


def weighted_count(model: Any) -> int:
    """How many weighted operators there are."""
    return sum(node.op_type in WEIGHTED for node in model.graph.node)


def without_focus(model: Any) -> Any:
    """The model with every "focus" of strided slices as one convolution that copies the same values.

    A focus (YOLOX) takes each second pixel four times and puts the four pictures behind each other. ncnn has no slice
    with a step; a 2×2 convolution with stride 2 and weights 0 and 1 gives the very same numbers.
    """
    from onnx import helper, numpy_helper

    graph = model.graph
    made = {name: node for node in graph.node for name in node.output}
    constants = {value.name: numpy_helper.to_array(value) for value in graph.initializer}
    constants |= {name: numpy_helper.to_array(node.attribute[0].t) for name, node in made.items() if _is_constant(node)}
    for number, node in enumerate(list(graph.node)):
        found = _focus(node, made, constants)
        channels = _channels(model, found[0]) if found else 0
        if not found or not channels:
            continue
        source, offsets = found
        kernel = np.zeros((channels * len(offsets), channels, 2, 2), np.float32)
        for part, (row, column) in enumerate(offsets):
            for channel in range(channels):
                kernel[part * channels + channel, channel, row, column] = 1
        name = f"focus_{number}"
        graph.initializer.append(numpy_helper.from_array(kernel, f"{name}_weight"))
        conv = helper.make_node(
            "Conv", [source, f"{name}_weight"], list(node.output), name=name, strides=[2, 2], kernel_shape=[2, 2]
        )
        graph.node.insert(list(graph.node).index(node), conv)
        graph.node.remove(node)
    _drop_unused(graph)
    return model


Offset = tuple[int, int]


def _focus(node: Any, made: dict[str, Any], constants: dict[str, Any]) -> tuple[str, tuple[Offset, ...]] | None:
    """The source and the (row, column) offsets of a concatenation that is a focus."""
    axis = next((entry.i for entry in node.attribute if entry.name == "axis"), None)
    if node.op_type != "Concat" or axis != 1:
        return None
    parts = [_strided(name, made, constants) for name in node.input]
    sources = {part[0] for part in parts if part}
    if None in parts or len(sources) != 1:
        return None
    return sources.pop(), tuple(part[1] for part in parts if part)


def _strided(name: str, made: dict[str, Any], constants: dict[str, Any]) -> tuple[str, Offset] | None:
    """The tensor of which ``name`` is each second row and column, and where it begins."""
    begin: dict[int, int] = {}
    while (node := made.get(name)) is not None and node.op_type == "Slice" and len(node.input) == 5:
        values = [constants.get(given) for given in node.input[1:]]
        if any(value is None for value in values):
            return None
        for start, end, axis, step in zip(
            *(value.ravel().tolist() for value in values if value is not None), strict=True
        ):
            if step != 2 or start not in (0, 1) or axis not in (2, 3) or axis in begin or end < 1 << 30:
                return None
            begin[axis] = start
        name = node.input[0]
    return (name, (begin[2], begin[3])) if set(begin) == {2, 3} else None


def _is_constant(node: Any) -> bool:
    return node.op_type == "Constant" and len(node.attribute) == 1 and node.attribute[0].name == "value"


def _channels(model: Any, name: str) -> int:
    """Channels of a tensor, 0 where the model does not say, or where its rows or columns are odd."""
    for value in (*model.graph.input, *model.graph.value_info):
        if value.name == name:
            sizes = [size.dim_value for size in value.type.tensor_type.shape.dim]
            return sizes[1] if len(sizes) == 4 and sizes[2] % 2 == sizes[3] % 2 == 0 else 0
    return 0


def _drop_unused(graph: Any) -> None:
    """Take out nodes and constants whose values nobody uses any more."""
    kept = {value.name for value in graph.output}
    nodes = []
    for node in reversed(graph.node):
        if kept.intersection(node.output):
            kept.update(node.input)
            nodes.append(node)
    _replace(graph.node, reversed(nodes))
    _replace(graph.initializer, [value for value in graph.initializer if value.name in kept])


def _replace(field: Any, values: Iterable[Any]) -> None:
    entries = list(values)
    del field[:]
    field.extend(entries)
