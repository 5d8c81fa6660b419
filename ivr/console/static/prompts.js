// One sound at a time: a press plays a clip, another press stops it.
const player = new Audio();
let pressed = null;

function shows(button, playing) {
  button?.classList.toggle("playing", playing);
  const use = button?.querySelector("use");
  use?.setAttribute("href", use.getAttribute("href").replace(/#.*/, playing ? "#stop-fill" : "#play-fill"));
}

function stop() {
  player.pause();
  shows(pressed, false);
  pressed = null;
}

player.addEventListener("ended", stop);
player.addEventListener("error", stop);

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-play]");
  if (!button) return;
  const again = button === pressed;
  stop();
  if (again) return;
  pressed = button;
  shows(button, true);
  player.src = button.dataset.play;
  player.play().catch(stop);
});

// What takes some seconds says so.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || !("slow" in event.target.dataset)) return;
  event.target.querySelector("button:not([type])")?.setAttribute("aria-busy", "true");
  const working = document.getElementById("working");
  if (working) working.hidden = false;
});
