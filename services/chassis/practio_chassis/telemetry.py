"""What operators can see of a service: Prometheus metrics with bounded labels, and spans where tracing is set up."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import Counter, Gauge, Histogram

from practio_contracts.envelope import Envelope

HANDLED = Counter("practio_handled_total", "Messages handled", ["type", "outcome"])
RETRIED = Counter("practio_retried_total", "Messages put aside to be tried again", ["queue", "delay"])
DEAD = Counter("practio_dead_total", "Messages given up", ["queue", "reason"])
PUBLISHED = Counter("practio_published_total", "Messages that the broker confirmed", ["type"])
BATCH = Histogram("practio_batch_messages", "Messages a transaction", buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500))
SECONDS = Histogram("practio_transaction_seconds", "Time a transaction takes", ["queue"])
LAG = Gauge("practio_lag_seconds", "Age of the message handled last, since it was said", ["queue"])
OUTBOX_ROWS = Gauge("practio_outbox_rows", "Messages not yet published")
OUTBOX_AGE = Gauge("practio_outbox_age_seconds", "Age of the oldest message not yet published")

_tracer = trace.get_tracer("practio")
_propagator = TraceContextTextMapPropagator()


@contextmanager
def span_of(envelope: Envelope) -> Iterator[str | None]:
    """Open a span for handling a message, below the one that it came with; gives the ``traceparent`` to say on.

    Where no tracer is set up, the incoming one is handed on unchanged.
    """
    carrier = {"traceparent": envelope.traceparent} if envelope.traceparent else {}
    context = _propagator.extract(carrier)
    attributes = {"messaging.message.id": str(envelope.id), "messaging.operation.name": envelope.type}
    with _tracer.start_as_current_span(envelope.routing_key, context, attributes=attributes) as span:
        if not span.is_recording():
            yield envelope.traceparent
            return
        carrier = {}
        _propagator.inject(carrier)
        yield carrier.get("traceparent")
