"""Traces by OpenTelemetry: a span for each webhook and each statement, and in none of them what a caller keyed in."""

import json
import os

import pytest
from carrier import SID

from ivr.telemetry import tracing

try:
    from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
except ImportError:
    if os.environ.get("CI") == "true":
        raise
    pytest.skip(f"OpenTelemetry is missing: {tracing.NEEDS}", allow_module_level=True)


@pytest.fixture
def spans(app, demo):
    exporter = InMemorySpanExporter()
    tracing.trace(app, demo.database, SimpleSpanProcessor(exporter))
    yield exporter.get_finished_spans
    HTTPXClientInstrumentor().uninstrument()


def test_a_webhook_is_a_span_with_its_call_and_the_databases_work_below_it_and_no_digits(spans, carrier):
    carrier.post("/voice")
    carrier.post("/voice/verify/pin?turn=1", Digits="204816", From="+14155550123")
    webhook = [span for span in spans() if span.parent is None][-1]
    statements = [span for span in spans() if span.parent and span.parent.span_id == webhook.context.span_id]
    attributes = dict(webhook.attributes)
    assert attributes["answerline.call_sid"] == SID
    assert (attributes["answerline.flow"], attributes["answerline.node"]) == ("verify", "pin")
    assert statements
    written = json.dumps([span.to_json() for span in spans()])
    assert "204816" not in written
    assert "4155550123" not in written


def test_it_is_off_unless_asked_for(app, monkeypatch, caplog):
    monkeypatch.delenv(tracing.ENDPOINT, raising=False)
    monkeypatch.setattr(tracing, "trace", None)
    tracing.install(app, None)
    assert caplog.text == ""
