// Keys by mouse, touch and keyboard.

import { $ } from "./dom.js";

const TYPED_INTO = "input:not([type=checkbox], [type=radio]), select, textarea";

/** press(key), call(), hangUp(): what the keys do. rung(): whether the telephone rings. */
export function keypad({ press, call, hangUp, rung }) {
  $("keypad").addEventListener("click", (event) => {
    const key = event.target.closest(".key");
    if (key) press(key.dataset.key);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.matches?.(TYPED_INTO)) return;
    if (event.key === "Escape") hangUp();
    else if (event.key === "Enter" && rung() && !event.target.closest("#incoming")) {
      event.preventDefault(); // the button that was pressed last is not meant
      call();
    } else if (event.key === "Enter" && event.target === document.body) call();
    else if (/^[0-9*#]$/.test(event.key) && allowed(event.target)) {
      event.preventDefault();
      flash(event.key);
      press(event.key);
    }
  });
}

function allowed(target) {
  return $("number-keys").checked || $("phone").contains(target);
}

function flash(key) {
  const button = document.querySelector(`.key[data-key="${CSS.escape(key)}"]`);
  button.classList.add("down");
  setTimeout(() => button.classList.remove("down"), 140);
}
