"""`brain` with a fault planted: a case and its messages are kept in two transactions instead of one.

The proof of delivery is run against this as well: it must find losses here, or it would prove nothing.
"""

import time
from typing import Any

from sqlalchemy import Connection, insert

import brain.cases.changes as changes_module
from brain.cases.changes import Changes
from brain.cases.intake import CaseIntake
from brain.cli.main import main
from brain.store.records import Commit
from brain.store.tables import outbox

held_back: list[dict[str, Any]] = []
whole_apply = CaseIntake.apply


class HoldingBack:
    """A connection that sets outbox rows aside."""

    def __init__(self, real: Connection) -> None:
        self.real = real

    def execute(self, statement: Any, *values: Any) -> Any:
        if getattr(statement, "is_insert", False) and statement.table is outbox:
            held_back.extend(values[0])
            return None
        return self.real.execute(statement, *values)


def split_init(self: Changes, connection: Any, *rest: Any) -> None:
    whole_init(self, HoldingBack(connection), *rest)  # type: ignore[arg-type]


def split_apply(self: CaseIntake, commit: Commit) -> Any:
    applied = whole_apply(self, commit)
    time.sleep(0.05)
    rows, held_back[:] = list(held_back), []
    if rows:
        with self._database.write() as connection:
            connection.execute(insert(outbox), rows)
    return applied


whole_init = Changes.__init__
changes_module.Changes.__init__ = split_init  # type: ignore[method-assign]
CaseIntake.apply = split_apply  # type: ignore[method-assign]
main()
