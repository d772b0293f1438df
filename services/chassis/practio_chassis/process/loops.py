"""Background loops: repeated until the service stops, whatever they raise."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from practio_chassis.telemetry.log import failure, logger
from practio_chassis.telemetry.metrics import LOOP_FAILURES
from practio_contracts.broker_errors import in_flight

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_WORKS_AFTER = 10.0
"""Seconds after which a call that neither returned nor raised counts as working: some never return."""

_log = logger(__name__)


class Loops:
    """Runs background loops side by side; knows which of them do not work.

    A loop that raises is logged, counted and called again after a pause that doubles up to 30 s: nothing that one loop
    meets stops another, or the service.
    """

    def __init__(self) -> None:
        self._failing_since: dict[str, float] = {}
        self._called_at: dict[str, float] = {}

    async def run(
        self, name: str, once: Callable[[], Awaitable[object]], *, every: float, longest_pause: float = _LONGEST_PAUSE
    ) -> None:
        """Call ``once`` until cancelled: at once again while it returns true, otherwise after ``every`` seconds.

        ``name`` is that of one loop alone. If ``once`` raises, the pause until the next call doubles, up to
        ``longest_pause``.
        """
        LOOP_FAILURES.labels(name)  # shown as 0 from the start, so that an alert finds it
        pause = _FIRST_PAUSE
        try:
            while True:
                called_at = self._called_at[name] = time.monotonic()
                try:
                    with in_flight():  # a lost connection also ends a call as if it had been cancelled
                        more = await once()
                except Exception as error:  # whatever it is, it must not end the service
                    if time.monotonic() - called_at > _WORKS_AFTER:
                        self._note_success(name)
                        pause = _FIRST_PAUSE
                    self._note_failure(name, error)
                    await asyncio.sleep(pause)
                    pause = min(longest_pause, pause * 2)
                else:
                    self._note_success(name)
                    pause = _FIRST_PAUSE
                    if not more:
                        await asyncio.sleep(every)
        finally:  # what ended while it failed is not failing: the loops of a shard go to another process
            self._failing_since.pop(name, None)
            self._called_at.pop(name, None)

    def failing(self, *, longer_than: float) -> list[str]:
        """Return the names of the loops that have failed for more than ``longer_than`` seconds."""
        now = time.monotonic()
        return sorted(
            name
            for name, since in self._failing_since.items()
            if now - since > longer_than and now - self._called_at.get(name, now) < _WORKS_AFTER
        )

    def _note_failure(self, name: str, error: Exception) -> None:
        self._called_at.pop(name, None)
        self._failing_since.setdefault(name, time.monotonic())
        LOOP_FAILURES.labels(name).inc()
        _log.warning("a background loop failed: it goes on", loop=name, **failure(error))

    def _note_success(self, name: str) -> None:
        self._failing_since.pop(name, None)
