// A `.call` file against the line, step by step: which act is next, and what was expected against what was heard.

import { contains, DEEDS, parse } from "./callfile.js";
import { $, make } from "./dom.js";
import { chosen, inject, numberOf, pace } from "./setup.js";

const STRANGER = "+14155550199";
/** What only tests can do or look at. */
const ELSEWHERE = {
  closed: "Departments are closed in ivr/departments.toml, not from here.",
  message: "Messages are not looked at here: flask voicemail list.",
  is: "Calls that the line places are not replayed: let this page be rung.",
  at: "Calls that the line places are not replayed: let this page be rung.",
  text: "Text messages are not looked at here: the transcript shows them.",
  dispatches: "The line rings people by itself.",
  passes: "Time passes by itself here.",
  place: "Places in line are not looked at here: flask waiting list.",
  texts: "Texts are not looked at here: flask texts list.",
  stops: "STOP comes from a telephone, not from here.",
};
const CHECKS = new Set(["hears", "lacks", "rings", "reaches", "ends", "account"]);

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
      const words = act.rest + (act.moment && ` while ${act.moment}`);
      act.row = make("li", { value: act.number }, make("span", { class: "verb" }, act.verb), " ", make("span", {}, words));
      $("replay-lines").append(act.row);
    }
    this.#point();
    $("replay-step").focus();
  }

  /** Tell why there is nothing to replay. */
  refuse(name, why) {
    this.load("", name);
    $("replay-state").textContent = why;
  }

  /** Do all that is loaded, up to the first difference. */
  run() {
    this.#want(this.#acts.length);
  }

  #restart() {
    this.#next = this.#wanted = 0;
    this.people = {};
    this.called = null;
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
    if (event.event === "play") this.heard.push(event.text || event.url || event.digits);
    if (event.event === "dial") this.dialled.push(event);
    if (event.event === "test") this.result = event;
    if (event.event === "listening") this.settled = event.waits;
    if (["listening", "test", "dial"].includes(event.event)) this.#advance();
  }

  #advance() {
    while (this.#next < this.#wanted && this.#ready(this.#acts[this.#next])) {
      const act = this.#acts[this.#next];
      const problem = this.#do(act);
      if (act.verb === "account") this.#look(act);
      else this.#mark(act.row, problem ? "failed" : "done", problem);
      this.#next += 1;
      if (problem) this.#wanted = this.#next;
      this.#point();
    }
  }

  #ready({ verb, rest, moment }) {
    if (verb === "people" || verb === "called" || verb === "closed") return true;
    if (verb === "fault" && !this.phone.inCall) return true;
    if (verb === "caller") return !this.phone.inCall || this.settled;
    if (this.result || this.settled) return true;
    if (moment) return this.phone.listening?.kind === moment;
    // What comes before an act in a moment that passes must be checked before it has passed.
    return Boolean(this.#deed(this.#next)?.moment) && CHECKS.has(verb) && this.#check(verb, rest) === "";
  }

  /** What the caller does next, from this line on. */
  #deed(from) {
    return this.#acts.slice(from).find(({ verb, moment }) => moment || DEEDS.has(verb));
  }

  /** A moment that the line does not wait in must last long enough to do something in it. */
  #pace() {
    return this.#deed(this.#next + 1)?.moment ? "voice" : pace();
  }

  /** Perform an act; return what is wrong with it, "" for nothing. */
  #do({ verb, rest, moment }) {
    if (verb in ELSEWHERE) return ELSEWHERE[verb];
    if (CHECKS.has(verb)) return this.#check(verb, rest);
    if (verb === "people") {
      const [number, status] = rest.includes("=") ? rest.split("=") : ["*", rest];
      this.people[number] = status;
    } else if (verb === "called") {
      this.called = rest;
    } else if (verb === "fault" && !moment) {
      // In a call the line asks again afterwards.
      this.settled = false;
      return this.#fault(rest);
    } else if (verb === "caller") {
      if (this.phone.inCall) return "The call before has not ended.";
      this.#began();
      const setup = { ...chosen(), from: numberOf(rest, STRANGER), people: this.people, pace: this.#pace() };
      this.phone.dial(this.called ? { ...setup, to: this.called } : setup);
    } else {
      if (this.result) return "The call is over already.";
      if (moment && this.phone.listening?.kind !== moment) return `There was no such moment: ${moment}.`;
      const next = this.#pace();
      // To hasten before the act would make this moment pass before it; to slow down after it, the next one.
      if (next === "voice") this.phone.change("pace", { pace: next });
      this.settled = false;
      this.heard = [];
      const problem = verb === "fault" ? this.#fault(rest) : "";
      if (verb === "presses") this.phone.press(rest);
      if (verb === "says") this.phone.say(rest);
      if (verb === "waits") this.phone.skip();
      if (verb === "hangs") this.phone.hangUp();
      if (next !== "voice") this.phone.change("pace", { pace: next });
      return problem;
    }
    return "";
  }

  #fault(words) {
    const [fault, always] = words.split(/[\s,]+/);
    return inject(fault === "none" ? "" : fault, always ? "1" : "") ? "" : `No such fault: ${words}`;
  }

  #check(verb, rest) {
    const heard = this.heard.join(" ");
    switch (verb) {
      case "hears": return contains(heard, rest) ? "" : `Heard: ${heard || "nothing"}`;
      case "lacks": return contains(heard, rest) ? `Heard: ${heard}` : "";
      case "rings": return this.#dialled(rest, () => true);
      case "reaches": return this.#dialled(rest, ({ status }) => status === "completed");
      case "ends": return this.result?.disposition === rest ? "" : `Ended: ${this.result?.disposition || "not yet"}`;
      default: return "";
    }
  }

  /** Look at an account; the line has written what a call changed before the caller hears of it. */
  async #look(act) {
    this.#mark(act.row, "left", "Looking …");
    const remark = await this.#account(act.rest).catch(() => "The line does not answer.");
    if (!this.#acts.includes(act) || act.row.className !== "left") return;
    this.#mark(act.row, remark ? "failed" : "done", remark);
    this.#point();
  }

  async #account(rest) {
    const [, number, name, expected] = rest.match(/^(\S+)\s+(\w+)=(.*)$/) ?? [];
    if (!number) return "An account is looked at like this: account 70000011 seats=1";
    const answer = await fetch(new URL(`simulator/accounts/${number}`, document.baseURI));
    if (!answer.ok) return `There is no account ${number} here.`;
    const actual = JSON.stringify((await answer.json())[name]);
    return actual === expected ? "" : `${name} is ${actual ?? "not a field of it"}.`;
  }

  #dialled(number, also) {
    if (this.dialled.some((leg) => leg.number === number && also(leg))) return "";
    return `Dialled: ${this.dialled.map((leg) => `${leg.number}: ${leg.status}`).join(", ") || "nobody"}`;
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
    const looking = this.#acts.some(({ row }) => row.className === "left");
    const verdict = failed ? `${failed} of ${this.#acts.length} lines failed.` : looking ? "Looking …" : "All lines passed.";
    const first = this.#acts.find(({ row }) => row.className === "failed");
    const differs = first && this.#wanted === this.#next ? `First difference in line ${first.number}. ` : "";
    $("replay-state").textContent = done ? verdict : `${differs}Next, line ${next.number}: ${next.row.querySelector(".verb").textContent} ${next.row.querySelector(".verb + span").textContent}`;
    $("replay-step").textContent = done ? "Start again" : "Next step";
    $("replay-all").disabled = done;
    const box = $("replay-lines").closest(".scroll");
    if (next) box.scrollTop = next.row.offsetTop - box.clientHeight / 2;
  }
}
