// `.call` files, as tests/callfile.py reads them.

const VERBS = new Set(["caller", "people", "hears", "lacks", "presses", "says", "waits", "rings", "hangs", "ends", "account"]);

/** Return the acts of a file: { number, verb, rest }. Throws an Error that names the line. */
export function parse(text) {
  const acts = [];
  text.split(/\r?\n/).forEach((raw, index) => {
    const row = (raw.startsWith("presses") ? raw : raw.split("#", 1)[0]).trim();
    if (!row) return;
    const [verb] = row.split(" ", 1);
    if (!VERBS.has(verb)) throw new Error(`Line ${index + 1}: no such act as “${verb}”.`);
    acts.push({ number: index + 1, verb, rest: row.slice(verb.length).trim() });
  });
  return acts;
}

export function download(text, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
