"""Spans: what they hang on, and what they never tell."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import BaseModel, ValidationError

from practio_chassis.settings import OtlpEndpoint
from practio_chassis.telemetry import metrics

BEFORE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Told(BaseModel):
    endpoint: OtlpEndpoint = None


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """Trace into memory, in this test alone."""
    kept = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    monkeypatch.setattr(metrics, "_tracer", provider.get_tracer("practio"))
    yield kept
    provider.shutdown()


def only(traced: InMemorySpanExporter) -> ReadableSpan:
    [span] = traced.get_finished_spans()
    return span


def test_a_span_hangs_below_the_one_that_the_message_came_with(traced: InMemorySpanExporter) -> None:
    with metrics.span("membership.joined.v1", below=BEFORE) as onward:
        assert onward == metrics.traceparent()
    span = only(traced)
    assert span.parent is not None
    assert (span.parent.trace_id, span.parent.span_id) == (
        0x0AF7651916CD43DD8448EB211C80319C,
        0xB7AD6B7169203331,
    )
    assert onward == f"00-{span.get_span_context().trace_id:032x}-{span.get_span_context().span_id:016x}-01"


def test_a_span_below_nothing_starts_a_trace_even_where_one_is_open(traced: InMemorySpanExporter) -> None:
    with metrics.span("one"), metrics.span("another"):
        pass
    assert [span.parent for span in traced.get_finished_spans()] == [None, None]


def test_a_digest_points_to_the_traces_that_it_goes_on_with(traced: InMemorySpanExporter) -> None:
    with metrics.span("send letter", beside=[BEFORE, None]):
        pass
    assert [link.context.span_id for link in only(traced).links] == [0xB7AD6B7169203331]


def test_a_span_keeps_the_class_of_an_error_and_nothing_that_it_says(traced: InMemorySpanExporter) -> None:
    secret = f"{uuid4()}@example.org"
    with pytest.raises(ValueError, match=secret), metrics.span("one"):
        raise ValueError(f"no such row: {secret}")
    span = only(traced)
    assert span.status.description == "ValueError"
    assert secret not in span.to_json()


def test_without_a_collector_what_came_is_said_on_unchanged() -> None:
    with metrics.span("one", below=BEFORE) as onward:
        assert onward == BEFORE
    assert trace.get_current_span().is_recording() is False
    assert metrics.traceparent() is None


@pytest.mark.parametrize(("told", "endpoint"), [("", None), ("http://collector:4318", "http://collector:4318")])
def test_an_endpoint_that_is_empty_is_none(told: str, endpoint: str | None) -> None:
    assert Told(endpoint=told).endpoint == endpoint


def test_an_endpoint_is_a_url() -> None:
    with pytest.raises(ValidationError):
        Told(endpoint="collector:4318")
