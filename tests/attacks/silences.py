"""Faults besides those of the database, and what callers hear at every wait while each of them holds.

A prompt store that is empty, broken or stuck; the carrier's REST interface away; bugs in actions, and below; flows that
a deploy has taken away or broken; no memory, at every step of a webhook. And the fallback, under all of them.
"""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from itertools import islice

from never_silent import SILENCE, WAITS, Bench, acts, changed, heard

from ivr.audio import shelf
from ivr.call import Position
from ivr.flow import Ask, Do, Flow, FlowError, Hold
from ivr.web import voice as webhooks

BUSY = {"DialCallStatus": "busy"}
APOLOGY, HANG_UP = "apology, person", "apology, hang-up"
PARTS = ("accounts", "pins", "departments", "mailbox", "waiting", "outbox")
REST, PROMPTS, BUGS, FLOWS, MEMORY = "REST", "prompts", "bug", "flows", "memory"


@dataclass(frozen=True)
class Row:
    """A webhook. at: the wait that it is of; None for those of no wait."""

    label: str
    path: str
    form: dict[str, str]
    at: Position | None = None


def rows(most: int | None = None, waits=WAITS, line=None) -> Iterator[Row]:
    """Everything that can come. most: acts of each wait; the first, a person and silence come before others."""
    yield Row("a call comes in", "/voice", {})
    for failed, form in enumerate(({}, BUSY, BUSY)):
        yield Row(f"fallback {failed}", f"/voice/fallback{f'?failed={failed}' if failed else ''}", form)
    for at in waits:
        told = list(acts(at))
        before = ({"Digits": "0"}, SILENCE, told[0])
        told.sort(key=before.count, reverse=True)
        for act in islice(told, most):
            yield Row(str(at), f"/voice/{at.flow}/{at.node}?turn=7", act, at)
        if line and isinstance(line.node(at), Hold):
            for keys in ("", "0"):
                yield Row(
                    f"{at} hold", f"/voice/{at.flow}/{at.node}/hold?turn=7", {"Digits": keys, "QueueTime": "5"}, at
                )


def raising(error: type[Exception]):
    def raises(*_given, **_named):
        raise error("for a test")

    return raises


class Broken:
    """A part of the line, every method of which has a bug."""

    def __getattr__(self, _name):
        return raising(RuntimeError)


