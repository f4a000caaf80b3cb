/** Where in a text words come again that may have been written down a little differently. */

/** "5 mg" and "10 mg" are not the same words misheard; nor is one of them left out and the other added. */
const OTHER_NUMBER = -5;
const NUMBER = /\p{N}/u;

/** How well the wanted words end at a word. */
export interface Alignment {
  /** A point for each that is the same, less for each that is not, is missing, or is too much. */
  score: number;
  /** How many of them were compared: those before may lie before the text's beginning. */
  compared: number;
}

/**
 * For each word of a text how well all wanted ones end there. They begin anywhere in it, or before it. The
 * time that it takes grows with the product of the lengths.
 */
export function align(wanted: string[], words: string[]): Alignment[] {
  const length = wanted.length;
  const numbers = wanted.map((word) => NUMBER.test(word));
  let scores = new Int32Array(length + 1);
  /** How many wanted words lie before the text. */
  let before = Int32Array.from({ length: length + 1 }, (_, index) => index);
  return words.map((word) => {
    const number = NUMBER.test(word);
    const nextScores = new Int32Array(length + 1);
    const nextBefore = new Int32Array(length + 1);
    for (let index = 0; index < length; index++) {
      const same = wanted[index] === word ? 1 : number || numbers[index] ? OTHER_NUMBER : -1;
      let [score, skipped] = [scores[index] + same, before[index]];
      const added = scores[index + 1] + (number ? OTHER_NUMBER : -1);
      if (added > score) {
        [score, skipped] = [added, before[index + 1]];
      }
      const missing = nextScores[index] + (numbers[index] ? OTHER_NUMBER : -1);
      if (missing > score) {
        [score, skipped] = [missing, nextBefore[index]];
      }
      nextScores[index + 1] = score;
      nextBefore[index + 1] = skipped;
    }
    scores = nextScores;
    before = nextBefore;
    return { score: scores[length], compared: length - before[length] };
  });
}
