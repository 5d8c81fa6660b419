// The page of one call: its player, the shape of messages, and what is new while the call goes on.
import { Player } from "./call-player.js";
import { drawWaves } from "./call-wave.js";

const by = (id) => document.getElementById(id);
const player = new Player(by("player"), by("story"));

by("play-all")?.addEventListener("click", () => player.play());
by("story").addEventListener("click", (event) => {
  const button = event.target.closest("button.play");
  if (button) player.play(button.dataset.turn);
});
drawWaves(document);

const EVERY_S = 2;

/** Put what has happened since into the page of a call that goes on; the page is left alone while it plays. */
async function refresh() {
  const story = by("story");
  if (!story.dataset.live) return;
  if (!player.busy && !document.hidden) {
    const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } }).catch(() => null);
    if (answer?.redirected || answer?.status === 401) return;
    if (answer?.ok) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("story");
      if (fresh && !fresh.dataset.live) location.reload();
      else if (fresh && fresh.innerHTML !== story.innerHTML) {
        story.replaceChildren(...fresh.childNodes);
        drawWaves(story);
      }
    }
  }
  setTimeout(refresh, 1000 * EVERY_S);
}
setTimeout(refresh, 1000 * EVERY_S);
