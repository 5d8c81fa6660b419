// What every page of the console has: theme, menu, time zone, keyboard shortcuts. A page works without any of it.
const root = document.documentElement;
const by = (id) => document.getElementById(id);

by("zone")?.setAttribute("value", Intl.DateTimeFormat().resolvedOptions().timeZone ?? "");

by("theme")?.addEventListener("click", () => {
  const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
  localStorage.setItem("theme", next);
  root.dataset.bsTheme = next;
  document.dispatchEvent(new CustomEvent("theme"));
});

const menu = by("menu");
by("menu-button")?.addEventListener("click", (event) => {
  const open = menu.classList.toggle("open");
  event.currentTarget.setAttribute("aria-expanded", open);
});

const shortcuts = by("shortcuts");
by("help")?.addEventListener("click", () => shortcuts.showModal());

const PLACES = { c: "calls", l: "live", i: "insight", w: "work", a: "accounts" };
let going = 0;

function rows() {
  return [...document.querySelectorAll("[data-row] a[data-open]")];
}

function move(step) {
  const all = rows();
  const at = all.indexOf(document.activeElement);
  all[Math.max(0, Math.min(all.length - 1, at + step))]?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || shortcuts.open) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (Date.now() - going < 1500 && PLACES[event.key]) {
    const link = document.querySelector(`#menu a[href$="/console/${PLACES[event.key]}"]`);
    if (link) location.assign(link.href);
    going = 0;
    return;
  }
  switch (event.key) {
    case "/":
      by("search")?.focus();
      break;
    case "?":
      shortcuts.showModal();
      break;
    case "j":
      move(1);
      break;
    case "k":
      move(-1);
      break;
    case "g":
      going = Date.now();
      return;
    default:
      return;
  }
  event.preventDefault();
});

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "true";
});
