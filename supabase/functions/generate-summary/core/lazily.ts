/** What is made when it is first needed. */

/** Gives what `make` makes, which is called once; after it failed, again at the next need. */
export function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () =>
    made ??= make().catch((error) => {
      made = undefined;
      throw error;
    });
}

/** The same for what needs no waiting: an isolate that never needs it has not paid for it. */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
