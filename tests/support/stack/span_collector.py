"""A collector of traces, as OpenTelemetry knows it: OTLP over HTTP, in a thread of this process."""

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class ReceivedSpan:
    """A span that arrived; ``parent`` is empty for the first of a trace, ``text`` is all text that came with it."""

    service: str
    name: str
    trace: str
    identity: str
    parent: str
    text: str


@dataclass
class SpanCollector:
    """Receives spans for as long as its context lasts."""

    spans: list[ReceivedSpan] = field(default_factory=list)
    _server: ThreadingHTTPServer | None = field(default=None, init=False)

    def __enter__(self) -> "SpanCollector":
        """Open a free port."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _taking(self.spans))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Close the port; what came stays."""
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Return its base URL."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def trace_of(self, name: str) -> list[ReceivedSpan]:
        """Return all spans so far of the one trace that has a span of this name; nothing before there is one."""
        traces = {span.trace for span in list(self.spans) if span.name == name}
        assert len(traces) <= 1, f"{name} is in {len(traces)} traces"
        return [span for span in list(self.spans) if span.trace in traces]


def _taking(spans: list[ReceivedSpan]) -> type[BaseHTTPRequestHandler]:
    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            spans.extend(_spans_in(body) if self.path == "/v1/traces" else [])
            self.send_response(200)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_what: object) -> None:
            """Log no requests."""

    return Taking


def _spans_in(body: bytes) -> list[ReceivedSpan]:
    return [
        ReceivedSpan(
            service=next(each.value.string_value for each in of.resource.attributes if each.key == "service.name"),
            name=span.name,
            trace=span.trace_id.hex(),
            identity=span.span_id.hex(),
            parent=span.parent_span_id.hex(),
            text=str(span),
        )
        for of in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in of.scope_spans
        for span in scope.spans
    ]
