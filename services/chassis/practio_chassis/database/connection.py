"""A connection that never asks the server to cancel a statement: it ends itself instead."""

from typing import Any

import asyncpg


class UncancelledConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """asyncpg's connection; a statement that is given up takes the connection with it.

    A commit that waits for a synchronous standby counts as done on the primary alone once it is cancelled: all see it,
    and it is lost with the primary (https://www.postgresql.org/docs/17/warm-standby.html#SYNCHRONOUS-REPLICATION-HA).
    Left alone it waits, unseen and with its locks, until the standby has it. Other statements end by the server's
    ``statement_timeout``.
    """

    def _cancel_current_command(self, _sent: Any, _ended: Any = None) -> None:
        """Close; once that is noticed, asyncpg ends the waiting for the cancellation, too."""
        self._transport.abort()
