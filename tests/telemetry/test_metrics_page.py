"""`/metrics`: what is counted, who may read it, and that it is answered whatever has become of the database."""

import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from threading import Event, Thread

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ivr.cli.go_on import Loop, go_on
from ivr.config import Settings
from ivr.conversation import Conversation
from ivr.service_errors import ServiceError
from ivr.setting_rules import SettingsError
from ivr.telemetry import metrics
from ivr.telemetry.bounded import Bounded
from ivr.telemetry.scrape import Page, everything

TOKEN = "0123456789abcdef"


def scraped(app):
    """What a scrape finds: value by (name, labels)."""
    page = app.test_client().get("/metrics")
    assert page.status_code == 200
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(page.text)
        for sample in family.samples
    }


def webhook(name, outcome, flow="", node=""):
    labels = {"webhook": name, "flow": flow, "node": node, "outcome": outcome}
    return "answerline_webhooks_total", tuple(sorted(labels.items()))


def counted(app, act):
    """What rises between two scrapes, and by how much."""
    before = scraped(app)
    act()
    after = scraped(app)
    return {key: value - before.get(key, 0.0) for key, value in after.items() if value != before.get(key, 0.0)}


class TestWhatIsCounted:
    def test_webhooks_by_flow_node_and_outcome(self, app, carrier):
        def act():
            carrier.post("/voice")
            carrier.post("/voice/main/menu?turn=1", Digits="5")
            carrier.post("/voice/made/up?turn=1")
            carrier.post("/voice", signature="x")
            carrier.post("/voice", sid="a b")

        rose = counted(app, act)
        assert {key: value for key, value in rose.items() if key[0] == "answerline_webhooks_total"} == {
            webhook("incoming", "answered"): 1,
            webhook("turn", "answered", "main", "menu"): 1,
            webhook("turn", "answered", "unknown", "unknown"): 1,
            webhook("incoming", "unsigned"): 1,
            webhook("incoming", "refused"): 1,
        }
        assert rose["answerline_webhook_seconds_count", (("webhook", "incoming"),)] == 3
        assert rose["answerline_database_seconds_count", ()] >= 4

    def test_no_connection_is_in_use_where_nothing_goes_on(self, app, carrier):
        """Those that webhooks keep for themselves are lent for good: each new one would count for ever."""
        before = scraped(app)["answerline_database_connections_in_use", ()]
        carrier.post("/voice")
        app.extensions["answerline"].database.dispose()  # as after a restart of the server: a new one is needed
        carrier.post("/voice/main/menu?turn=1", Digits="5")
        assert scraped(app)["answerline_database_connections_in_use", ()] == before

    def test_failures_and_the_carriers_errors(self, app, carrier, monkeypatch):
        monkeypatch.setattr(Conversation, "incoming", None)

        def act():
            carrier.post("/voice/status", CallStatus="ringing")
            carrier.post("/voice")
            carrier.post("/voice/fallback", ErrorCode="12100")

        rose = counted(app, act)
        assert rose[webhook("incoming", "apologised")] == 1
        assert rose["answerline_fallbacks_total", ()] == rose["answerline_twiml_errors_total", ()] == 1

    def test_tries_at_a_pin(self, app, demo, phone):  # noqa: ARG002 the accounts
        def act():
            call = phone.dial()
            for keys in ("3", "1", "70000011", "999999", "70000011", "204816"):
                call.press(keys)
            call.hang_up()

        rose = counted(app, act)
        assert rose["answerline_pin_tries_total", (("outcome", "wrong"),)] == 1
        assert rose["answerline_pin_tries_total", (("outcome", "correct"),)] == 1

    def test_sentences_without_a_clip(self, settings, clock):
        from carrier import Carrier  # noqa: PLC0415

        from ivr.web import create_app  # noqa: PLC0415

        app = create_app(replace(settings, prompt_mode="play", prompts_dir=settings.instance_dir), clock)
        assert counted(app, lambda: Carrier(app).post("/voice"))["answerline_prompt_misses_total", ()] >= 1
        app.extensions["answerline"].database.dispose()

    def test_no_label_names_a_person_an_account_or_a_call(self, app, demo, phone):  # noqa: ARG002 the accounts
        phone.dial().press("3").press("1").press("70000011").press("204816").hang_up()
        labels = {label for _, labels in scraped(app) for label in labels}
        assert {name for name, _ in labels} <= {
            *("webhook", "flow", "node", "outcome", "le", "kind", "helper", "level", "department", "version", "flows")
        }
        assert not [
            value for name, value in labels if name not in {"le", "flows"} and re.search(r"\d{4}|CA\w{8}", value)
        ]


