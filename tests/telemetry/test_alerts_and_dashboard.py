"""The alert rules and the dashboard ask only for what is there."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from ivr.telemetry.scrape import everything

DEPLOY = Path(__file__).parent.parent.parent / "deploy"
ALERTS, DASHBOARD = DEPLOY / "prometheus" / "alerts.yml", DEPLOY / "grafana" / "answerline.json"
RULES = [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]
OF_PROMETHEUS = {"up": {"job"}, "probe_success": {"job"}, "probe_ssl_earliest_cert_expiry": {"job"}}
EVERYWHERE = {"instance", "job"}
WORDS = set("by without on ignoring group_left group_right offset and or unless bool".split())


def known() -> dict[str, set[str]]:
    """The labels of every series, by its name."""
    names = dict(OF_PROMETHEUS)
    for metric in everything():
        if metric.kind == "histogram":
            names |= {f"{metric.name}_bucket": {*metric.labels, "le"}}
            names |= {f"{metric.name}_{part}": set(metric.labels) for part in ("sum", "count")}
        else:
            names[metric.name] = set(metric.labels)
    return names


def asked(query: str) -> tuple[set[str], set[str]]:
    """The names and the labels that a query asks for."""
    labels = set(re.findall(r"([a-z_]+)\s*(?:=~|!~|!=|=)\s*\"", query))
    for group in re.findall(r"\b(?:by|without)\s*\(([^)]*)\)", query):
        labels |= {label.strip() for label in group.split(",")}
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\"[^\"]*\"|\b(?:by|without)\s*\([^)]*\)|\boffset\s+\w+", " ", query)
    names = set(re.findall(r"\b[a-z][a-z_0-9]*\b(?!\s*\()", bare)) - WORDS
    return names, labels


def queries() -> Iterator[tuple[str, str]]:
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]
    for rule in RULES:
        yield rule["alert"], rule["expr"]


@pytest.mark.parametrize(("where", "query"), [*queries()])
def test_every_query_asks_for_metrics_and_labels_that_exist(where, query):  # noqa: ARG001 it names the case
    series = known()
    names, labels = asked(query)
    assert names
    assert names <= series.keys()
    assert labels <= EVERYWHERE.union(*(series[name] for name in names))


def test_every_metric_is_on_the_dashboard():
    shown = set().union(*(asked(query)[0] for _, query in queries()))
    assert {name for name in known() if not name.endswith(("_sum", "_count"))} <= shown


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_alert_says_what_it_is_what_to_do_and_whether_somebody_is_woken(rule):
    assert rule["alert"].startswith("Answerline")
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"].keys() == {"summary", "runbook"}


def test_promtool_finds_no_fault_and_each_alert_is_raised_by_its_trouble():
    promtool = shutil.which("promtool")
    if promtool is None:
        reason = "promtool is missing; get it with `apt-get install prometheus`"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    folder = ALERTS.parent
    for command in ("check rules alerts.yml", "test rules alerts_test.yml"):
        done = subprocess.run([promtool, *command.split()], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
