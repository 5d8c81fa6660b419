"""Answerline: a support phone line. This page is the map of the package.

A *flow* is a frozen value, declared in one file under `ivr/flows/`. The *engine* moves a call from one wait to the
next and knows no HTTP, XML or SQL. Everything else is a thin adapter around those two.

- `call`, `flow`, `line`, `edges`: the vocabulary: a call, a flow's nodes, all flows, and the ways out of a node.
- `services`: what the business steps may reach: `accounts`, `pins`, `messages` that callers leave, `text` that is sent
  to them, `clock`. `service_errors`: what goes wrong there. `call_log`: what is kept of every call.
- `actions`, `texting`, `flows`, `prompts`: the business steps, the conversations, and their sentences.
- `speech`, `template`, `values`, `clip`: how a sentence and the values in it are spoken, in words and in clips.
- `departments`, `opening_hours`: who takes calls, and when; `department_file`, `holidays`: read from files.
- `translation`: the same in other languages. `written`, `gsm`, `text_numbers`: the same in texts.
- `waiting`, `waiting_room`: places in line, and their rules; `legs`: what happens on the side of those whom we ring.
- `engine`: from one wait to the next: `run` takes what a caller did, `advance` goes on through the nodes that follow.
- `lint`, `diagram`, `budget`: other readers of the same flows.
- `twiml`, `webhook`: what is said to the carrier, and what it tells. `speaker`: prompts in it, played or spoken;
  `webhook_addresses`: where it asks next. `documents`: answers for every call, kept.
- `db`: the only package that knows SQL. `web`: webhooks and pages.
- `audio`: clips made, kept, measured and heard. `sentences`: what is put together of them to be heard.
- `degraded`: callers answered while the database is slow or away, and their turns written later; `deadline`: how long
  a webhook may wait.
- `carrier`: the carrier's REST interface: calls, texts, recordings. `voicemail`: messages fetched from there, and kept.
- `dispatch`: people rung for whoever is next in line.
- `texts`: text messages written to an outbox, and sent. `events`, `delivery`: the same for a company's own systems.
- `announced_accounts`: of changes in another account system.
- `numbers`: telephone numbers: what was keyed in, and which may be rung.
- `config`, `setting_rules`: every setting, and what it may be. `local_secrets`: those that a clone makes for itself.
- `console`: the pages of support staff; `staff`, `second_factor`: who they are. `digest`, `figures`, `measured`: what
  calls come to.
- `doctor`: what is wrong with a line, and what mends it; `probe`: how it sees through a proxy. `number_book` and
  `address`: where numbers point, and did. `helpers`: the processes beside the server. `demo_staff`: a demo's colleague.
- `telemetry`: logs, metrics and traces, for operators.
- `cli`: the `flask ...` commands. `bootstrap`: where the parts are put together.
- `simulator`: a telephone for testing any TwiML application; it knows nothing of the rest.
"""
