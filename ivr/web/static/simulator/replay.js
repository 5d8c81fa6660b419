// A `.call` file against the line, step by step: which act is next, and what was expected against what was heard.

import { parse } from "./callfile.js";
import { $, make } from "./dom.js";
import { chosen, numberOf } from "./setup.js";

const STRANGER = "+14155550199";
const WHILE = "up while ";
const CHECKS = new Set(["hears", "lacks", "rings", "ends", "account"]);

export class Replay {
  #acts = [];
  #next = 0;
  #wanted = 0;

  constructor(phone) {
    this.phone = phone;
    this.#restart();
    phone.addEventListener("event", ({ detail }) => this.#take(detail));
    $("replay-step").addEventListener("click", () => this.#want(this.#next + 1));
    $("replay-all").addEventListener("click", () => this.#want(this.#acts.length));
    $("replay-close").addEventListener("click", () => { $("replay").hidden = true; this.#acts = []; });
  }

  /** Show a file, ready for its first step. */
  load(text, name) {
    $("replay").hidden = false;
    $("replay-name").textContent = name;
    $("replay-lines").replaceChildren();
    this.#acts = [];
    this.#restart();
    try {
      this.#acts = parse(text);
    } catch (error) {
      $("replay-state").textContent = error.message;
      return;
    }
    for (const act of this.#acts) {
      act.row = make("li", { value: act.number }, make("span", { class: "verb" }, act.verb), " ", make("span", {}, act.rest));
      $("replay-lines").append(act.row);
    }
    this.#point();
    $("replay-step").focus();
  }

  #restart() {
    this.#next = this.#wanted = 0;
    this.people = {};
    this.#began();
  }

  #began() {
    this.heard = [];
    this.dialled = [];
    this.settled = false;
    this.result = null;
  }

  #want(count) {
    if (this.#next >= this.#acts.length) {
      this.#restart();
      for (const { row } of this.#acts) this.#mark(row, "", "");
      this.#point();
      return;
    }
    this.#wanted = Math.max(this.#wanted, count);
    this.#advance();
  }

  #take(event) {
    if (event.event === "say") this.heard.push(event.text);
    if (event.event === "play") this.heard.push(event.url || event.digits);
    if (event.event === "dial") this.dialled.push(event.number);
    if (event.event === "test") this.result = event;
    if (event.event === "listening") this.settled = event.waits;
    if (["listening", "test", "dial"].includes(event.event)) this.#advance();
  }

  #advance() {
    while (this.#next < this.#wanted && this.#ready(this.#acts[this.#next])) {
      const act = this.#acts[this.#next];
      const problem = this.#do(act);
      this.#mark(act.row, problem === null ? "left" : problem ? "failed" : "done", problem ?? "Only make test can see the account.");
      this.#next += 1;
      if (problem) this.#wanted = this.#next;
      this.#point();
    }
  }

  #ready({ verb, rest }) {
    if (verb === "people") return true;
    if (verb === "caller") return !this.phone.inCall || this.settled;
    if (this.result) return true;
    if (rest.startsWith(WHILE)) return this.phone.listening?.kind === rest.slice(WHILE.length);
    return this.settled;
  }

  /** Perform an act; return what is wrong with it, "" for nothing, null for what cannot be checked here. */
  #do({ verb, rest }) {
    if (CHECKS.has(verb)) return this.#check(verb, rest);
    if (verb === "people") {
      const [number, status] = rest.includes("=") ? rest.split("=") : ["*", rest];
      this.people[number] = status;
    } else if (verb === "caller") {
      if (this.phone.inCall) return "The call before has not ended.";
      this.#began();
      this.phone.dial({ ...chosen(), from: numberOf(rest, STRANGER), people: this.people });
    } else {
      if (this.result) return "The call is over already.";
      this.settled = false;
      this.heard = [];
      if (verb === "presses") this.phone.press(rest);
      if (verb === "says") this.phone.say(rest);
      if (verb === "waits") this.phone.skip();
      if (verb === "hangs") this.phone.hangUp();
    }
    return "";
  }

  #check(verb, rest) {
    const heard = this.heard.join(" ");
    switch (verb) {
      case "hears": return heard.includes(rest) ? "" : `Heard: ${heard || "nothing"}`;
      case "lacks": return heard.includes(rest) ? `Heard: ${heard}` : "";
      case "rings": return this.dialled.includes(rest) ? "" : `Dialled: ${this.dialled.join(", ") || "nobody"}`;
      case "ends": return this.result?.disposition === rest ? "" : `Ended: ${this.result?.disposition || "not yet"}`;
      default: return null;
    }
  }

  #mark(row, state, remark) {
    row.className = state;
    row.querySelector(".remark")?.remove();
    if (remark) row.append(make("span", { class: "remark" }, remark));
  }

  #point() {
    const done = this.#next >= this.#acts.length;
    for (const [index, { row }] of this.#acts.entries()) {
      if (index === this.#next) row.setAttribute("aria-current", "step");
      else row.removeAttribute("aria-current");
    }
    const failed = this.#acts.filter(({ row }) => row.className === "failed").length;
    const next = this.#acts[this.#next];
    const verdict = failed ? `${failed} of ${this.#acts.length} lines failed.` : "All lines passed.";
    $("replay-state").textContent = done ? verdict : `Next, line ${next.number}: ${next.verb} ${next.rest}`;
    $("replay-step").textContent = done ? "Start again" : "Next step";
    $("replay-all").disabled = done;
    const box = $("replay-lines").closest(".scroll");
    if (next) box.scrollTop = next.row.offsetTop - box.clientHeight / 2;
  }
}
