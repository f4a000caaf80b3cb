/** Text in another language than asked for. */
import { languageOf, LANGUAGES } from "./words/languages.ts";
import { words } from "./words/text.ts";
import type { Warning } from "./warnings.ts";

/** Unicode scripts of those ISO 15924 codes that stand for several. */
const MIXED: Record<string, string[]> = {
  Jpan: ["Hira", "Kana", "Hani"],
  Kore: ["Hang", "Hani"],
  Hans: ["Hani"],
  Hant: ["Hani"],
};

/**
 * Another script than the language's, or within the Latin script the little words of another
 * language: so a few words without any of those pass. In other scripts, drug names, units and
 * abbreviations may be Latin.
 */
export function otherLanguage(text: string, asked: string): Warning[] {
  const language = languageOf(asked);
  if (!language) return [];
  const scripts = MIXED[language.script] ?? [language.script];
  if (!scripts.every(isScript)) return [];
  const wrong = language.script === "Latn"
    ? shareOf(text, scripts) < 0.7 || saysMoreIn(text, language.code)
    : foreign(text, scripts);
  return wrong ? [{ code: "other_language", detail: "" }] : [];
}

/** Whether this runtime's patterns know the script. */
function isScript(script: string): boolean {
  try {
    return Boolean(new RegExp(`\\p{sc=${script}}`, "u"));
  } catch {
    return false;
  }
}

/** Of the text's letters; 1 when it has none. */
function shareOf(text: string, scripts: string[]): number {
  const letters = text.match(/\p{L}/gu) ?? [];
  const own = new RegExp(scripts.map((script) => `\\p{sc=${script}}`).join("|"), "u");
  return letters.length === 0
    ? 1
    : letters.filter((letter) => own.test(letter)).length / letters.length;
}

function foreign(text: string, scripts: string[]): boolean {
  const latin = words(text).filter((word) => /^[a-z\u00c0-\u024f]{3,}$/.test(word)).length;
  return (latin >= 3 && shareOf(text, scripts) < 0.3) || shareOf(text, [...scripts, "Latn"]) < 0.7;
}

/** At least two little words of another language, and more than of the one asked for. */
function saysMoreIn(text: string, code: string): boolean {
  const own = LANGUAGES.find((language) => language.code === code);
  // Hindi in Latin letters takes up English; a language that isn't listed is told from English alone.
  const others = LANGUAGES.filter(({ code: other, script }) =>
    script === "Latn" && other !== code && (own ? code !== "hi-Latn" : other === "en")
  );
  const found = new Set(words(text));
  const count = (list: string[]) => list.filter((word) => found.has(word)).length;
  const least = own ? 2 : 3;
  const ours = own ? count(own.words) : 0;
  return others.some(({ words }) => count(words) >= Math.max(least, ours + 1));
}

/** The listed language that most of the little words are from; null when there are too few. */
export function guessLanguage(text: string): string | null {
  const found = new Set(words(text));
  const counted = LANGUAGES
    .map(({ code, words }) => ({ code, hits: words.filter((word) => found.has(word)).length }))
    .sort((a, b) => b.hits - a.hits);
  return counted[0].hits > counted[1].hits ? counted[0].code : null;
}
