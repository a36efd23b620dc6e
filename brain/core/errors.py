"""Every error that a user may meet, as one tree.

    BrainError                 what went wrong, where, and how to mend it
    ├── UsageError             a wrong argument on the command line
    ├── ConfigError            a mistake in a settings file or manifest (file and line)
    ├── SourceError            a camera or file that cannot be opened or read
    │   ├── AuthError          the camera refused the user name or password
    │   ├── UnreachableError   nobody answers at that address
    │   ├── AddressError       the address is outside the allowed networks or protocols
    │   └── MediaError         it answers, but not with video that can be decoded
    ├── WeightsError           weights or their card do not fit
    ├── StoreError             database or evidence folder: full, locked, read-only, wrong version
    └── DeliveryError          a desk that did not take a case

Each formats itself for people (``str``); ``brain.cli`` is the one place that prints them.
"""

from __future__ import annotations


class BrainError(Exception):
    """Something that a person can mend.

    Args:
        what: what is wrong, naming the thing.
        where: file and line, camera id or address (never a secret); empty when ``what`` says it.
        remedy: what to do about it; empty only when nothing can be said.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}\n  remedy: {self.remedy}" if self.remedy else text

    @property
    def line(self) -> str:
        """The same on one line, for logs and tables."""
        return str(self).replace("\n  remedy: ", " – ").replace("\n", " ")


class UsageError(BrainError):
    """A wrong argument on the command line."""

    exit_code = 2


class ConfigError(BrainError):
    """A mistake in a settings file or manifest; ``where`` is ``file:line``."""

    exit_code = 2


class SourceError(BrainError):
    """A camera or file that cannot be opened or read."""


class AuthError(SourceError):
    """The camera refused the user name or password."""


class UnreachableError(SourceError):
    """Nobody answers at that address."""


class AddressError(SourceError):
    """The address lies outside the allowed networks, or its protocol is not one of ours."""


class MediaError(SourceError):
    """The source answers, but not with video that can be decoded."""


class WeightsError(BrainError):
    """Weights or their card do not fit."""


class StoreError(BrainError):
    """The database or the evidence folder: full, locked, read-only or of another version."""


class DeliveryError(BrainError):
    """A desk that did not take a case."""
