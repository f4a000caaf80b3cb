/** `@std/assert` over `node:assert`: the names that the tests use, for networks without JSR. */
import nodeAssert, { AssertionError } from "node:assert";
import { isDeepStrictEqual } from "node:util";

export { AssertionError };

type ErrorClass<E extends Error> = new (...args: never[]) => E;

export function assert(condition: unknown, message?: string): asserts condition {
  nodeAssert.ok(condition, message ?? "expected a truthy value");
}

export function assertFalse(condition: unknown, message?: string): asserts condition is false {
  nodeAssert.ok(!condition, message ?? "expected a falsy value");
}

export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  nodeAssert.deepStrictEqual(actual, expected, message as string);
}

export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  nodeAssert.notDeepStrictEqual(actual, expected, message as string);
}

export function assertExists<T>(actual: T, message?: string): asserts actual is NonNullable<T> {
  nodeAssert.ok(actual !== undefined && actual !== null, message ?? "expected a value");
}

export function assertMatch(actual: string, expected: RegExp, message?: string): void {
  nodeAssert.match(actual, expected, message as string);
}

export function assertNotMatch(actual: string, expected: RegExp, message?: string): void {
  nodeAssert.doesNotMatch(actual, expected, message as string);
}

export function assertStringIncludes(actual: string, expected: string, message?: string): void {
  nodeAssert.ok(
    actual.includes(expected),
    message ?? `expected ${JSON.stringify(actual)} to contain ${JSON.stringify(expected)}`,
  );
}

export function assertArrayIncludes<T>(
  actual: ArrayLike<T>,
  expected: ArrayLike<T>,
  message?: string,
): void {
  const all = Array.from(actual);
  const missing = Array.from(expected).filter((item) =>
    !all.some((other) => isDeepStrictEqual(other, item))
  );
  nodeAssert.deepStrictEqual(missing, [], message as string);
}

export function assertObjectMatch(
  actual: Record<PropertyKey, unknown>,
  expected: Record<PropertyKey, unknown>,
  message?: string,
): void {
  nodeAssert.deepStrictEqual(pick(actual, expected), expected, message as string);
}

/** The part of `actual` that `expected` speaks of. */
function pick(actual: unknown, expected: unknown): unknown {
  if (Array.isArray(actual) && Array.isArray(expected)) {
    return actual.map((item, index) => index in expected ? pick(item, expected[index]) : item);
  }
  if (!isRecord(actual) || !isRecord(expected)) return actual;
  return Object.fromEntries(
    Object.keys(expected).filter((key) => key in actual)
      .map((key) => [key, pick(actual[key], expected[key])]),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function assertInstanceOf<T>(
  actual: unknown,
  // deno-lint-ignore no-explicit-any -- any constructor at all
  expected: abstract new (...args: any[]) => T,
  message?: string,
): asserts actual is T {
  nodeAssert.ok(actual instanceof expected, message ?? `expected an instance of ${expected.name}`);
}

export function fail(message?: string): never {
  nodeAssert.fail(message as string);
}

export function assertThrows<E extends Error = Error>(
  run: () => unknown,
  errorClass?: ErrorClass<E>,
  includes?: string,
): E {
  try {
    run();
  } catch (error) {
    return checked(error, errorClass, includes);
  }
  return fail("expected it to throw");
}

export async function assertRejects<E extends Error = Error>(
  run: () => PromiseLike<unknown>,
  errorClass?: ErrorClass<E>,
  includes?: string,
): Promise<E> {
  try {
    await run();
  } catch (error) {
    return checked(error, errorClass, includes);
  }
  return fail("expected it to reject");
}

function checked<E extends Error>(error: unknown, errorClass?: ErrorClass<E>, includes?: string) {
  const wanted = errorClass ?? Error as unknown as ErrorClass<E>;
  if (!(error instanceof wanted)) {
    fail(`expected ${wanted.name}, got ${error instanceof Error ? error.stack : String(error)}`);
  }
  if (includes !== undefined) assertStringIncludes(error.message, includes);
  return error;
}
