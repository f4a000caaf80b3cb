/**
 * Ctrl-C, a termination, a terminal that is closed: what was started is stopped, then the process ends
 * with 130. What fails meanwhile, because its ground goes, is not told.
 */

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
let signalled = false;

/** Whether a signal has come: the end of this process is under way. */
export const ending = () => signalled;

/** `stop` is called once, however often a signal comes. */
export function stopOnSignals(stop: () => Promise<unknown>): void {
  for (const signal of SIGNALS) {
    Deno.addSignalListener(signal, () => {
      if (signalled) return;
      signalled = true;
      const tell = console.error;
      // Packages tell of theirs by themselves.
      console.error = () => {};
      stop().catch((error) => tell(`Not all was stopped: ${error.message}`))
        .finally(() => Deno.exit(130));
    });
  }
  globalThis.addEventListener("unhandledrejection", (event) => {
    if (signalled) event.preventDefault();
  });
}
