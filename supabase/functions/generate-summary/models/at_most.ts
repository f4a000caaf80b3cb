/** Lets so many run at a time; the others wait for their turn. */
export function atMost(count: number) {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async function <T>(run: () => Promise<T>): Promise<T> {
    if (running < count) running++;
    else await new Promise<void>((turn) => waiting.push(turn));
    try {
      return await run();
    } finally {
      // Whoever waits longest takes the place over.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
