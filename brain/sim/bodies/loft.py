"""A vehicle's body as a loft: sections across it, one after the other along it, with glass where told."""

from __future__ import annotations

from dataclasses import dataclass

from brain.sim.draw import Colour, scaled
from brain.sim.paint.mesh import FINE, TRIM, MeshBuilder

GLASS: Colour = (46, 40, 34)
DARK: Colour = (34, 32, 30)
TYRE: Colour = (30, 29, 28)
HUB: Colour = (150, 148, 144)
HEAD: Colour = (206, 210, 208)
TAIL: Colour = (36, 30, 168)
Section = tuple[tuple[float, float, float], ...]


@dataclass(frozen=True, slots=True)
class Station:
    """One section.

    Attributes:
        x: metres ahead of the middle.
        top: metres above the ground.
        width: share of the full width.
        glass: ``s`` side windows and ``t`` glass on top (windscreen) from here to the next section.
    """

    x: float
    top: float
    width: float = 1.0
    glass: str = ""


@dataclass(frozen=True, slots=True)
class Shell:
    """Measures of a body in metres: full width, width of the roof, sill, belt line, depth of the roof rail."""

    width: float
    roof: float
    sill: float
    belt: float
    rail: float = 0.07
    stations: tuple[Station, ...] = ()
    axles: tuple[float, ...] = ()
    wheel: float = 0.33


def section(shell: Shell, station: Station) -> Section:
    """Seven points from the sill to the middle of the roof, on the side of positive ``z``."""
    half = shell.width / 2 * station.width
    cabin = min(1.0, max(0.0, (station.top - shell.belt) / 0.25))
    belt = min(shell.belt, station.top - 0.05)
    roof = shell.roof / 2 * min(1.0, station.width + 0.05)
    low = shell.sill
    shoulder = max(low + 0.2, belt - 0.18)
    edge = half * 0.93 * (1 - cabin) + roof * cabin
    inner = half * 0.72 * (1 - cabin) + roof * 0.84 * cabin
    flank = ((half * 0.93, low), (half * 0.99, low + 0.14), (half, shoulder), (half * 0.965, belt))
    upper = ((edge, max(belt + 0.012, station.top - shell.rail)), (inner, station.top - 0.012), (0.0, station.top))
    return tuple((station.x, y, z) for z, y in (*flank, *upper))


def sweep(builder: MeshBuilder, shell: Shell, paint: Colour, lower: Colour | None = None) -> None:
    """Add the skin between all sections and the two end caps."""
    sections = [section(shell, station) for station in shell.stations]
    lower = lower or scaled(paint, 0.5)
    for station, one, other in zip(shell.stations, sections, sections[1:], strict=False):
        for row in range(6):
            glass = (row == 3 and "s" in station.glass) or (row >= 4 and "t" in station.glass)
            colour = GLASS if glass else lower if row == 0 else paint
            if row == 4 and "t" in station.glass:
                colour, glass = paint, False
            gloss = 2.4 if glass else 0.05 if row == 0 else 0.9
            quad = (one[row], other[row], other[row + 1], one[row + 1])
            builder.face(quad, colour, gloss=gloss)
            builder.face([(x, y, -z) for x, y, z in quad], colour, gloss=gloss)
    for end in (sections[0], sections[-1]):
        for low, high in ((0, 1), (1, 2), (2, 3), (3, 4), (4, 5)):
            (x, y1, z1), (_, y2, z2) = end[low], end[high]
            colour = lower if low == 0 else paint
            builder.face(((x, y1, -z1), (x, y1, z1), (x, y2, z2), (x, y2, -z2)), colour, gloss=0.7)


def wheels(builder: MeshBuilder, shell: Shell, hub: Colour = HUB) -> None:
    """Add arches, tyres and hubs on both sides."""
    radius = shell.wheel
    for x in shell.axles:
        for side in (-1, 1):
            z = side * (shell.width / 2 * 0.995)
            builder.disc((x, radius + 0.03, z), radius * 1.17, (20, 19, 18), layer=TRIM)
            builder.disc((x, radius, z + side * 0.012), radius, TYRE, layer=TRIM + 1)
            builder.disc((x, radius, z + side * 0.02), radius * 0.62, hub, layer=FINE, gloss=0.4)
            builder.disc((x, radius, z + side * 0.025), radius * 0.2, (70, 70, 70), layer=FINE + 1)


def across(
    builder: MeshBuilder,
    x: float,
    low: float,
    high: float,
    sides: tuple[float, float],
    colour: Colour,
    *,
    gloss: float = 0.2,
    layer: int = TRIM,
    lamp: int = 0,
    slant: float = 0.0,
) -> None:
    """A patch on front or rear between two heights and two distances from the middle; ``slant`` moves its rim."""
    z1, z2 = sides
    builder.face(
        ((x, low, z1), (x + slant, low, z2), (x + slant, high, z2), (x, high, z1)),
        colour, gloss=gloss, layer=layer, lamp=lamp,
    )  # fmt: skip


def along(
    builder: MeshBuilder,
    span: tuple[float, float],
    low: float,
    high: float,
    z: float,
    colour: Colour,
    *,
    layer: int = FINE,
    gloss: float = 0.0,
) -> None:
    """The same patch on both sides."""
    for side in (-1, 1):
        x1, x2 = span
        builder.face(
            ((x1, low, side * z), (x2, low, side * z), (x2, high, side * z), (x1, high, side * z)),
            colour, gloss=gloss, layer=layer,
        )  # fmt: skip
