// Keeps the live page fresh: short questions, one after the other, answered with "nothing new" most of the time.
// Nothing is held open, so a console never keeps a thread of the server. A page that nobody looks at asks nothing.
const PAUSE_MS = 1100; // and up to JITTER_MS more, so that fifty pages do not ask at once
const JITTER_MS = 150;
const PATIENCE_MS = 5000; // for an answer
const STALE_MS = 4000; // without one: the page says so
const live = document.getElementById("live");
const pulse = document.getElementById("pulse");
const summary = document.getElementById("summary");
const title = document.title;
let tag = `"${live.dataset.tag}"`;
let ahead = live.dataset.at * 1000 - Date.now(); // the server's clock before this one's
let fresh = Date.now();
let timer = 0;
let asking = false;
let over = false;
let present = false;

function length(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n) => String(n).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

function tick() {
  const now = Date.now() + ahead;
  for (const each of live.querySelectorAll("[data-since]")) {
    const text = length(now - each.dataset.since * 1000);
    if (each.textContent !== text) each.textContent = text;
  }
  const silent = Date.now() - fresh;
  if (over) return;
  live.classList.toggle("stale", silent > STALE_MS);
  say(silent > STALE_MS ? "warn" : "good", silent > STALE_MS ? "Not fresh: the server does not answer, trying again" : "Live");
}

function say(kind, text) {
  pulse.hidden = false;
  if (pulse.textContent === text) return;
  pulse.className = `chip ${kind}`;
  pulse.textContent = text;
}

// As the server wrote it, but for times, which go on by themselves.
function bare(element) {
  const copy = element.cloneNode(true);
  copy.classList.remove("moved");
  if (!copy.getAttribute("class")) copy.removeAttribute("class");
  for (const each of copy.querySelectorAll("[data-since]")) each.textContent = "";
  return copy.outerHTML;
}

// Only what has changed is replaced: what has the focus, or is being read, stays.
function renew(old, next) {
  if (bare(old) === bare(next)) return;
  const keyed = [...next.children].some((child) => child.dataset.key) || [...old.children].some((child) => child.dataset.key);
  if (keyed) {
    const known = new Map([...old.children].map((child) => [child.dataset.key, child]));
    const children = [...next.children].map((child) => {
      const before = known.get(child.dataset.key);
      if (before && bare(before) === bare(child)) return before;
      child.classList.add("moved");
      if (before?.contains(document.activeElement)) queueMicrotask(() => child.querySelector("a")?.focus());
      return child;
    });
    children.forEach((child, at) => {
      if (old.children[at] !== child) old.insertBefore(child, old.children[at] ?? null);
    });
    while (old.children.length > children.length) old.lastElementChild.remove();
    return;
  }
  old.replaceChildren(...next.childNodes);
}

function show(answer) {
  const next = document.createElement("template");
  next.innerHTML = answer.html;
  for (const part of next.content.querySelectorAll("[id^=live-]")) renew(document.getElementById(part.id), part);
  live.querySelector(".scroll").className = next.content.querySelector(".scroll").className;
  if (summary.textContent !== answer.summary) summary.textContent = answer.summary;
  document.title = answer.calls === "0" ? title : `(${answer.calls}) ${title}`;
}

async function ask() {
  if (asking || over || document.hidden) return;
  asking = true;
  try {
    const answer = await fetch(`${live.dataset.now}${present ? "?present=1" : ""}`, {
      headers: { Accept: "application/json", "If-None-Match": tag },
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (answer.status === 401 || answer.status === 403) {
      over = true;
      say("bad", "You are signed out: load the page again");
      live.classList.add("stale");
      return;
    }
    if (answer.status !== 304) {
      if (!answer.ok) throw new Error(answer.status);
      show(await answer.json());
      tag = answer.headers.get("ETag");
    }
    present = false;
    fresh = Date.now();
    ahead = answer.headers.get("X-Now") * 1000 - fresh;
  } catch {
    // It is tried again; after a while the page says that it is not fresh.
  } finally {
    asking = false;
    tick();
    again();
  }
}

function again() {
  clearTimeout(timer);
  if (!document.hidden && !over) timer = setTimeout(ask, PAUSE_MS + Math.random() * JITTER_MS);
}

for (const kind of ["pointermove", "keydown", "scroll"]) {
  addEventListener(kind, () => { present = true; }, { passive: true });
}
document.addEventListener("visibilitychange", () => {
  clearTimeout(timer);
  if (!document.hidden) ask();
});
setInterval(tick, 1000);
tick();
again();
