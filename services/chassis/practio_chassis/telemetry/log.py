"""Structured logs: one JSON object per line on stdout; ids and types, never names, addresses or texts."""

import logging
import sys
from traceback import walk_tb
from typing import Any

import structlog

_QUIET = ("aio_pika", "aiormq", "uvicorn.access", "faststream", "alembic.runtime")


def configure(*, service: str, level: str) -> None:
    """Send all logs of this process, including the libraries', to stdout as JSON."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _failure_without_values,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.PositionalArgumentsFormatter()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
    structlog.contextvars.bind_contextvars(service=service)


def logger(name: str) -> Any:
    """Return the logger of a module."""
    return structlog.stdlib.get_logger(name)


def failure(error: BaseException) -> dict[str, str]:
    """Return a description of ``error`` without values: its class, the class of its first cause, and its place.

    A database's message quotes rows, and a validation's quotes input: neither belongs in a log. The place is the last
    one in our own code, if any: libraries raise from the same few lines whatever is wrong.
    """
    first = error
    while first.__cause__ is not None:
        first = first.__cause__
    places = [f"{frame.f_globals['__name__']}:{line}" for frame, line in walk_tb(error.__traceback__)]
    ours = [place for place in places if place.startswith("practio_")]
    place = (ours or places or [""])[-1]
    return {"error": type(error).__qualname__, "cause": type(first).__qualname__, "place": place}


def _failure_without_values(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Replace a library's traceback by the error's class and place."""
    raised = event.pop("exc_info", None)
    if raised is True:
        raised = sys.exc_info()
    error = raised[1] if isinstance(raised, tuple) else raised
    event["event"] = str(event["event"]).partition("\n")[0]  # asyncio writes the error, values and all, below it
    return event | failure(error) if isinstance(error, BaseException) else event
