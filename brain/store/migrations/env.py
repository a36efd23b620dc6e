"""Alembic's entry: always on the connection that it is given, so that no second writing connection is ever opened."""

from __future__ import annotations

from alembic import context

from brain.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
