"""Traces by OpenTelemetry: off unless `OTEL_EXPORTER_OTLP_ENDPOINT` is set, and its packages are installed.

Spans for webhooks, for the database's statements without their values, and for requests to the carrier. What is sent
where, and how many, is up to OpenTelemetry's own variables.
"""

# The packages are there only where they are wanted:
# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false

import logging
import os
from typing import Any

from flask import Flask, Response, g, request
from sqlalchemy import Engine, event

log = logging.getLogger("answerline")
ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
NEEDS = "pip install -r requirements-tracing.txt"
_ADDRESS = {"http.target", "http.url", "url.full", "url.path", "url.query"}
# Asked for all the time, and never slow; and the console, whose addresses name accounts.
_LEFT_OUT = "healthz,readyz,metrics,prompts/,console,simulator"


def install(app: Flask, engine: Engine) -> None:
    """Trace this application, if that is asked for."""
    if not os.environ.get(ENDPOINT):
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError:
        log.warning("%s is set, and its packages are missing: %s", ENDPOINT, NEEDS)
        return
    trace(app, engine, BatchSpanProcessor(OTLPSpanExporter()))


def trace(app: Flask, engine: Engine, processor: Any) -> Any:
    """Trace an application, and the requests to the carrier of this process. Returns OpenTelemetry's tracer provider.

    processor: OpenTelemetry's, which takes the spans.
    """
    from opentelemetry import trace as otel  # noqa: PLC0415 see above
    from opentelemetry.instrumentation.flask import FlaskInstrumentor  # noqa: PLC0415
    from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415

    provider = TracerProvider(
        resource=Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME", "answerline")})
    )
    provider.add_span_processor(processor)
    requests: Any = FlaskInstrumentor()
    requests.instrument_app(app, tracer_provider=provider, excluded_urls=_LEFT_OUT)
    app.before_request(_without_address)  # once the span has begun: its package's own hook comes too early
    _trace_database(engine, provider.get_tracer(__name__))
    HTTPXClientInstrumentor().instrument(tracer_provider=provider)

    @app.after_request
    def name(answer: Response) -> Response:
        span = otel.get_current_span()
        for key in ("call_sid", "request_id"):
            if key in g:
                span.set_attribute(f"answerline.{key}", g.get(key))
        for key, value in (request.view_args or {}).items():
            if request.blueprint == "voice" and not any(map(str.isdigit, str(value))):  # none of ours has one
                span.set_attribute(f"answerline.{key}", str(value)[:64])
        return answer

    return provider


def _without_address() -> None:
    """Leave of an address which page it is: whoever asks for one may write anything into it, such as Digits."""
    from opentelemetry import trace as otel  # noqa: PLC0415 see above

    span: Any = otel.get_current_span()
    page = request.url_rule.rule if request.url_rule else "unknown"
    for name in _ADDRESS & getattr(span, "attributes", {}).keys():
        span.set_attribute(name, page)
    if request.url_rule is None:
        span.update_name(page)


def _trace_database(engine: Engine, tracer: Any) -> None:
    """Make a span of each statement. By hand: OpenTelemetry's package does not know SQLAlchemy 2.1 yet."""

    def begin(_connection: Any, _cursor: Any, statement: str, _values: Any, context: Any, _many: bool) -> None:  # noqa: FBT001 SQLAlchemy's
        attributes = {"db.system.name": engine.dialect.name, "db.query.text": statement}
        context.answerline_span = tracer.start_span(statement.partition(" ")[0], attributes=attributes)

    def done(_connection: Any, _cursor: Any, _statement: str, _values: Any, context: Any, _many: bool) -> None:  # noqa: FBT001
        context.answerline_span.end()

    def failed(context: Any) -> None:
        if (span := getattr(context.execution_context, "answerline_span", None)) is not None:
            span.set_attribute("error.type", type(context.original_exception).__name__)
            span.end()

    event.listen(engine, "before_cursor_execute", begin)
    event.listen(engine, "after_cursor_execute", done)
    event.listen(engine, "handle_error", failed)
