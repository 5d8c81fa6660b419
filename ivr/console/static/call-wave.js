// Draws the shape of a recording above its player; a click goes there. Without a shape, the player is enough.

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 56;

export function drawWaves(within) {
  for (const wave of within.querySelectorAll(".wave:empty")) draw(wave).catch(() => wave.remove());
}

async function draw(wave) {
  const answer = await fetch(wave.dataset.peaks, { headers: { Accept: "application/json" } });
  const { peaks } = answer.ok ? await answer.json() : { peaks: null };
  if (!peaks?.length) return wave.remove();
  const audio = wave.parentElement.querySelector("audio");
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${peaks.length * 3} ${HEIGHT}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true"); // the player beneath says and does the same
  const bars = peaks.map((peak, index) => {
    const bar = document.createElementNS(SVG, "rect");
    const height = Math.max(2, peak * HEIGHT);
    for (const [name, value] of Object.entries({ x: index * 3, y: (HEIGHT - height) / 2, width: 2, height })) {
      bar.setAttribute(name, value);
    }
    return bar;
  });
  svg.append(...bars);
  wave.append(svg);
  audio.addEventListener("timeupdate", () => {
    const heard = audio.duration ? (audio.currentTime / audio.duration) * bars.length : 0;
    bars.forEach((bar, index) => bar.classList.toggle("heard", index < heard));
  });
  svg.addEventListener("click", async (event) => {
    const share = event.offsetX / svg.clientWidth;
    await audio.play();
    if (audio.duration) audio.currentTime = share * audio.duration;
  });
}
