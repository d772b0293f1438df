"""Spans: their parents, and what they never contain."""

from collections.abc import Iterator
from threading import Event
from uuid import uuid4

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import BaseModel, ValidationError
from tests.support.every_case import every_case

from practio_chassis.settings import OtlpEndpoint
from practio_chassis.telemetry import metrics

BEFORE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class EndpointSetting(BaseModel):
    endpoint: OtlpEndpoint = None


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """Trace into memory, in this test only."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(metrics, "_tracer", provider.get_tracer("practio"))
    monkeypatch.setattr(metrics, "_records_spans", Event())
    metrics.record_spans()
    yield exporter
    provider.shutdown()


def only(traced: InMemorySpanExporter) -> ReadableSpan:
    [span] = traced.get_finished_spans()
    return span


def test_the_parent_of_a_span_is_the_trace_context_of_the_message(traced: InMemorySpanExporter) -> None:
    with metrics.span("membership.joined.v1", below=BEFORE) as onward:
        assert onward == metrics.traceparent()
    span = only(traced)
    assert span.parent is not None
    assert (span.parent.trace_id, span.parent.span_id) == (
        0x0AF7651916CD43DD8448EB211C80319C,
        0xB7AD6B7169203331,
    )
    own = span.get_span_context()
    assert own is not None
    assert onward == f"00-{own.trace_id:032x}-{own.span_id:016x}-01"


def test_a_span_without_a_parent_starts_a_trace_even_inside_another(traced: InMemorySpanExporter) -> None:
    with metrics.span("one"), metrics.span("another"):
        pass
    assert [span.parent for span in traced.get_finished_spans()] == [None, None]


def test_a_digest_links_to_the_traces_of_its_letters(traced: InMemorySpanExporter) -> None:
    with metrics.span("send letter", beside=[BEFORE, None]):
        pass
    assert [link.context.span_id for link in only(traced).links] == [0xB7AD6B7169203331]


def test_a_span_has_the_class_of_an_error_and_not_its_text(traced: InMemorySpanExporter) -> None:
    secret = f"{uuid4()}@example.org"
    with pytest.raises(ValueError, match=secret), metrics.span("one"):
        raise ValueError(f"no such row: {secret}")
    span = only(traced)
    assert span.status.description == "ValueError"
    assert secret not in span.to_json()


def test_without_a_collector_the_trace_context_is_passed_on_unchanged() -> None:
    with metrics.span("one", below=BEFORE) as onward:
        assert onward == BEFORE
    assert trace.get_current_span().is_recording() is False
    assert metrics.traceparent() is None


@every_case(("value", "endpoint"), [("", None), ("http://collector:4318", "http://collector:4318")])
def test_an_empty_endpoint_is_no_endpoint(value: str, endpoint: str | None) -> None:
    assert EndpointSetting(endpoint=value).endpoint == endpoint


def test_an_endpoint_is_a_url() -> None:
    with pytest.raises(ValidationError):
        EndpointSetting(endpoint="collector:4318")
