// TwiML laid out and coloured. It stays text throughout, so an answer cannot put markup into the page.
// Not read by the browser's parser: what is broken is shown as it came.

import { make } from "./dom.js";

const TOKENS = /<[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>|[^<]+|</g;
const PARTS = /^(<[/?!]?)([\w:-]*)(.*?)([/?]?>)$/s;
const ATTRIBUTE = /(\s+)([\w:-]+)(\s*=\s*)("[^"]*"|'[^']*')/g;

/** Return nodes that show a document, one element a line. */
export function highlighted(source) {
  const out = [];
  let depth = 0;
  let inline = false;
  const newLine = () => out.push(`${out.length ? "\n" : ""}${"  ".repeat(depth)}`);
  for (const [token] of source.trim().matchAll(TOKENS)) {
    if (!PARTS.test(token)) {
      if (!token.trim()) continue;
      if (!inline) newLine();
      out.push(token.trim());
      continue;
    }
    const closes = token.startsWith("</");
    if (closes) depth = Math.max(0, depth - 1);
    if (!closes || !inline) newLine();
    out.push(...tag(token));
    inline = !closes && /^<\w/.test(token) && !token.endsWith("/>");
    if (inline) depth += 1;
  }
  return out;
}

function tag(token) {
  const [, begin, name, attributes, end] = token.match(PARTS);
  const out = [mark("p", begin), mark("t", name)];
  let at = 0;
  for (const found of attributes.matchAll(ATTRIBUTE)) {
    const [whole, space, key, equals, value] = found;
    out.push(attributes.slice(at, found.index), space, mark("a", key), mark("p", equals), mark("v", value));
    at = found.index + whole.length;
  }
  return [...out, attributes.slice(at), mark("p", end)];
}

function mark(kind, text) {
  return make("span", { class: `x-${kind}` }, text);
}
