"""Zones and overrides as people write them on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from brain.config.settings import check_polygon
from brain.core.errors import UsageError
from brain.core.ids import is_identifier
from brain.core.types import Zone

_ZONE_FORM = "write it like no_parking:kerb=0.24,0.58,0.47,0.58,0.47,0.9 (0–1 of width and height)"
_SET_FORM = "write it like rule.stationary.for=20s"


def parse_zone(text: str) -> Zone:
    """The zone of ``KIND[:NAME]=x,y,x,y,x,y…``; without a name it is called like its kind.

    Raises:
        UsageError: not of that form, numbers outside 0–1, crossing edges or no area.
    """
    head, mark, tail = text.partition("=")
    kind, colon, name = (part.strip() for part in head.partition(":"))
    name = name if colon else kind
    if not mark or not is_identifier(kind) or not is_identifier(name):
        raise UsageError("no kind or name before '='", where=f"--zone {text}", remedy=_ZONE_FORM)
    numbers = []
    for part in tail.split(","):
        try:
            numbers.append(float(part))
        except ValueError:
            raise UsageError(f"{part.strip()!r} is not a number", where=f"--zone {text}", remedy=_ZONE_FORM) from None
    if len(numbers) % 2:
        raise UsageError(f"{len(numbers)} numbers: points need two each", where=f"--zone {text}", remedy=_ZONE_FORM)
    try:
        polygon = check_polygon(list(zip(numbers[::2], numbers[1::2], strict=True)))
    except ValueError as error:
        raise UsageError(str(error), where=f"--zone {text}", remedy=_ZONE_FORM) from None
    return Zone(name, kind, polygon)


def parse_zones(texts: Sequence[str]) -> tuple[Zone, ...]:
    """Zones of several arguments; a second nameless one of a kind is called ``kind_2``, and so on.

    Raises:
        UsageError: as ``parse_zone``, or the same name given twice.
    """
    zones: dict[str, Zone] = {}
    for text in texts:
        zone = parse_zone(text)
        name, number = zone.name, 1
        while name in zones:
            if ":" in text.partition("=")[0]:
                raise UsageError(
                    f"zone name {name!r} is given twice", where=f"--zone {text}", remedy="names must differ"
                )
            number += 1
            name = f"{zone.kind}_{number}"
        zones[name] = Zone(name, zone.kind, zone.polygon)
    return tuple(zones.values())


def parse_set(text: str) -> tuple[str, Any]:
    """Key and value of ``rule.stationary.for=20s``; the value is read as YAML (number, text, list …).

    Raises:
        UsageError: no ``=``, no key, or a value that is not YAML.
    """
    key, mark, value = text.partition("=")
    key = key.strip()
    if not mark or not key:
        raise UsageError("no key before '='", where=f"--set {text}", remedy=_SET_FORM)
    try:
        return key, YAML(typ="safe", pure=True).load(value) if value.strip() else ""
    except (YAMLError, ValueError):
        raise UsageError(f"{value!r} is not a value", where=f"--set {text}", remedy=_SET_FORM) from None
