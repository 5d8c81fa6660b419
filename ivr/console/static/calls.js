// The list of calls: a small menu shuts when somebody presses Escape or goes elsewhere. It works without this, too.
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
