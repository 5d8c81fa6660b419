// The telephone: its state, what it shows, and what the caller does with it.
// Others listen to it: `event` (each event of the call), `state` (idle, ringing, speaking, ... changed).

import { Connection } from "./connection.js";
import { $, clock, make } from "./dom.js";
import { busy, keyTone, ring } from "./tones.js";
import { Voice } from "./voice.js";

const RINGS_MS = 1500;
const STATES = {
  idle: "Ready", calling: "Calling", speaking: "Speaking", listening: "Your turn", record: "Recording you",
  pause: "Pause", ringing: "Ringing them", talking: "Connected", webhook: "No answer yet", ended: "Call ended",
  queue: "In the queue", conference: "In a conference", rung: "Incoming call",
};
const ENDINGS = { caller: "You hung up.", application: "The line hung up.", error: "The application failed." };
const SHOWN_AS = { say: "speaking", play: "speaking", gather: "listening" };

const spaced = (number) => number.replace(/^(\+1)(\d{3})(\d{3})(\d{4})$/, "$1 $2 $3 $4");

export class Phone extends EventTarget {
  #connection = null;
  #prompt = null;
  #silence = () => {};
  #dialling = 0;
  #time = { at: 0, since: 0 };

  constructor() {
    super();
    this.voice = new Voice();
    this.listening = null;
    this.state = "idle";
    setInterval(() => this.#tick(), 250);
  }

  get inCall() {
    return this.state !== "idle" && this.state !== "ended";
  }

  /** Place a call. setup: the first message to the line. */
  dial(setup) {
    if (this.inCall) return;
    this.#prompt = this.listening = this.#connection = null;
    this.#time = { at: 0, since: 0 };
    this.pace = setup.pace;
    $("callee").textContent = spaced(setup.to);
    this.#show("calling", "");
    if (setup.pace !== "fast" && !this.voice.muted) this.#silence = ring();
    const connect = () => {
      // The call before may still be closing; it has nothing more to say.
      const now = (does) => (event) => { if (this.#connection === connection) does(event); };
      const connection = new Connection(setup, { event: now((event) => this.#take(event)), closed: now(() => this.#closed()) });
      this.#connection = connection;
    };
    this.#dialling = setTimeout(connect, setup.pace === "fast" ? 0 : RINGS_MS);
  }

  /** Be rung. number: who calls; line: what to send to, as a Connection. */
  ring(number, line) {
    this.#prompt = this.listening = null;
    this.#time = { at: 0, since: performance.now() };
    this.pace = "voice";
    this.#connection = line;
    $("callee").textContent = spaced(number);
    this.#show("rung", "Enter answers, Escape declines.");
    $("state").append(make("span", { class: "sr" }, ` from ${number}`));
    if (!this.voice.muted) this.#silence = ring();
  }

  answer() {
    if (this.state !== "rung") return;
    this.#hush();
    this.#connection.send("answer");
  }

  /** An event of a call that has come in. */
  incoming(event) {
    this.#take(event);
    if (event.event === "ended") this.#connection = null;
  }

  /** The line to a call that has come in is gone. */
  lost() {
    if (this.inCall && this.#connection?.standby) this.#closed();
  }

  hangUp() {
    if (!this.inCall) return;
    this.#hush();
    if (this.#connection) {
      this.#connection.send("hang-up");
      return;
    }
    clearTimeout(this.#dialling);
    this.#show("ended", "You hung up before the call began.");
  }

  press(keys) {
    for (const key of keys) if (!this.voice.muted) keyTone(key);
    if (!this.#connection) return;
    // The line hears the key a moment later; the caller's ear must not wait for that.
    if (this.listening?.takes_keys) this.voice.stop();
    this.#connection.send("press", { keys });
  }

  say(text) {
    if (!this.#connection || !text.trim()) return;
    if (this.listening?.takes_keys) this.voice.stop();
    this.#connection.send("speak", { text });
  }

  /** Let the moment pass at once: the rest of a prompt, the ringing, or the caller's turn in silence. */
  skip() {
    if (!this.#connection || !this.listening) return;
    this.voice.stop();
    this.#connection.send("skip", { moment: this.listening.moment });
  }

  /** Speak or be silent; a prompt that is being heard goes on without its voice. */
  mute(muted) {
    this.voice.muted = muted;
    if (!muted || !this.inCall) return;
    this.#hush();
    if (this.state === "speaking" && this.#prompt) {
      this.#prompt.started = false;
      this.#hear(this.#prompt);
    }
  }

  change(word, fields) {
    if (word === "pace") this.pace = fields.pace;
    this.#connection?.send(word, fields);
  }

  #take(event) {
    if (event.at !== undefined) this.#time = { at: event.at, since: performance.now() };
    switch (event.event) {
      case "say":
      case "play":
        this.#prompt = event;
        $("caption").textContent = event.text || "♪";
        break;
      case "listening":
        this.#listen(event);
        break;
      case "problem":
        this.#show(this.#time.since ? this.state : "ended", event.text);
        break;
      case "ended":
        this.#hush();
        if (event.by === "error" && !this.voice.muted) busy();
        this.#show("ended", ending(event));
        break;
      default:
    }
    this.dispatchEvent(new CustomEvent("event", { detail: event }));
  }

  #listen(moment) {
    this.listening = moment;
    if (moment.kind === "rung") return this.#countDown(moment.seconds);
    const prompted = moment.kind === "say" || moment.kind === "play";
    this.#silence();
    this.#silence = moment.kind === "ringing" && moment.pace !== "fast" && !this.voice.muted ? ring() : () => {};
    if (!prompted) this.voice.stop();
    this.#show(SHOWN_AS[moment.kind] ?? moment.kind);
    this.#countDown(moment.waits || moment.kind === "webhook" ? moment.seconds : 0);
    if (prompted && moment.pace !== "fast") this.#hear(this.#prompt);
  }

  #hear(prompt) {
    if (!prompt) return;
    const heard = () => {
      prompt.done = true;
      this.#connection?.send("heard", { moment: this.listening?.moment });
    };
    // A key that the line did not wait for splits a prompt into two moments; it is heard once.
    if (prompt.done) heard();
    else if (!prompt.started) {
      prompt.started = true;
      this.voice.play(this.#local(prompt), heard);
    }
  }

  /** A file of the line is fetched from where this page came from. */
  #local(prompt) {
    const base = document.body.dataset.base;
    return prompt.url?.startsWith(base) ? { ...prompt, url: new URL(`.${prompt.url.slice(base.length)}`, document.baseURI).href } : prompt;
  }

  #closed() {
    this.#connection = null;
    this.#hush();
    if (this.state !== "ended") this.#show("ended", this.#time.since ? "The connection to the line was lost." : $("caption").textContent || "The line cannot be reached.");
  }

  #hush() {
    this.#silence();
    this.#silence = () => {};
    this.voice.stop();
  }

  #show(state, caption) {
    this.state = state;
    $("phone").dataset.state = state;
    $("state").textContent = STATES[state];
    if (caption !== undefined) $("caption").textContent = caption;
    if (!this.inCall) {
      this.listening = null;
      this.#countDown(0);
    }
    this.#tick();
    this.dispatchEvent(new Event("state"));
  }

  #countDown(seconds) {
    const bar = $("wait");
    for (const animation of bar.getAnimations()) animation.cancel();
    if (seconds && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
      bar.animate([{ transform: "scaleX(1)" }, { transform: "scaleX(0)" }], { duration: seconds * 1000 });
    }
  }

  #tick() {
    const { at, since } = this.#time;
    const passed = this.inCall && since && this.pace !== "fast" ? (performance.now() - since) / 1000 : 0;
    $("time").textContent = clock(at + passed);
  }
}

function ending({ by, status }) {
  if (by === "callee") return { busy: "You declined.", "no-answer": "You did not answer." }[status] ?? "You hung up.";
  if (status === "canceled" || status === "no-answer") return "They gave up before you answered.";
  return ENDINGS[by] ?? ENDINGS.error;
}