class TestWithoutADatabase:
    def test_the_page_comes_all_the_same_and_says_so(self, app, tmp_path):
        app.extensions["answerline"].database.dispose()
        (tmp_path / "line.db").unlink()
        (tmp_path / "line.db").mkdir()
        found = scraped(app)
        assert found["answerline_database_up", ()] == 0
        assert ("answerline_calls_in_progress", ()) not in found
        assert "answerline_webhook_seconds" in app.test_client().get("/metrics").text

    def test_one_that_does_not_answer_holds_one_thread_however_often_it_is_asked(self):
        asked, answers = [], Event()

        def ask():
            asked.append(1)
            answers.wait(10)
            return "late"

        bounded = Bounded(ask, within_s=0.01)
        for _ in range(3):
            with pytest.raises(ServiceError, match=r"no answer within 0\.01 s"):
                bounded()
        answers.set()
        bounded = replace_patience(bounded, 10.0)
        assert (bounded(), len(asked)) == ("late", 1)

    def test_where_no_thread_is_to_be_had_the_next_who_asks_tries_again(self, monkeypatch):
        def refused(_thread):
            raise RuntimeError("can't start new thread")

        bounded = Bounded(lambda: 1, within_s=10.0)
        with monkeypatch.context() as full:
            full.setattr(Thread, "start", refused)
            with pytest.raises(ServiceError, match="nobody can be asked"):
                bounded()
        assert bounded() == 1

    def test_an_answer_is_kept_for_a_while_and_a_failure_too(self):
        now, asked = [0.0], []

        def ask():
            asked.append(1)
            if len(asked) == 2:
                raise ServiceError("away")
            return len(asked)

        bounded = Bounded(ask, within_s=10.0, kept_s=5.0, now=lambda: now[0])
        assert (bounded(), bounded()) == (1, 1)
        now[0] = 5.0
        for _ in range(2):
            with pytest.raises(ServiceError, match="away"):
                bounded()
        now[0] = 10.0
        assert bounded() == 3


def replace_patience(bounded, within_s):
    bounded._within_s = within_s
    return bounded


class TestWhoMayRead:
    def get(self, app, address="127.0.0.1", **headers):
        environ = {"REMOTE_ADDR": address, **headers.pop("environ", {})}
        return app.test_client().get("/metrics", environ_overrides=environ, headers=headers).status_code

    def allow(self, app, **settings):
        parts = app.extensions["answerline"]
        app.extensions["answerline"] = replace(parts, settings=replace(parts.settings, **settings))

    def test_this_machine_and_nobody_else(self, app):
        assert [self.get(app, address) for address in ("127.0.0.1", "::1", "::ffff:127.0.0.1")] == [200] * 3
        assert [self.get(app, address) for address in ("192.0.2.7", "10.0.0.7", "", "fe80::1%eth0")] == [404] * 4

    @pytest.mark.parametrize(
        "proxied",
        [
            {"X-Forwarded-For": "127.0.0.1"},
            {"Forwarded": "for=127.0.0.1"},
            {"X-Real-IP": "127.0.0.1"},
            {"Via": "1.1 proxy"},
            {"X-Forwarded-Host": "x"},
            {"Host": "line.example.com"},
            {"Host": "[bad"},
            {"environ": {"SERVER_PROTOCOL": "HTTP/1.0"}},
        ],
        ids=str,
    )
    def test_nobody_through_a_proxy_on_this_machine(self, app, proxied):
        assert self.get(app, **proxied) == 404

    def test_networks_that_are_allowed(self, app):
        self.allow(app, metrics_allow="10.1.0.0/16, 192.0.2.7")
        assert [self.get(app, a) for a in ("10.1.2.3", "192.0.2.7", "10.2.0.1", "127.0.0.1")] == [200, 200, 404, 404]

    def test_with_a_token_whoever_shows_it_from_anywhere_and_nobody_else(self, app):
        self.allow(app, metrics_token=TOKEN)
        shown = {"X-Forwarded-For": "192.0.2.7", "Authorization": f"Bearer {TOKEN}"}
        assert self.get(app, "192.0.2.8", **shown) == 200
        for wrong in (TOKEN, f"Basic {TOKEN}", "Bearer", f"Bearer {TOKEN}x", "Bearer ☃"):
            assert self.get(app, Authorization=wrong.encode().decode("latin-1")) == 404
        assert self.get(app) == 404

    @pytest.mark.parametrize(
        ("name", "value"),
        [("METRICS_TOKEN", "short"), ("METRICS_ALLOW", "here"), ("LOG_FORMAT", "xml"), ("LOG_LEVEL", "loud")],
    )
    def test_settings_that_mean_nothing_are_refused(self, tmp_path, name, value):
        with pytest.raises(SettingsError, match=name):
            Settings.from_env({"INSTANCE_DIR": str(tmp_path), name: value})


