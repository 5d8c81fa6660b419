// Small helpers for building pages; text is always text, never markup.

export const $ = (id) => document.getElementById(id);

/** Make an element. attributes: `class`, `data-...`, or properties such as `hidden`; children: elements or texts. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key in element && key !== "class") element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

export function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Change a list and keep it at its end, unless somebody has scrolled back to read. */
export function atItsEnd(list, change) {
  const box = list.closest(".scroll");
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 60;
  change();
  if (atEnd) box.scrollTop = box.scrollHeight;
}

export function append(list, item) {
  atItsEnd(list, () => list.append(item));
}
