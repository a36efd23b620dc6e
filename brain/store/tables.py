"""The tables. SQLite and PostgreSQL both; every time is UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC time; SQLite, which knows no zones, keeps it as text."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Into the database: aware times only, in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without zone may not enter the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Out of the database: aware again."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)

events = Table(
    "events",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("scenario", String(64), nullable=False),
    Column("camera", String(64), nullable=False),
    Column("view", String(64), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("began_s", Float, nullable=False),
    Column("began", UtcTime, nullable=False),
    Column("raised", UtcTime, nullable=False),
    Column("changed", UtcTime, nullable=False),  # of the newest change that was applied: older ones are repeats
    Column("ended", UtcTime),
    Column("severity", String(16), nullable=False),
    Column("measure", Float, nullable=False),
    Column("score", Float, nullable=False),
    Column("boxes", JSON, nullable=False),
    Column("case_id", String(36), ForeignKey("cases.id"), nullable=False),
    Index("ix_events_open", "camera", sqlite_where=text("ended IS NULL"), postgresql_where=text("ended IS NULL")),
    Index("ix_events_case_id", "case_id"),
)

cases = Table(
    "cases",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("number", String(20), nullable=False, unique=True),
    Column("scenario", String(64), nullable=False),
    Column("camera", String(64), nullable=False),
    Column("view", String(64), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("open_key", String(300), unique=True),  # scenario, camera, view, zone while open; NULL once closed
    Column("revision", Integer, nullable=False),
    Column("standard", String(40), nullable=False),
    Column("class_kind", String(16), nullable=False),
    Column("class_code", String(16), nullable=False),
    Column("class_name", String(60), nullable=False),
    Column("grid", String(15), nullable=False),
    Column("address", String(256), nullable=False),
    Column("longitude", Float),
    Column("latitude", Float),
    Column("department", String(100), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("opened", UtcTime, nullable=False),
    Column("due", UtcTime, nullable=False),
    Column("closed", UtcTime),
    Column("camera_clear", UtcTime),
    Index("ix_cases_state_opened", "state", "opened"),
    Index("ix_cases_opened", "opened"),
    Index(
        "ix_cases_open",
        "opened",
        sqlite_where=text("open_key IS NOT NULL"),
        postgresql_where=text("open_key IS NOT NULL"),
    ),
)

transitions = Table(
    "transitions",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("case_id", String(36), ForeignKey("cases.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("by", String(64), nullable=False),
    Column("reason", String(400), nullable=False),
    UniqueConstraint("case_id", "revision"),
)

evidence = Table(
    "evidence",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("event_id", String(36), ForeignKey("events.id"), nullable=False),
    Column("case_id", String(36), ForeignKey("cases.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("path", String(300), nullable=False, unique=True),
    Column("sha256", String(64), nullable=False),
    Column("media_type", String(40), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("removed", UtcTime),  # when retention took the file away; the row with its sha256 stays
    Index("ix_evidence_case_id", "case_id"),
    Index("ix_evidence_event_id", "event_id"),
)

rule_states = Table(
    "rule_states",
    metadata,
    Column("camera", String(64), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("data", LargeBinary, nullable=False),
    Column("saved", UtcTime, nullable=False),
)

owners = Table(
    "owners",
    metadata,
    Column("camera", String(64), primary_key=True),
    Column("token", BigInteger, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("id", String(36), nullable=False, unique=True),
    Column("desk", String(64), nullable=False),
    Column("case_id", String(36), ForeignKey("cases.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("type", String(40), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("body", Text, nullable=False),
    Column("attachments", JSON, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("state", String(16), nullable=False),  # waiting, sent, dead
    Column("created", UtcTime, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due", UtcTime, nullable=False),
    Column("lease_owner", String(64)),
    Column("lease_until", UtcTime),
    Column("answered", UtcTime),
    Column("status", Integer),
    Column("reason", String(400), nullable=False),
    Column("desk_reference", String(200)),
    Index(
        "ix_outbox_waiting",
        "desk",
        "case_id",
        "seq",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
    Index(
        "ix_outbox_ready",
        "desk",
        "severity",
        "due",
        "seq",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
    Index("ix_outbox_case_id", "case_id"),
    Index("ix_outbox_desk_state", "desk", "state", "created"),  # summaries without touching the long bodies
)