def test_the_page_has_what_the_documentation_tells_of_and_no_more(app, carrier):
    carrier.post("/voice")
    families = list(text_string_to_metric_families(app.test_client().get("/metrics").text))
    told = {metric.name.removesuffix("_total"): metric for metric in everything()}
    assert {family.name: (family.type, family.documentation) for family in families} == {
        name: (metric.kind, metric.help) for name, metric in told.items()
    }


def test_a_count_that_fails_harms_no_call(carrier, monkeypatch, caplog):
    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(metrics.WEBHOOKS, "labels", full)
    monkeypatch.setattr(metrics.CONNECTIONS, "inc", full)
    monkeypatch.setattr(metrics.DATABASE_SECONDS, "observe", full)
    assert "press 1" in carrier.post("/voice").text
    assert "metrics: not counted" in caplog.text
    assert carrier.log() is not None


@pytest.mark.parametrize("memory", [True, False])
def test_each_start_counts_from_nothing(tmp_path, monkeypatch, memory):
    (tmp_path / "shm").mkdir()
    monkeypatch.setattr(metrics, "MEMORY", tmp_path / ("shm" if memory else "none"))
    monkeypatch.setenv(metrics.SHARED, "")
    for _ in range(2):
        folder = metrics.shared_folder(tmp_path / "instance", 5000)
        assert folder == tmp_path / "instance" / "metrics-5000"
        assert os.environ[metrics.SHARED] == str(folder)
        assert list(folder.iterdir()) == []
        (folder / "counter_1.db").touch()
    assert len(list((tmp_path / "shm").iterdir())) == memory


COUNTS = """
from ivr.telemetry.metrics import CONNECTIONS, WEBHOOKS
WEBHOOKS.labels("incoming", "", "", "answered").inc()
CONNECTIONS.inc()
"""


def test_processes_are_counted_together_and_what_a_dead_one_held_is_not(tmp_path, monkeypatch):
    environ = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for _ in range(2):
        subprocess.run([sys.executable, "-c", COUNTS], env=environ, check=True)
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))

    def away():
        raise ServiceError("away")

    page = Page(away, lambda: 0, "abc").text().decode()
    assert 'answerline_webhooks_total{flow="",node="",outcome="answered",webhook="incoming"} 2.0' in page
    assert "answerline_database_connections_in_use 1" not in page


NAMESAKE = """
import os, sys
from pathlib import Path
for file in Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).glob("*.db"):
    file.rename(file.with_name(f"{file.stem.rpartition('_')[0]}_{os.getpid()}.db"))
from ivr.telemetry.metrics import CONNECTIONS
print(CONNECTIONS._value.get())
"""


def test_a_process_does_not_inherit_what_a_dead_one_of_its_number_held(tmp_path):
    """In a container that is begun again every process has the number that it had: 7 webhooks in flight, for ever."""
    environ = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", COUNTS], env=environ, check=True)
    said = subprocess.run([sys.executable, "-c", NAMESAKE], env=environ, check=True, capture_output=True, text=True)
    assert said.stdout == "0.0\n"


def test_a_process_beside_the_webhooks_tells_that_it_goes_round_and_when_it_fails(app):
    rounds = iter([None, ServiceError("away")])

    def work():
        try:
            trouble = next(rounds)
        except StopIteration:
            raise KeyboardInterrupt from None
        if trouble:
            raise trouble

    before = signal.getsignal(signal.SIGTERM)
    go_on(Loop("tested", work, poll_s=0, trouble_s=0))
    signal.signal(signal.SIGTERM, before)
    found = scraped(app)
    assert found["answerline_helper_failures_total", (("helper", "tested"),)] == 1
    assert found["answerline_helper_last_turn_timestamp_seconds", (("helper", "tested"),)] > 1.7e9
