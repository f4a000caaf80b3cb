/**
 * What the tests use of `@std/assert` 1.0.19, for networks without JSR: the same overloads and the same
 * verdicts, held by `tests/local/npm_stand_ins_test.ts`. What is said on failure comes from `node:assert`.
 */
import { deepStrictEqual } from "node:assert";
import { stripVTControlCharacters } from "node:util";

class AssertionError extends Error {
  override name = "AssertionError";
}

// deno-lint-ignore no-explicit-any -- any constructor at all
type ErrorClass<E extends Error> = abstract new (...args: any[]) => E;
type Falsy = false | 0 | 0n | "" | null | undefined;
type List<T> = ArrayLike<T> & object;

export function assert(condition: unknown, message = ""): asserts condition {
  if (!condition) throw new AssertionError(message);
}

export function assertFalse(condition: unknown, message = ""): asserts condition is Falsy {
  if (condition) throw new AssertionError(message);
}

export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  if (!equal(actual, expected)) {
    failed("Values are not equal", difference(actual, expected), message);
  }
}

export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  if (equal(actual, expected)) failed("Values are equal", show(actual), message);
}

export function assertMatch(actual: string, expected: RegExp, message?: string): void {
  if (!expected.test(actual)) failed(`Expected to match ${expected}`, actual, message);
}

export function assertNotMatch(actual: string, expected: RegExp, message?: string): void {
  if (expected.test(actual)) failed(`Expected not to match ${expected}`, actual, message);
}

export function assertStringIncludes(actual: string, expected: string, message?: string): void {
  if (!actual.includes(expected)) failed(`Expected to contain ${show(expected)}`, actual, message);
}

export function assertArrayIncludes<T>(actual: List<T>, expected: List<T>, message?: string): void {
  const all = Array.from(actual);
  const missing = Array.from(expected).filter((item) => !all.some((other) => equal(item, other)));
  if (missing.length > 0) failed(`Expected to include ${show(missing)}`, show(all), message);
}

export function assertThrows(run: () => unknown, message?: string): unknown;
export function assertThrows<E extends Error = Error>(
  run: () => unknown,
  errorClass: ErrorClass<E>,
  includes?: string,
  message?: string,
): E;
export function assertThrows<E extends Error>(
  run: () => unknown,
  ...wanted: [string?] | [ErrorClass<E>, string?, string?]
): unknown {
  try {
    run();
  } catch (error) {
    return checked(error, wanted);
  }
  return failed("Expected function to throw", "", messageOf(wanted));
}

export function assertRejects(run: () => PromiseLike<unknown>, message?: string): Promise<unknown>;
export function assertRejects<E extends Error = Error>(
  run: () => PromiseLike<unknown>,
  errorClass: ErrorClass<E>,
  includes?: string,
  message?: string,
): Promise<E>;
export async function assertRejects<E extends Error>(
  run: () => PromiseLike<unknown>,
  ...wanted: [string?] | [ErrorClass<E>, string?, string?]
): Promise<unknown> {
  let promise: PromiseLike<unknown> | undefined;
  try {
    promise = run();
  } catch { /* It has to reject: see below. */ }
  if (typeof promise !== "object" || typeof promise?.then !== "function") {
    failed("Function throws when expected to reject", "", messageOf(wanted));
  }
  try {
    await promise;
  } catch (error) {
    return checked(error, wanted);
  }
  return failed("Expected function to reject", "", messageOf(wanted));
}

type Wanted<E extends Error> = [string?] | [ErrorClass<E>, string?, string?];

const messageOf = <E extends Error>([first, , third]: Wanted<E>) =>
  typeof first === "string" ? first : third;

/** Without a class anything may be thrown, and is given back as it is. */
function checked<E extends Error>(error: unknown, wanted: Wanted<E>): unknown {
  const [errorClass, includes] = wanted;
  if (typeof errorClass !== "function") return error;
  if (!(error instanceof errorClass)) {
    const what = error instanceof Error ? error.stack ?? String(error) : show(error);
    failed(`Expected error to be instance of ${errorClass.name}`, what, messageOf(wanted));
  }
  const said = stripVTControlCharacters(error.message);
  if (includes && !said.includes(stripVTControlCharacters(includes))) {
    failed(`Expected error message to include ${show(includes)}`, said, messageOf(wanted));
  }
  return error;
}

function failed(what: string, details: string, message?: string): never {
  throw new AssertionError(`${what}${message ? `: ${message}` : "."}\n${details}`);
}

const show = (value: unknown) => Deno.inspect(value, { depth: 9 });

function difference(actual: unknown, expected: unknown): string {
  try {
    deepStrictEqual(actual, expected);
  } catch (error) {
    return (error as Error).message;
  }
  return `${show(actual)}\n${show(expected)}`;
}

/**
 * Other than `node:assert`'s: 0 is -0, an object without a prototype is like one with Object's, and
 * errors differ by their stacks.
 */
function equal(a: unknown, b: unknown, seen = new Map<unknown, unknown>()): boolean {
  if (a === b || Object.is(a, b)) return true;
  if (!isObject(a) || !isObject(b)) return false;
  if (a instanceof Date && b instanceof Date) return Object.is(a.getTime(), b.getTime());
  if (kindOf(a) !== kindOf(b)) return false;
  if (a instanceof ArrayBuffer && b instanceof ArrayBuffer) {
    return equal(new Uint8Array(a), new Uint8Array(b));
  }
  if (TEXTUAL.some((kind) => Object.getPrototypeOf(a) === kind.prototype)) {
    return String(a) === String(b);
  }
  if (seen.get(a) === b) return true;
  if (Object.keys(a).length !== Object.keys(b).length) return false;
  seen.set(a, b);
  if (isCollection(a) && isCollection(b)) {
    const others = [...b];
    return a.size === b.size &&
      [...a].every((item) => others.some((other) => equal(item, other, seen)));
  }
  return keysOf(a, b).every((key) => key in a === key in b && equal(a[key], b[key], seen));
}

const TEXTUAL = [RegExp, URL, URLSearchParams, Intl.Locale];

function isObject(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === "object" && value !== null;
}

const isCollection = (value: unknown) => value instanceof Set || value instanceof Map;

const kindOf = (value: object) => Object.getPrototypeOf(value) ?? Object.prototype;

function keysOf(a: object, b: object): PropertyKey[] {
  if ([Object.prototype, Array.prototype].includes(kindOf(a))) {
    return Reflect.ownKeys({ ...a, ...b });
  }
  if (ArrayBuffer.isView(a) && !(a instanceof DataView)) return Object.keys(a);
  return [...inherited(a), ...inherited(b)];
}

function inherited(value: object | null): PropertyKey[] {
  if (value === null || value === Object.prototype) return [];
  return [...Reflect.ownKeys(value), ...inherited(Object.getPrototypeOf(value))];
}
