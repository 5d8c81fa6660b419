"""What is in `deploy/`, held against the linters of its formats. No container was started by any of this."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
import yaml
from nodes import configured

from ivr.config import ROOT, Settings

DEPLOY = ROOT / "deploy"
MANIFESTS = sorted(path for path in (DEPLOY / "kubernetes").glob("*.yaml") if path.name != "kustomization.yaml")
KUBERNETES = "1.34"
ELSEWHERE = {"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD", "PUBLIC_HOST", "PROMETHEUS_MULTIPROC_DIR"}


def run(tool, *words):
    """Run a linter of this environment, or of the system; answer its exit code and all it said."""
    found = shutil.which(tool, path=str(Path(sys.executable).parent)) or shutil.which(
        tool, path=f"{os.environ.get('PATH')}:/usr/sbin"
    )
    if found is None:
        pytest.skip(f"{tool} is not installed")
    done = subprocess.run([found, *map(str, words)], capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, done.stdout + done.stderr


def documents():
    for path in [*MANIFESTS, DEPLOY / "compose.yaml"]:
        yield from yaml.safe_load_all(path.read_text())


@pytest.mark.parametrize(
    ("tool", "words"),
    [
        ("hadolint", [DEPLOY / "Containerfile"]),
        ("kubectl", ["kustomize", DEPLOY / "kubernetes"]),
        pytest.param("yamllint", ["-s", "-c", DEPLOY / ".yamllint", DEPLOY], marks=pytest.mark.slow),
        pytest.param("compose-lint", ["--fail-on", "high", DEPLOY / "compose.yaml"], marks=pytest.mark.slow),
        pytest.param(
            "kubernetes-validate",
            ["--strict", "--quiet", "-k", KUBERNETES, *MANIFESTS],
            marks=pytest.mark.slow,  # it reads a schema of megabytes
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_its_linter_finds_nothing(tool, words):
    code, said = run(tool, *words)
    assert code == 0, said


def test_systemd_understands_the_unit_and_finds_it_closed(tmp_path):
    unit = tmp_path / "answerline.service"
    unit.write_text((DEPLOY / "systemd" / unit.name).read_text().replace("/opt/answerline/.venv/bin", "/usr/bin/env"))
    unit.write_text(re.sub(r"/usr/bin/env/\w+", "/usr/bin/env", unit.read_text()))  # it looks whether they are there
    assert run("systemd-analyze", "verify", unit) == (0, "")
    code, said = run("systemd-analyze", "security", "--offline=true", "--threshold=20", unit)
    assert code == 0, said[-300:]


def test_haproxy_understands_its_configuration(tmp_path):
    file = tmp_path / "haproxy.cfg"
    file.write_text(configured("127.0.0.1:1"))  # a certificate is what only its machine has
    code, said = run("haproxy", "-c", "-f", file)
    assert code == 0, said
    assert "WARNING" not in said


def walk(document):
    if isinstance(document, dict):
        yield document
        document = list(document.values())
    if isinstance(document, list):
        for one in document:
            yield from walk(one)


def test_every_setting_and_command_in_it_exists(app):
    known = {field.name.upper() for field in fields(Settings)} | ELSEWHERE
    for part in (part for document in documents() for part in walk(document)):
        env = part.get("env") or []
        told = {one["name"] for one in env} | set(part.get("environment") or ()) | set(part.get("data") or ())
        assert told <= known, told - known
        command = part.get("command") or []
        if command[:1] == ["flask"]:
            found = app.cli.commands[command[1]]
            assert command[2:] == [] or command[2] in found.commands, command
