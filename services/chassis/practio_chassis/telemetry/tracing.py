"""The export of spans: to a collector by OTLP over HTTP, if the settings name one."""

import logging

from opentelemetry import trace

from practio_chassis.telemetry.metrics import record_spans

_PATIENCE_SECONDS = 2
"""How long a batch is retried: a collector that is away must not hold up a service that ends."""


def trace_to(endpoint: str | None, *, service: str) -> None:
    """Send this process's spans to the collector at ``endpoint``, its base URL; None: nothing is traced.

    Headers and sampling are OpenTelemetry's own settings (``OTEL_EXPORTER_OTLP_HEADERS``, ``OTEL_TRACES_SAMPLER`` and
    others). Unsent spans are sent when the process ends.
    """
    if endpoint is None:
        return
    # The exporter and its libraries take 4 MiB, which a service does without if nobody collects its spans.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: f"practio-{service}"}))
    exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=_PATIENCE_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    logging.getLogger("opentelemetry.exporter").setLevel(logging.ERROR)  # one line a batch that is lost is enough
    trace.set_tracer_provider(provider)
    record_spans()
