"""The metrics of a service for Prometheus, with bounded labels, and its spans if tracing is set up."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from threading import Event

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import Counter, Gauge, Histogram

from practio_contracts.envelope import Envelope

HANDLED = Counter("practio_handled_total", "Messages handled", ["type", "outcome"])
FORWARDED = Counter("practio_forwarded_total", "Commands passed on to their shards", ["queue"])
SHARDS = Gauge("practio_shards", "Shards whose commands this instance handles")
RETRIED = Counter("practio_retried_total", "Messages moved to a retry tier", ["queue", "delay"])
DEAD = Counter("practio_dead_total", "Messages dead-lettered", ["queue", "reason"])
PUBLISHED = Counter("practio_published_total", "Messages that the broker confirmed", ["type"])
BATCH = Histogram(
    "practio_batch_messages", "Messages a transaction", ["queue"], buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500)
)
SECONDS = Histogram("practio_transaction_seconds", "Time a transaction takes", ["queue"])
LAG = Gauge("practio_lag_seconds", "Age of the message handled last, since its publication", ["queue"])
LOOP_FAILURES = Counter("practio_loop_failures_total", "Times that a background loop failed", ["loop"])
SET_ASIDE = Gauge("practio_set_aside_rows", "Rows that this release, or the broker, cannot take", ["table"])
OUTBOX_ROWS = Gauge("practio_outbox_rows", "Messages not yet published")
OUTBOX_AGE = Gauge("practio_outbox_age_seconds", "Age of the oldest message not yet published")

_tracer = trace.get_tracer("practio")
_propagator = TraceContextTextMapPropagator()
_records_spans = Event()


def record_spans() -> None:
    """Open spans from now on; before, none: a span that records nothing takes as long as a decision."""
    _records_spans.set()


def traceparent() -> str | None:
    """Return the ``traceparent`` of the current span; None if nothing is traced."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def span(
    name: str, *, below: str | None = None, beside: Iterable[str | None] = (), about: Mapping[str, str] | None = None
) -> Iterator[str | None]:
    """Open a span below the one of the ``traceparent`` ``below``, or the first of a trace; yield its own.

    ``beside`` are the spans of other traces that this one continues. Without a tracer, ``below`` is yielded unchanged.
    Of an error only the class is recorded, since its text quotes values.
    """
    if not _records_spans.is_set():
        yield below
        return
    links = [Link(trace.get_current_span(_context(each)).get_span_context()) for each in beside if each]
    opened = _tracer.start_as_current_span(
        name,
        _context(below),
        attributes=about,
        links=links,
        record_exception=False,
        set_status_on_exception=False,
    )
    with opened as current:
        try:
            yield traceparent() if current.is_recording() else below
        except Exception as error:
            current.set_status(Status(StatusCode.ERROR, type(error).__qualname__))
            raise


def span_of(envelope: Envelope) -> AbstractContextManager[str | None]:
    """Open a span for handling a message, below the one in its envelope."""
    about = {"messaging.message.id": str(envelope.id), "messaging.operation.name": envelope.type}
    return span(envelope.routing_key, below=envelope.traceparent, about=about)


def _context(traceparent: str | None) -> Context:
    return _propagator.extract({"traceparent": traceparent} if traceparent else {})