class Plagued(Bench):
    """A line that plays clips, and more faults. around: is entered once for all webhooks of a fault."""

    def __init__(self, app):
        super().__init__(app)
        self.app, self.parts, self.talk = app, self.line, self.line.conversation
        self.around = dict.fromkeys(self.faults, nullcontext)
        self.at = Position("main", "menu")
        self.sockets = 0
        prompts = {
            "nothing rendered": self.no_folder,
            "no folder, a file": self.file_for_folder,
            "half a manifest": self.half_a_manifest,
            "files gone": self.no_files,
            "disk hangs": self.stuck,
        }
        bugs = {
            "in every action": lambda: self.on(self.buggy()),
            "in all that actions use": lambda: self.services(Broken()),
            "in a sentence": self.unspeakable,
        }
        bad = {
            "its node is gone": lambda: self.on(self.without_node(self.at)),
            "its flow is gone": lambda: self.on(self.only(lambda name: name != self.at.flow)),
            "all other flows are gone": lambda: self.on(self.only(lambda name: name == self.at.flow)),
        }
        engine, talk = self.talk.engine, self.talk
        here = dict.fromkeys(("answer", "start", "ring", "lost", "moved", "hold"), raising(MemoryError))
        memory = {
            "checking the signature": lambda: changed(webhooks, signed=raising(MemoryError)),
            "reading the call": lambda: changed(talk.calls, load=raising(MemoryError)),
            "in the engine": lambda: changed(engine, **here),
            "writing the answer": lambda: changed(talk.voice, twiml=raising(MemoryError), hold=raising(MemoryError)),
            "writing the turn": lambda: changed(talk.calls, save=raising(MemoryError)),
            "behind the view": self.no_headers,
            "and none for an apology": lambda: self.wordless(engine, here),
        }
        self.add(PROMPTS, prompts, around=True)
        self.add(REST, {"away": self.no_sockets})
        for kind, faults in ((BUGS, bugs), (FLOWS, bad), (MEMORY, memory)):
            self.add(kind, faults)
        self.remembered |= {name for name in self.faults if ": " in name}

    def add(self, kind, faults, *, around=False):
        for name, fault in faults.items():
            self.faults[f"{kind}: {name}"], self.around[f"{kind}: {name}"] = (
                (nullcontext, fault) if around else (fault, nullcontext)
            )

    def hears(self, fault: str, row: Row) -> str:
        """Say what comes of a webhook, in a few words."""
        if row.at is not None and "hold" not in row.label:
            self.at = row.at
            return self.ask(fault, row.at, row.form)
        if fault in self.remembered:
            self.talk.calls.load, self.steady._made = (lambda _sid: None), None
        try:
            with self.unwritten(fault), self.faults.get(fault, nullcontext)():
                return heard(self.carrier.post(row.path, **row.form), self.played)
        finally:
            vars(self.talk.calls).pop("load", None)
            self.steady._made, self.steady.breaker.is_closed = None, True

    def ask(self, fault, at, act):
        with self.unwritten(fault):
            return super().ask(fault, at, act)

    def unwritten(self, fault):
        """Take turns for written, but where that is what the fault is about: each webhook is about the same call."""
        if ": " not in fault:
            return nullcontext()
        return changed(self.talk.calls, save=lambda progress, _finished: progress.answer)

    def played(self, url):
        """What is heard where an address is played: its words, if it can be had."""
        if url not in self._heard:
            answer = self.app.test_client().get(url, buffered=True)
            self._heard[url] = answer.headers.get("Content-Description", "") if answer.status_code == 200 else ""
        return self._heard[url]

    @contextmanager
    def standing(self, fault):
        """Have a fault hold, as far as it is one for all webhooks."""
        self._heard = {}
        with self.around[fault]():
            yield

    # Prompts.

    @property
    def clips(self):
        return self.parts.clips

    @contextmanager
    def moved(self):
        folder = self.clips.folder
        away = folder.with_name("away")
        folder.rename(away)
        self.clips.look_again()
        try:
            yield folder
        finally:
            if folder.exists():
                folder.unlink()
            away.rename(folder)
            self.clips.look_again()

    @contextmanager
    def no_folder(self):
        with self.moved():
            yield

    @contextmanager
    def file_for_folder(self):
        with self.moved() as folder:
            folder.write_text("")
            yield

    @contextmanager
    def half_a_manifest(self):
        manifest = self.clips.folder / "manifest.json"
        whole = manifest.read_bytes()
        manifest.write_bytes(whole[: len(whole) // 2])
        self.clips.look_again()
        yield
        manifest.write_bytes(whole)
        self.clips.look_again()

    @contextmanager
    def no_files(self):
        manifest = self.clips.folder / "manifest.json"
        whole = manifest.read_bytes()
        rows = {
            "clips": {
                name: {**row, "path": f"{'0' * 16}/{name}.wav"} for name, row in json.loads(whole)["clips"].items()
            }
        }
        manifest.write_text(json.dumps(rows))
        self.clips.look_again()
        yield
        manifest.write_bytes(whole)
        self.clips.look_again()

    @contextmanager
    def stuck(self):
        """Whoever asks the disk for anything waits until the fault is over."""
        over, asked, now = threading.Event(), threading.Event(), self.clips._now
        hangs = {"_is_there": lambda _path: asked.set() or over.wait(60)}
        with changed(self.clips, **hangs), changed(shelf, WITHIN_S=0.0, STUCK_S=0.5):
            self.clips.look_again()
            self.clips.built()
            asked.wait(60)
            with changed(self.clips, _now=lambda: now() + 1):
                yield
            over.set()
        self.clips.look_again()

    # The REST interface.

    @contextmanager
    def no_sockets(self):
        def refused(*_given):
            self.sockets += 1
            raise ConnectionRefusedError

        connect, socket.socket.connect = socket.socket.connect, refused
        try:
            yield
        finally:
            socket.socket.connect = connect

    # Bugs, and flows.

    @contextmanager
    def on(self, line):
        """Have callers talk to other flows."""
        talk = replace(self.talk, engine=replace(self.talk.engine, line=line))
        with self.talking(talk, line):
            yield

    @contextmanager
    def services(self, broken):
        services = replace(self.talk.engine.services, **dict.fromkeys(PARTS, broken))
        with self.talking(replace(self.talk, engine=replace(self.talk.engine, services=services)), self.parts.line):
            yield

    @contextmanager
    def talking(self, talk, line):
        self.app.extensions["answerline"] = replace(self.parts, line=line, conversation=talk)
        try:
            yield
        finally:
            self.app.extensions["answerline"] = self.parts

    def buggy(self, only=None):
        """The flows, with a bug in every action, or in one."""

        def broken(at, node):
            match node:
                case Do() if only in {None, at}:
                    return replace(node, action=raising(RuntimeError))
                case Ask() if only in {None, at}:
                    check = raising(RuntimeError)
                    check.__name__ = node.check.__name__  # by which a version of a flow is known
                    return replace(node, check=check)
            return node

        return self.flows(lambda name, nodes: {n: broken(Position(name, n), node) for n, node in nodes.items()})

    def without_node(self, at):
        return self.flows(lambda name, nodes: {n: node for n, node in nodes.items() if (name, n) != (at.flow, at.node)})

    def only(self, keep):
        line = self.parts.line
        return replace(line, flows={name: flow for name, flow in line.flows.items() if keep(name)})

    def flows(self, change):
        line, made = self.parts.line, {}
        for name, flow in line.flows.items():
            nodes = change(name, {n: node for n, node in flow.nodes.items() if not n.endswith("_help")})
            if nodes:
                made[name] = Flow(flow.title, needs=flow.needs, aside=flow.aside, **nodes)
        return replace(line, flows=made)

    @contextmanager
    def unspeakable(self):
        speech = self.talk.voice.speech
        with (
            changed(speech, words=raising(FlowError), clips=raising(FlowError)),
            changed(self.talk.voice, _kept=_Nothing()),
        ):
            yield

    @contextmanager
    def starting_at(self, at):
        """Have a call that comes in begin at a node, with everything known that is needed there."""
        engine = self.app.extensions["answerline"].conversation.engine
        with changed(engine, start=lambda _call: engine._run(self._call(at)).go(at)):
            yield

    # Memory.

    @contextmanager
    def no_headers(self):
        behind = self.app.after_request_funcs[None]
        behind.append(raising(MemoryError))
        try:
            yield
        finally:
            behind.pop()

    @contextmanager
    def wordless(self, engine, here):
        words = dict.fromkeys(("apology", "leave", "hang_up"), raising(MemoryError))
        with ExitStack() as stack:
            for context in (changed(engine, **here), changed(self.talk.voice, **words)):
                stack.enter_context(context)
            yield


class _Nothing:
    def find(self, *_given):
        return None

    def keep(self, *_given):
        return None


def judge(bench: Plagued, fault: str, row: Row, said: str) -> str:
    """Say what is wrong with a cell; '' for nothing."""
    rung = row.at is not None and row.at.flow in bench.parts.line.legs
    if not said:
        return f"{row.label} is silent after {row.form} ({fault})"
    if said == HANG_UP and not rung:
        return f"{row.label}: a caller is hung up on after {row.form} ({fault})"
    if row.form.get("Digits") == "0" and not rung and "hold" not in row.label:
        served = said == APOLOGY or said.startswith("rings ") or said in {"waits in line", "callback.promised"}
        again = (
            "gone" in fault and "." in said
        )  # what was pressed does nothing where the menu is another: it is said anew
        return "" if served or again else f"{row.label}: who wants a person gets {said} ({fault})"
    return ""


KINDS = ("goes on", "rings", "apology, person", "queue", "goodbye", "rung: goodbye")


def kind(said: str) -> str:
    """Sort what is heard into a few kinds."""
    if said in {APOLOGY, HANG_UP}:
        return APOLOGY if said == APOLOGY else "rung: goodbye"
    if said.startswith(("rings ", "puts through")):
        return "rings"
    if said in {"waits in line", "leaves the queue"}:
        return "queue"
    return "goodbye" if said.startswith("goodbye") else "goes on"
