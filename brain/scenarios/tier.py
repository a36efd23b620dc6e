"""The tier (档次) of a scenario: what the figures of the weights that it would use on this machine rest on."""

from __future__ import annotations

from enum import StrEnum

from brain.core.errors import BrainError
from brain.inference.algorithms import Algorithm, Algorithms
from brain.inference.detector import choose_weights
from brain.inference.figures import Proof, proof_of
from brain.inference.library import Library
from brain.scenarios.manifest import Manifest


class Tier(StrEnum):
    """What is known of what a scenario sees, best first.

    Attributes:
        METHOD: it needs no weights.
        REAL: its weights were measured on real pictures, for all the classes it wants of them.
        PARTLY: for some of these classes; for the others on drawn pictures alone, or not at all.
        DRAWN: on drawn pictures alone.
        UNMEASURED: its weights have no figures for these classes.
        MISSING: no weights on this machine know its classes.
    """

    METHOD = "method"
    REAL = "real"
    PARTLY = "partly"
    DRAWN = "drawn"
    UNMEASURED = "unmeasured"
    MISSING = "missing"

    @property
    def words(self) -> str:
        """For people, Chinese and English."""
        return _WORDS[self]


_WORDS = {
    Tier.METHOD: "不需权重 none needed",
    Tier.REAL: Proof.REAL.words,
    Tier.PARTLY: Proof.PARTLY.words,
    Tier.DRAWN: Proof.DRAWN.words,
    Tier.UNMEASURED: Proof.NONE.words,
    Tier.MISSING: "缺权重 missing",
}
_OF_PROOF = {
    Proof.REAL: Tier.REAL,
    Proof.PARTLY: Tier.PARTLY,
    Proof.DRAWN: Tier.DRAWN,
    Proof.NONE: Tier.UNMEASURED,
}


def tier_of(manifest: Manifest, algorithms: Algorithms, library: Library) -> Tier:
    """The tier of a scenario on this machine: the worst of its algorithms'.

    Raises:
        ConfigError: it names an algorithm that does not exist.
    """
    tiers = [_tier(algorithms.get(name), _wanted(manifest), library) for name in manifest.algorithms]
    return max(tiers, key=list(Tier).index)


def _wanted(manifest: Manifest) -> frozenset[str] | None:
    """The classes that its rule asks for; ``None`` where it takes all, or has a rule of its own."""
    classes = None if manifest.rule is None else getattr(manifest.rule.parameters, "classes", None)
    return frozenset(classes) if classes else None


def _tier(algorithm: Algorithm, wanted: frozenset[str] | None, library: Library) -> Tier:
    if algorithm.kind == "method":
        return Tier.METHOD
    try:
        card = choose_weights(algorithm, library).card
    except BrainError:
        return Tier.MISSING
    known = algorithm.mapping(card.classes)
    theirs = [name for name, ours in known.items() if wanted is None or ours in wanted]
    return _OF_PROOF[proof_of(card, theirs)] if theirs else Tier.MISSING
