/** Words as they are compared: without case and signs, in any script. */

interface Word {
  text: string;
  /** Where it begins and ends in what it was taken from. */
  from: number;
  to: number;
}

/** Where words are not separated, each sign is one. */
const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]\p{M}*|[\p{L}\p{M}\p{N}]+/gu;

export function wordsOf(text: string): Word[] {
  return Array.from(text.matchAll(WORD), ({ 0: word, index }) => (
    { text: word.normalize("NFKC").toLowerCase(), from: index, to: index + word.length }
  ));
}

/** The end of a text from its `count`th word from behind on. */
export function lastWords(text: string, count: number): string {
  const words = wordsOf(text);
  return text.slice(words.at(-count)?.from ?? words[0]?.from ?? 0).trim();
}
