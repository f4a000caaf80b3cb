/** Simulated time: what is to happen, in its order. */
export interface Timeline {
  /** Seconds from the beginning. */
  now(): number;
  at(seconds: number, act: () => void): void;
  /** Until nothing is left to happen. */
  run(): void;
}

export function createTimeline(): Timeline {
  /** A binary heap by time, then by the order in which it was asked for. */
  const heap: { at: number; order: number; act: () => void }[] = [];
  let now = 0;
  let asked = 0;
  const before = (a: number, b: number) =>
    heap[a].at < heap[b].at || (heap[a].at === heap[b].at && heap[a].order < heap[b].order);
  const swap = (a: number, b: number) => [heap[a], heap[b]] = [heap[b], heap[a]];

  function pop() {
    swap(0, heap.length - 1);
    const first = heap.pop()!;
    for (let at = 0;;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && before(child, least)) least = child;
      }
      if (least === at) return first;
      swap(at, least);
      at = least;
    }
  }

  return {
    now: () => now,
    at(seconds, act) {
      heap.push({ at: Math.max(seconds, now), order: asked++, act });
      for (let at = heap.length - 1; at > 0;) {
        const parent = (at - 1) >> 1;
        if (!before(at, parent)) break;
        swap(at, parent);
        at = parent;
      }
    },
    run() {
      while (heap.length > 0) {
        const { at, act } = pop();
        now = at;
        act();
      }
    },
  };
}
