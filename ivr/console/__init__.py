"""The console, where support staff review calls: pages and what they show. What it reads is in `ivr.db.console`.

- `desk`: the door of every page; `sign_in`: through it. `profile`, `colleagues`: who they are. `nav`: what is where;
  `badges`: how much waits there.
- `calls`: the list; `filter_words`, `outcomes`: in words; `kept_filters`: filters by name. `call_files`: as files;
  `spreadsheets`: without formulas.
- `one_call`: the page of one call: `story` tells it, `wait_words` in words, `walk` and `flow_drawing` its way through
  the flows; `call_acts`: what staff do about it; `call_sound`, `waveform`: messages; `replay_file`: for the simulator.
- `refusals`: pages that cannot be shown. `words`: how times and numbers are written.
- `shared`: what many consoles ask for, looked up once. `prompts`, `recorder`: recordings. `data`: what is kept.
- `live`: what goes on. `work`, `work_messages`, `work_events`, `work_waiting`: what waits for staff.
- `insight`: figures; `insight_parts`: part by part; `insight_time`: of which calls; `insight_figures`,
  `insight_charts`: as they are shown; `insight_kept`: for a minute; `definitions`: what they mean.
- `accounts`, `account_acts`: customers, and what is done to their accounts. `carrier_errors`: what the
  carrier says went wrong. `audit_log`: what staff have done.
"""

from ivr.console import (
    account_acts,
    accounts,
    audit_log,
    badges,
    call_acts,
    call_files,
    call_sound,
    calls,
    carrier_errors,
    colleagues,
    data,
    insight,
    insight_parts,
    kept_filters,
    live,
    nav,
    one_call,
    profile,
    prompts,
    refusals,
    sign_in,
    words,
    work,
    work_events,
    work_messages,
    work_waiting,
)
from ivr.console.desk import install

__all__ = [
    "account_acts",
    "accounts",
    "audit_log",
    "badges",
    "call_acts",
    "call_files",
    "call_sound",
    "calls",
    "carrier_errors",
    "colleagues",
    "data",
    "insight",
    "insight_parts",
    "install",
    "kept_filters",
    "live",
    "nav",
    "one_call",
    "profile",
    "prompts",
    "refusals",
    "sign_in",
    "words",
    "work",
    "work_events",
    "work_messages",
    "work_waiting",
]
