"""An assignment (布控): a scenario on the zones of a camera, with overrides and profile applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Literal

from brain.core.errors import ConfigError
from brain.core.types import Zone
from brain.scenarios.manifest import MASK_KIND, Manifest
from brain.scenarios.overrides import override, shorten
from brain.scenarios.registry import Scenario
from brain.scenarios.task import ZoneTask

WHOLE = "whole_picture"
Profile = Literal["normal", "short"]


def resolve(
    scenario: Scenario,
    camera: str,
    zones: Sequence[Zone],
    *,
    view: str = "main",
    zone_names: Sequence[str] | None = None,
    overrides: Mapping[str, Any] | None = None,
    profile: Profile = "normal",
    timezone: str = "Asia/Shanghai",
    whole_when_none: bool = False,
) -> tuple[ZoneTask, ...]:
    """The tasks of a scenario on one view of a camera, one for each zone that it watches.

    Args:
        zones: all zones of the view; those of kind ``mask`` are left out of the picture for every task.
        zone_names: only these zones; ``None`` = all of the scenario's kinds.
        overrides: dotted keys and values; they win over the profile.
        whole_when_none: watch the whole picture where no zone at all is drawn, even if the scenario asks for some
            (``try``, ``replay``).

    Raises:
        ConfigError: an override that does not fit, an unknown zone or one of another kind, or no zone to watch.
    """
    manifest = override(shorten(scenario.manifest) if profile == "short" else scenario.manifest, overrides or {})
    masks = tuple(zone for zone in zones if zone.kind == MASK_KIND)
    drawn = [zone for zone in zones if zone.kind != MASK_KIND]
    if zone_names is not None:
        chosen = [_named(name, manifest, camera, drawn) for name in dict.fromkeys(zone_names)]
    else:
        chosen = [zone for zone in drawn if zone.kind in manifest.zones.kinds]
    if not chosen and (manifest.zones.default == WHOLE or (whole_when_none and not drawn)):
        chosen = [Zone(WHOLE, WHOLE)]
    if not chosen:
        raise _nothing_to_watch(manifest, camera, drawn)
    return tuple(
        ZoneTask(
            manifest,
            camera=camera,
            view=view,
            zone=zone,
            masks=masks,
            timezone=timezone,
            plugin=scenario.plugin,
        )
        for zone in chosen
    )


def _named(name: str, manifest: Manifest, camera: str, drawn: Sequence[Zone]) -> Zone:
    found = next((zone for zone in drawn if zone.name == name), None)
    names = [zone.name for zone in drawn]
    if found is None:
        near = get_close_matches(name, names, n=1, cutoff=0.5)
        raise ConfigError(
            f"camera {camera!r} has no zone {name!r}",
            remedy=(f"did you mean {near[0]!r}? " if near else "") + f"its zones: {', '.join(names) or 'none'}",
        )
    if found.kind not in manifest.zones.kinds:
        raise ConfigError(
            f"zone {name!r} of camera {camera!r} is of kind {found.kind!r}, which {manifest.id} does not watch",
            remedy=f"kinds it watches: {', '.join(manifest.zones.kinds)}",
        )
    return found


def _nothing_to_watch(manifest: Manifest, camera: str, drawn: Sequence[Zone]) -> ConfigError:
    kinds = ", ".join(manifest.zones.kinds)
    there = ", ".join(f"{zone.name} ({zone.kind})" for zone in drawn) or "none"
    return ConfigError(
        f"scenario {manifest.id} has nothing to watch on camera {camera!r}: it watches zones of kind {kinds}; "
        f"zones that are drawn: {there}",
        remedy=f"draw a zone of kind {kinds} on that camera, or name the cameras meant: cameras: […] in the assignment",
    )
