/** Reads the beginning of an answer that was cut off: its whole segments. */
import { parseJson } from "../models/json.ts";

const [QUOTE, BACKSLASH] = ['"', "\\"].map((sign) => sign.charCodeAt(0));
const OPENING = ["{", "["].map((sign) => sign.charCodeAt(0));
const CLOSING = ["}", "]"].map((sign) => sign.charCodeAt(0));
/** Of a segment: within the array within the answer's object. */
const DEPTH = 3;

/**
 * The value of JSON that breaks off, up to its last whole segment; null when it is no beginning of an
 * answer. Goes over the text once: an answer has hundreds of kilobytes.
 */
export function parseBeginning(text: string): unknown {
  let depth = 0;
  let inText = false;
  /** Where the last whole segment ends, or the array begins. */
  let end = 0;
  for (let at = 0; at < text.length; at++) {
    const sign = text.charCodeAt(at);
    if (inText) {
      if (sign === BACKSLASH) at++;
      else if (sign === QUOTE) inText = false;
    } else if (sign === QUOTE) inText = true;
    else if (OPENING.includes(sign)) {
      depth++;
      if (depth === DEPTH - 1 && end === 0) end = at + 1;
    } else if (CLOSING.includes(sign)) {
      if (depth === DEPTH) end = at + 1;
      depth--;
    }
  }
  if (end === 0) return null;
  try {
    return parseJson(`${text.slice(0, end)}]}`);
  } catch {
    return null;
  }
}
