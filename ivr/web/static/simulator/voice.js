// What the caller hears: files, words in the line's voice or else in the browser's own, and silence for as long as either lasts.

import { keyTone } from "./tones.js";

export class Voice {
  #stop = null;

  constructor() {
    this.muted = false;
  }

  /** Whether there is a voice in this browser; some browsers know only after a while. */
  get canSpeak() {
    return "speechSynthesis" in window && speechSynthesis.getVoices().length > 0;
  }

  /** Let a prompt be heard, and call `done` at its end; not if it is stopped before. */
  play(prompt, done) {
    this.stop();
    let over = false;
    const finish = () => {
      if (over) return;
      over = true;
      this.#stop = null;
      done();
    };
    const ways = [];
    this.#stop = () => {
      over = true;
      for (const end of ways) end();
    };
    const silence = () => {
      const timer = setTimeout(finish, prompt.seconds * 1000);
      ways.push(() => clearTimeout(timer));
    };
    if (prompt.event === "play" && prompt.digits) this.#tones(prompt.digits, ways, silence);
    else if (this.muted) silence();
    else if (prompt.event === "play") this.#file(prompt.url, ways, finish, silence);
    else {
      const aloud = () => (this.canSpeak ? this.#words(prompt, ways, finish, silence) : silence());
      const line = document.body.dataset.speech;
      if (line) this.#file(`${line}?text=${encodeURIComponent(prompt.text)}`, ways, finish, aloud);
      else aloud();
    }
  }

  /** Fall silent at once. */
  stop() {
    this.#stop?.();
    this.#stop = null;
  }

  #words(prompt, ways, finish, silence) {
    const utterance = new SpeechSynthesisUtterance(prompt.text);
    utterance.lang = "en-US";
    utterance.onend = finish;
    utterance.onerror = () => silence();
    ways.push(() => speechSynthesis.cancel());
    // A browser that refuses to speak says nothing at all.
    const watch = setTimeout(finish, (prompt.seconds * 2.5 + 4) * 1000);
    ways.push(() => clearTimeout(watch));
    speechSynthesis.speak(utterance);
  }

  #file(url, ways, finish, otherwise) {
    const audio = new Audio(url);
    let stopped = false;
    const fail = () => {
      if (stopped) return;
      stopped = true;
      otherwise();
    };
    audio.onended = finish;
    audio.onerror = fail;
    ways.push(() => {
      stopped = true;
      audio.pause();
    });
    audio.play().catch(fail);
  }

  #tones(digits, ways, silence) {
    let at = 0;
    for (const digit of digits) {
      const timer = setTimeout(() => this.muted || keyTone(digit, 0.09), at);
      ways.push(() => clearTimeout(timer));
      at += { w: 500, W: 1000 }[digit] ?? 100;
    }
    silence();
  }
}
