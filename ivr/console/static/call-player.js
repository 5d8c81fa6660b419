// Plays a call as the caller heard it: the clips of each turn, cut short where a key cut them, pauses made shorter, and
// a tone for each key. Where the carrier's own voice spoke, this browser's speaks instead, or its words are shown as long.

const PAUSE_MAX_S = 1.5;
const TONE_S = 0.16;
const READ_S = 0.06; // for each letter, where nothing can speak
const ROWS = [697, 770, 852, 941];
const COLUMNS = [1209, 1336, 1477];
const KEYS = "123456789*0#";

export class Player {
  #run = 0;
  #audio = new Audio();
  #tones = null;
  #paused = false;
  #resume = null;
  #interrupt = null;

  constructor(bar, story) {
    this.bar = bar;
    this.story = story;
    const find = (id) => bar.querySelector(`#${id}`);
    [this.now, this.progress, this.pauseButton] = [find("now"), find("progress"), find("pause")];
    this.pauseButton.addEventListener("click", () => (this.#paused ? this.#goOn() : this.#pause()));
    find("stop").addEventListener("click", () => this.stop());
  }

  get busy() {
    return !this.bar.hidden;
  }

  /** Play one turn, or the whole call. */
  async play(turn = "") {
    this.stop();
    const run = ++this.#run;
    const scenes = [...this.story.querySelectorAll(".scene")].filter((scene) => !turn || scene.dataset.number === turn);
    this.bar.hidden = false;
    this.#showPaused(false);
    this.progress.max = scenes.length;
    for (const [index, scene] of scenes.entries()) {
      this.progress.value = index;
      this.now.textContent = `Turn ${scene.dataset.number} of ${this.story.querySelectorAll(".scene").length}: ${scene.dataset.title}`;
      scene.classList.add("playing");
      if (!turn) scene.scrollIntoView({ block: "nearest" });
      const heard = await this.#scene(scene, run);
      if (run !== this.#run) return;
      if (!turn) await this.#between(scene, heard, run);
      if (run !== this.#run) return;
      scene.classList.remove("playing");
    }
    this.progress.value = scenes.length;
    this.stop();
  }

  stop() {
    this.#run += 1;
    this.#audio.pause();
    window.speechSynthesis?.cancel();
    this.#interrupt?.();
    this.#resume?.();
    this.#paused = false;
    for (const playing of this.story.querySelectorAll(".playing")) playing.classList.remove("playing");
    this.bar.hidden = true;
  }

  #pause() {
    this.#showPaused(true);
    this.#audio.pause();
    window.speechSynthesis?.pause();
  }

  #goOn() {
    this.#showPaused(false);
    if (this.#audio.src && !this.#audio.ended) this.#audio.play().catch(() => {});
    window.speechSynthesis?.resume();
    this.#resume?.();
  }

  #showPaused(paused) {
    this.#paused = paused;
    for (const part of this.pauseButton.querySelectorAll("[data-state]")) {
      part.hidden = (part.dataset.state === "paused") !== paused;
    }
  }

  /** Let what is said in a turn be heard; return for how many seconds. */
  async #scene(scene, run) {
    const most = Number(scene.dataset.cut ?? Infinity);
    let heard = 0;
    for (const said of scene.querySelectorAll(".said")) {
      said.classList.add("playing");
      const clips = said.dataset.clips.split(" ").filter(Boolean);
      if (!clips.length) heard += await this.#speak(said.textContent);
      for (const clip of clips) {
        if (run !== this.#run || heard >= most) break;
        heard += await this.#clip(clip, most - heard);
      }
      said.classList.remove("playing");
      if (run !== this.#run || heard >= most) break;
    }
    return heard;
  }

  /** What the caller did, after a pause: as long as theirs, but never long. */
  async #between(scene, heard, run) {
    const after = Number(scene.dataset.after ?? 0);
    await this.#wait(Math.max(0.25, Math.min(PAUSE_MAX_S, after - heard)));
    for (const key of scene.dataset.keys.match(/^[\d*#•]+$/)?.[0] ?? "") {
      if (run !== this.#run) return;
      this.#tone(key);
      await this.#wait(TONE_S + 0.06);
    }
    await this.#wait(0.3);
  }

  #clip(address, most) {
    const audio = this.#audio;
    return new Promise((resolve) => {
      const done = () => {
        audio.onended = audio.onerror = audio.ontimeupdate = this.#interrupt = null;
        audio.pause();
        resolve(Math.min(audio.currentTime || 0, most));
      };
      audio.onended = audio.onerror = this.#interrupt = done;
      audio.ontimeupdate = () => audio.currentTime >= most && done();
      audio.src = address;
      if (!this.#paused) audio.play().catch(() => this.#paused || done());
    });
  }

  async #speak(text) {
    const began = performance.now();
    const voices = window.speechSynthesis?.getVoices() ?? [];
    if (voices.length) {
      await new Promise((resolve) => {
        const utterance = new SpeechSynthesisUtterance(text);
        utterance.onend = utterance.onerror = this.#interrupt = resolve;
        window.speechSynthesis.speak(utterance);
      });
    } else {
      await this.#wait(READ_S * text.length);
    }
    return (performance.now() - began) / 1000;
  }

  async #wait(seconds) {
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, 1000 * seconds);
      this.#interrupt = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    if (this.#paused) await new Promise((resolve) => { this.#resume = resolve; });
    this.#resume = null;
  }

  /** The two tones of a key; a secret one is only a click, since which one it was is written nowhere. */
  #tone(key) {
    this.#tones ??= new AudioContext();
    const at = KEYS.indexOf(key);
    const pitches = at < 0 ? [440] : [ROWS[Math.floor(at / 3)], COLUMNS[at % 3]];
    const [now, gain] = [this.#tones.currentTime, this.#tones.createGain()];
    gain.gain.value = 0.06;
    gain.connect(this.#tones.destination);
    for (const pitch of pitches) {
      const tone = this.#tones.createOscillator();
      tone.frequency.value = pitch;
      tone.connect(gain);
      tone.start(now);
      tone.stop(now + (at < 0 ? TONE_S / 3 : TONE_S));
    }
  }
}
