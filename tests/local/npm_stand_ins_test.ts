/** True of the packages from JSR and of what stands in for them, whichever map the tests run under. */
import {
  assert,
  assertArrayIncludes,
  assertEquals,
  assertFalse,
  assertMatch,
  assertNotEquals,
  assertNotMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { typeByExtension } from "@std/media-types/type-by-extension";

/** Nothing of the assertions that are tested decides about them. */
function passes(run: () => unknown): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if ((error as Error).name !== "AssertionError") throw error;
    return false;
  }
}

/** What a promise gives, or the name of its error. */
const settled = (promise: Promise<unknown>) => promise.catch((error: Error) => error.name);

const EXTENSIONS: [string, string | undefined][] = [
  ["wav", "audio/wave"],
  [".WAV", "audio/wave"],
  ["mp3", "audio/mpeg"],
  ["m4a", "audio/mp4"],
  ["mp4", "video/mp4"],
  ["3gp", "video/3gpp"],
  ["aac", "audio/aac"],
  ["ogg", "audio/ogg"],
  ["opus", "audio/ogg"],
  ["flac", "audio/x-flac"],
  ["webm", "video/webm"],
  ["aiff", "audio/x-aiff"],
  ["jpg", "image/jpeg"],
  ["png", "image/png"],
  ["webp", "image/webp"],
  ["heic", "image/heic"],
  ["pdf", "application/pdf"],
  ["m4b", undefined],
  ["jfif", undefined],
  ["", undefined],
];

Deno.test("extensions have the media types that std gives them", () => {
  for (const [extension, type] of EXTENSIONS) {
    assert(typeByExtension(extension) === type, extension);
  }
});

const circle = (value: number) => {
  const made: Record<string, unknown> = { value };
  return Object.assign(made, { made });
};
class Point {
  constructor(readonly x: number) {}
}

const COMPARED: [what: string, a: unknown, b: unknown, equal: boolean][] = [
  ["NaN", NaN, NaN, true],
  ["zeros of either sign", [0], [-0], true],
  ["an object without a prototype", Object.assign(Object.create(null), { a: 1 }), { a: 1 }, true],
  ["keys in another order", { a: 1, b: 2 }, { b: 2, a: 1 }, true],
  ["a key that is undefined", { a: undefined }, {}, false],
  ["keys that are undefined", { a: undefined }, { b: undefined }, false],
  ["a symbol as a key", { [Symbol.iterator]: 1 }, { [Symbol.iterator]: 2 }, false],
  ["a hole", new Array(1), [undefined], false],
  ["a list and an object", [], {}, false],
  ["text and a number", "1", 1, false],
  ["null and undefined", null, undefined, false],
  ["dates", new Date(5), new Date(5), true],
  ["dates that are none", new Date(NaN), new Date(NaN), true],
  ["other dates", new Date(5), new Date(6), false],
  ["patterns", /a/g, /a/g, true],
  ["other flags", /a/g, /a/i, false],
  ["addresses", new URL("http://a/b"), new URL("http://a/c"), false],
  ["bytes", new Uint8Array([1, 2]), new Uint8Array([1, 2]), true],
  ["other bytes", new Uint8Array([1, 2]), new Uint8Array([1, 3]), false],
  ["more bytes", new Uint8Array([1, 2]), new Uint8Array([1, 2, 3]), false],
  ["bytes and numbers", new Uint8Array([1]), [1], false],
  ["buffers", new Uint8Array([1]).buffer, new Uint8Array([2]).buffer, false],
  ["sets in another order", new Set([1, { a: 1 }]), new Set([{ a: 1 }, 1]), true],
  ["other sets", new Set([1, 2]), new Set([1, 3]), false],
  ["maps in another order", new Map([["a", 1], ["b", 2]]), new Map([["b", 2], ["a", 1]]), true],
  ["other maps", new Map([["a", { b: 1 }]]), new Map([["a", { b: 2 }]]), false],
  ["instances", new Point(1), new Point(1), true],
  ["other instances", new Point(1), new Point(2), false],
  ["an instance and an object", new Point(1), { x: 1 }, false],
  ["the same function", assert, assert, true],
  ["functions", () => 1, () => 1, false],
  ["errors of two places", new Error("a"), new TypeError("a"), false],
  ["circles", circle(1), circle(1), true],
  ["other circles", circle(1), circle(2), false],
];

