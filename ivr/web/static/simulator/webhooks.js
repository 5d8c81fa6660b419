// The carrier's requests and the line's answers, newest first.

import { $, make } from "./dom.js";
import { highlighted } from "./twiml.js";

const QUIET = new Set(["status", "dial-status", "recording-status"]);
const EVERYWHERE = /^(AccountSid|ApiVersion|Direction|Call(er|ed).*|(From|To)(City|State|Zip|Country)|CallToken|StirVerstat)$/;
let open = null;
let shown = null;
let count = 0;

export function clearWebhooks() {
  $("webhooks").replaceChildren();
  $("webhooks-empty").hidden = false;
  $("webhooks-count").textContent = "";
  open = shown = null;
  count = 0;
}

export function requested(event) {
  $("webhooks-empty").hidden = true;
  const { pathname, search } = new URL(event.url);
  const answer = make("span", { class: "answer waiting" }, "…");
  const body = make("div", { class: "body" }, parameters(event.params), signature(event.signature));
  const details = make(
    "details",
    {},
    make(
      "summary",
      {},
      make("span", { class: "method" }, event.method),
      make("span", { class: "path" }, pathname, make("span", { class: "query" }, search)),
      make("span", { class: "purpose" }, event.purpose),
      answer,
    ),
    body,
  );
  if (!QUIET.has(event.purpose)) {
    if (shown && !shown.dataset.byHand) shown.open = false;
    details.open = true;
    shown = details;
  }
  details.querySelector("summary").addEventListener("click", () => { details.dataset.byHand = "1"; });
  $("webhooks").prepend(make("li", {}, details));
  $("webhooks-count").textContent = `${(count += 1)} ${count === 1 ? "request" : "requests"}`;
  open = { details, answer, body };
}

export function answered(event) {
  if (!open) return;
  const { answer, body } = open;
  answer.className = `answer ${event.status < 400 ? "good" : "bad"}`;
  answer.textContent = `${event.status} · ${Math.round(event.ms)} ms`;
  if (!event.twiml) return;
  const code = make("code", {}, ...highlighted(event.twiml));
  const pre = make("pre", { class: "twiml", tabindex: "0", role: "region", "aria-label": "TwiML" }, code);
  body.append(make("h3", {}, event.content_type.split(";")[0] === "text/xml" ? "TwiML" : event.content_type), pre);
}

/** No answer came: say why. */
export function failed(event) {
  if (!open || !open.answer.classList.contains("waiting")) return;
  open.answer.className = "answer bad";
  open.answer.textContent = event.code ? `error ${event.code}` : "failed";
  open.body.append(make("p", { class: "problem" }, event.message));
}

/** What this request is about stands open; what every request carries is folded away. */
function parameters(params) {
  const rows = Object.entries(params);
  const own = rows.filter(([name, value]) => value !== "" && !EVERYWHERE.test(name));
  const rest = rows.filter(([name, value]) => value === "" || EVERYWHERE.test(name));
  const more = make("details", { class: "more" }, make("summary", {}, `${rest.length} more`), table(rest, "More parameters"));
  return make("div", {}, table(own, "Parameters"), rest.length ? more : "");
}

function table(rows, title) {
  const body = make("tbody");
  for (const [name, value] of rows) {
    body.append(make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, value || "(blank)")));
  }
  return make("table", {}, make("caption", {}, title), body);
}

function signature(value) {
  return make("p", { class: "signature" }, make("span", { class: "hint" }, "X-Twilio-Signature "), make("code", {}, value));
}
