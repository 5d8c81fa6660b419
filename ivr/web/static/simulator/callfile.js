// `.call` files, as ivr/simulator/callfile.py reads them, and the line's own acts, from `account` on.

const VERBS = new Set([
  "people", "called", "fault", "caller", "hears", "lacks", "presses", "says", "waits", "rings", "reaches", "hangs", "ends",
  "is", "at", "text", "account", "closed", "message", "texts", "stops", "dispatches", "passes", "place",
]);
/** What the caller does, and so where what was heard begins anew. */
export const DEEDS = new Set(["caller", "presses", "says", "waits", "hangs"]);
const WHILE = " while ";
const PASSING = new Set(["presses", "hangs", "fault"]);

/** Return the acts of a file: { number, verb, rest, moment }. Throws an Error that names the line. */
export function parse(text) {
  const acts = [];
  text.split(/\r?\n/).forEach((raw, index) => {
    const row = raw.trim();
    if (!row || row.startsWith("#")) return;
    const [verb] = row.split(" ", 1);
    if (!VERBS.has(verb)) throw new Error(`Line ${index + 1}: no such act as “${verb}”.`);
    const said = row.slice(verb.length).trim();
    const [rest, moment = ""] = PASSING.has(verb) ? said.split(WHILE) : [said];
    acts.push({ number: index + 1, verb, rest, moment });
  });
  return acts;
}

/** Tell whether a text was heard; `...` in it stands for anything. */
export function contains(heard, text) {
  let at = 0;
  return text.split("...").every((part) => {
    const found = heard.indexOf(part.trim(), at);
    at = found + part.trim().length;
    return found >= 0;
  });
}

export function download(text, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
