// The call in words, as it happens.

import { $, append, atItsEnd, clock, make } from "./dom.js";

const WHO = { hears: "Line", presses: "You", says: "You", dials: "Dialled", records: "Recorded", texts: "Text message" };
const ENDED_BY = { caller: "you hung up", application: "the line hung up", error: "the application failed", callee: "you hung up" };
let last = null;

export function clearTranscript() {
  $("transcript").replaceChildren();
  $("transcript-empty").hidden = false;
  last = null;
}

/** Note an event of the simulator, if it is one that a caller notices or a tester must know. */
export function note(event) {
  const line = lineOf(event);
  if (!line) return;
  const [kind, text] = line;
  $("transcript-empty").hidden = true;
  if (kind === "presses" && last?.kind === kind) {
    last.words.textContent += text;
    return;
  }
  if (kind === "hears" && last?.unfinished && event.text) {
    // A sentence that is put together from several files.
    atItsEnd($("transcript"), () => { last.words.textContent += ` ${text}`; });
    last.unfinished = goesOn(event);
    return;
  }
  const words = make("span", { class: "words" }, text);
  const who = make("span", { class: "who" }, WHO[kind] ?? kind);
  const time = make("span", { class: "at" }, event.at === undefined ? "" : clock(event.at));
  append($("transcript"), make("li", { class: `line ${kind}` }, time, who, words));
  last = { kind, words, unfinished: goesOn(event) };
}

function goesOn(event) {
  return event.event === "play" && /[\p{L}\p{N},:;]$/u.test(event.text);
}

function lineOf(event) {
  switch (event.event) {
    case "say": return ["hears", event.text];
    case "play": return ["hears", event.digits ? `[tones ${event.digits}]` : event.text || `[sound ${event.url}]`];
    case "digits": return ["presses", event.digits];
    case "speech": return ["says", event.text];
    case "dial": return ["dials", `${event.number}: ${event.status}${event.seconds ? ` after ${Math.round(event.seconds)} s` : ""}`];
    case "message": return ["texts", `to ${event.to}: ${event.body}`];
    case "text": return ["texts", event.body];
    case "record": return ["records", `${event.seconds} s, ended by ${event.ended_by}`];
    case "warning":
    case "error": return [event.event, `${event.code || ""} ${event.message}${place(event)}`.trim()];
    case "ended": return ["ends", `${event.status} after ${Math.round(event.duration_s)} s: ${ENDED_BY[event.by] ?? event.by}`];
    default: return null;
  }
}

function place(event) {
  return event.line ? ` (line ${event.line}, column ${event.column})` : "";
}
