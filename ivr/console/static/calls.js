// The list of calls. It works without this, too.
// A small menu shuts when somebody presses Escape or goes elsewhere.
const drops = [...document.querySelectorAll("details.drop")];

document.addEventListener("click", (event) => {
  for (const drop of drops) if (!drop.contains(event.target)) drop.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const drop of drops.filter((one) => one.open)) {
    drop.open = false;
    drop.querySelector("summary").focus();
  }
});

// Says when newer calls have come, and leaves the list as it is being read. Short questions, as on the live page; a list
// that nobody looks at asks nothing.
const PAUSE_MS = 10_000;
const JITTER_MS = 2_000; // so that fifty lists do not ask at once
const PATIENCE_MS = 5_000;
const newer = document.getElementById("newer");
const title = document.title;
let timer = 0;

async function ask() {
  clearTimeout(timer);
  if (document.hidden) return;
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const headers = { Accept: "application/json" };
  const answer = await fetch(newer.dataset.ask, { headers, signal, cache: "no-store" }).catch(() => null);
  if (answer?.status === 401 || answer?.status === 403) return; // signed out: the next click says so
  const words = answer?.ok ? (await answer.json().catch(() => ({}))).newer : undefined;
  if (words !== undefined) say(words);
  again();
}

function say(words) {
  const link = newer.querySelector("a");
  link.hidden = !words;
  if (link.textContent !== words) link.textContent = words;
  document.title = words ? `(${words.match(/\d+/)}) ${title}` : title;
}

function again() {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(ask, PAUSE_MS + Math.random() * JITTER_MS);
}

if (newer) {
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : ask()));
  again();
}
