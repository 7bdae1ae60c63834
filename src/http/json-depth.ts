const [QUOTE, BACKSLASH] = [0x22, 0x5c];
/** `[` and `{`; each closing bracket comes two places after its opening one. */
const [SQUARE, CURLY] = [0x5b, 0x7b];

/** How deep the brackets of a JSON text in UTF-8 are nested. Of a text that is no JSON, how deep they are for as far as they go. */
export function depthOf(text: Uint8Array): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at];
    if (byte === QUOTE) at = endOfString(text, at);
    else if (byte === SQUARE || byte === CURLY) deepest = Math.max(deepest, (depth += 1));
    else if (byte === SQUARE + 2 || byte === CURLY + 2) depth -= 1;
  }
  return deepest;
}

/** Where the string that begins at `start` has its closing quote. */
function endOfString(text: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== QUOTE) at += text[at] === BACKSLASH ? 2 : 1;
  return at;
}