for (const [what, a, b, equal] of COMPARED) {
  Deno.test(`assertEquals takes ${what} for ${equal ? "equal" : "different"}`, () => {
    for (const [one, other] of [[a, b], [b, a]]) {
      assert(passes(() => assertEquals(one, other)) === equal);
      assert(passes(() => assertNotEquals(one, other)) !== equal);
      assert(passes(() => assertArrayIncludes([0, one], [other])) === equal);
    }
  });
}

Deno.test("texts and truths are asserted as std does", () => {
  for (const value of [false, 0, 0n, "", null, undefined, NaN]) {
    assert(!passes(() => assert(value)) && passes(() => assertFalse(value)));
  }
  assert(passes(() => assertStringIncludes("abc", "")));
  assert(!passes(() => assertStringIncludes("abc", "B")));
  assert(passes(() => assertMatch("abc", /B/i)) && !passes(() => assertMatch("abc", /B/)));
  assert(!passes(() => assertNotMatch("abc", /B/i)));
});

/** What is thrown, the class and text that are wanted, and whether that passes. */
const THROWN: [thrown: unknown, wanted: [typeof Error, string?] | [], passes: boolean][] = [
  [new TypeError("much said"), [], true],
  ["no error", [], true],
  [undefined, [], true],
  ["no error", [Error], false],
  [new TypeError("much said"), [Error], true],
  [new TypeError("much said"), [TypeError, "said"], true],
  [new TypeError("much said"), [TypeError, ""], true],
  [new TypeError("much \x1b[1msaid"), [TypeError, "much said"], true],
  [new TypeError("much said"), [TypeError, "more"], false],
  [new TypeError("much said"), [RangeError], false],
];

Deno.test("what is thrown is taken, refused and given back as std does", async () => {
  for (const [thrown, wanted, well] of THROWN) {
    const run = () => {
      throw thrown;
    };
    const [errorClass, text] = wanted;
    const given = () => errorClass ? assertThrows(run, errorClass, text) : assertThrows(run);
    assert(passes(given) === well);
    if (well) assert(given() === thrown);

    const reject = () => Promise.reject(thrown);
    const rejected = errorClass ? assertRejects(reject, errorClass, text) : assertRejects(reject);
    const outcome = await settled(rejected);
    assert(well ? outcome === thrown : outcome === "AssertionError");
  }
});

Deno.test("what throws nothing fails, and a rejection is a promise's", async () => {
  assert(!passes(() => assertThrows(() => {})));
  const notRejected = [() => Promise.resolve(), () => undefined, () => {
    throw new TypeError("at once");
  }] as (() => Promise<void>)[];
  for (const run of notRejected) {
    for (const result of [assertRejects(run), assertRejects(run, Error)]) {
      assert(await settled(result) === "AssertionError");
    }
  }
  const thenable = { then: (_: unknown, no: (reason: unknown) => void) => no("reason") };
  assert(await assertRejects(() => thenable as PromiseLike<void>) === "reason");
});

// Of the type checker: each line after an expectation is an error, with either map.
Deno.test("without a class nothing is known of what was thrown", () => {
  const run = () => {
    throw new TypeError("said");
  };
  // @ts-expect-error: it may be anything
  assertThrows(run).message;
  // @ts-expect-error: it may be anything
  const read = async () => (await assertRejects(() => Promise.reject(run))).message;
  // @ts-expect-error: the first argument after the function is a class, or what is said on failure
  assertThrows(run, undefined, "said");
  const said: "said" | string = assertThrows(run, TypeError).message;
  assert(said === "said" && typeof read === "function");
});
