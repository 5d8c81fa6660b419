// Before the first paint, so that nobody is blinded: light or dark, as chosen here or by the system.
const chosen = () => localStorage.getItem("theme");
const system = matchMedia("(prefers-color-scheme: dark)");
function paint() {
  document.documentElement.dataset.bsTheme = chosen() ?? (system.matches ? "dark" : "light");
}
paint();
system.addEventListener("change", paint);
// Paper is white.
addEventListener("beforeprint", () => { document.documentElement.dataset.bsTheme = "light"; });
addEventListener("afterprint", paint);
