// Puts the page together.

import { download } from "./callfile.js";
import { $ } from "./dom.js";
import { keypad } from "./keypad.js";
import { microphone } from "./microphone.js";
import { Phone } from "./phone.js";
import { Replay } from "./replay.js";
import { chosen, faultUsed, reactions, setPace, setUp } from "./setup.js";
import { Standby } from "./standby.js";
import { clearTranscript, note } from "./transcript.js";
import { answered, clearWebhooks, failed, requested } from "./webhooks.js";

const IN_CALL = ["skip", "say", "words", "microphone", "type-number", "type-pin"];
const phone = new Phone();
let test = null;

function call() {
  if (phone.state === "rung") phone.answer();
  else if (!phone.inCall) phone.dial(chosen());
}

function say(text) {
  phone.say(text);
  $("words").value = "";
}

keypad({ press: (key) => phone.press(key), call, hangUp: () => phone.hangUp(), rung: () => phone.state === "rung" });
setUp(phone, (word, fields) => phone.change(word, fields));
microphone(say);
const replay = new Replay(phone);

phone.addEventListener("state", () => {
  const rung = phone.state === "rung";
  $("incoming").hidden = !rung;
  $("hooks").hidden = rung;
  for (const id of IN_CALL) if ($(id)) $(id).disabled = !phone.inCall || rung;
  $("hook").setAttribute("aria-label", phone.inCall ? "Hang up" : "Call");
  $("hook").classList.toggle("hang-up", phone.inCall);
  if (phone.state !== "calling" && !rung) return;
  clearTranscript();
  clearWebhooks();
  $("in-console").hidden = true;
  $("save").disabled = true;
  test = null;
});

phone.addEventListener("event", ({ detail: event }) => {
  if (event.event === "request") {
    requested(event);
    faultUsed(event);
  }
  if (event.event === "response") answered(event);
  if (event.event === "error" || event.event === "warning") failed(event);
  if (event.event === "test") over(event);
  note(event);
});

function over(event) {
  test = event;
  $("save").disabled = false;
  $("tests-summary").textContent = event.disposition && `ended ${event.disposition}`;
  $("in-console").hidden = !event.console;
  $("in-console").href = event.console.replace(/^\//, "./");
}

$("answer").addEventListener("click", () => phone.answer());
$("decline").addEventListener("click", () => phone.hangUp());
if (document.body.dataset.standby) {
  const standby = new Standby(document.body.dataset.standby, phone, note);
  const number = () => standby.at($("from").value);
  for (const id of ["from", "account"]) $(id)?.addEventListener("change", number);
  for (const select of document.querySelectorAll("[data-person]")) {
    select.addEventListener("change", () => standby.send("people", { people: reactions() }));
  }
  number();
}

$("hook").addEventListener("click", () => (phone.inCall ? phone.hangUp() : call()));
$("skip").addEventListener("click", () => phone.skip());
$("speech").addEventListener("submit", (event) => {
  event.preventDefault();
  say($("words").value);
});
$("sound").addEventListener("click", () => {
  phone.mute(!phone.voice.muted);
  $("sound").setAttribute("aria-pressed", String(!phone.voice.muted));
});
$("save").addEventListener("click", () => {
  if (test) download(test.text, `call-${new Date().toISOString().slice(0, 16).replaceAll(/\D/g, "")}.call`);
});
$("file").addEventListener("change", async () => {
  const [file] = $("file").files;
  if (file) replay.load(await file.text(), file.name);
  $("file").value = "";
});

/** Replay the file that the address names, of this very server: what a call in the console is like today. */
async function replayNamed() {
  const named = new URLSearchParams(location.hash.slice(1)).get("replay");
  if (!named) return;
  const address = new URL(named, document.baseURI);
  if (address.origin !== location.origin || !address.pathname.endsWith(".call")) return;
  const answer = await fetch(address).catch(() => null);
  if (!answer?.ok || answer.redirected) {
    replay.refuse(named, "This call cannot be read. Sign in at the console, and open it from there.");
    return;
  }
  setPace("fast");
  replay.load(await answer.text(), `${address.pathname.split("/").at(-1).slice(0, 12)}….call`);
  replay.run();
}
replayNamed();

function tellVoice() {
  $("voice-note").textContent = document.body.dataset.speech
    ? "Prompts are heard as callers hear them; a key stops them."
    : phone.voice.canSpeak
    ? "Prompts are spoken by this browser; a key stops them."
    : "This browser has no voice: read along. Prompts last as long as they would take to say.";
}
window.speechSynthesis?.addEventListener?.("voiceschanged", tellVoice);
tellVoice();
