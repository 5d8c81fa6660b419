// The settings beside the phone: who calls, who answers, how fast, what breaks.

import { $ } from "./dom.js";

/** The webhooks that a fault makes fail, by purpose; see ivr/simulator/faults.py. */
const STEERING = new Set(["voice", "action", "redirect", "update", "wait", "whisper"]);
const people = () => [...document.querySelectorAll("[data-person]")];
const account = () => $("account")?.selectedOptions[0];

/** The first message of a call, as the settings stand. */
export function chosen() {
  return { from: $("from").value, to: $("to").value, people: reactions(), pace: pace(), ...fault() };
}

export function pace() {
  return document.querySelector("[name=pace]:checked").value;
}

export function setPace(word) {
  document.querySelector(`[name=pace][value=${word}]`).checked = true;
}

export function fault() {
  return { fault: $("fault").value, lasting: $("lasting").value === "1" };
}

/** The telephone of a demo account; of anything else, itself. */
export function numberOf(caller, stranger) {
  const options = [...($("account")?.options ?? [])];
  return options.find((option) => option.value && option.value === caller)?.dataset.phone ?? (caller || stranger);
}

/** Wire the fields up. change(word, fields): tells a call that goes on. */
export function setUp(phone, change) {
  $("account")?.addEventListener("change", () => {
    const { value, dataset } = account();
    $("from").value = dataset.phone ?? $("from").dataset.default;
    $("credentials").hidden = !value;
    $("account-number").textContent = value;
    $("account-pin").textContent = dataset.pin || "none";
    summarise();
  });
  $("type-number")?.addEventListener("click", () => phone.press(account().value));
  $("type-pin")?.addEventListener("click", () => account().dataset.pin && phone.press(account().dataset.pin));
  for (const field of document.querySelectorAll(".setup :is(select, input)")) field.addEventListener("change", summarise);
  for (const radio of document.querySelectorAll("[name=pace]")) {
    radio.addEventListener("change", () => change("pace", { pace: pace() }));
  }
  for (const id of ["fault", "lasting"]) $(id).addEventListener("change", () => change("fault", fault()));
  summarise();
}

/** Choose a fault as the tester would; return whether there is such a one. */
export function inject(fault, lasting) {
  $("fault").value = fault;
  $("lasting").value = lasting;
  $("fault").dispatchEvent(new Event("change"));
  return $("fault").selectedIndex >= 0;
}

/** A fault for the next webhook is used up by it. */
export function faultUsed(request) {
  if (!$("fault").value || $("lasting").value || !STEERING.has(request.purpose)) return;
  $("fault").value = "";
  summarise();
}

/** How people react, by number. */
export function reactions() {
  return Object.fromEntries(people().map((select) => [select.dataset.person, select.value]));
}

function summarise() {
  $("caller-summary").textContent = account()?.value || $("from").value;
  const others = people().filter((select) => select.value !== "completed");
  $("people-summary").textContent = others.length ? others.map((select) => select.selectedOptions[0].text).join(", ") : "all answer";
  $("pace-summary").textContent = pace() === "fast" ? "fast" : "real time";
  $("fault-summary").textContent = $("fault").value || "none";
  $("fault-summary").classList.toggle("alarm", Boolean($("fault").value));
}
