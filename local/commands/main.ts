/** How a command begins and ends: its exit code, and one sentence where that is all there is to say. */
import { tmpdir } from "node:os";
import { Plain, plainly } from "../stack/plain.ts";
import { ending } from "../stack/signals.ts";

/** Arguments that can't be meant: the message has the usage. */
export class WrongUse extends Plain {}

/** Runs it, and ends the process with the code that it gives; with 1 when it fails, 2 by its arguments. */
export async function main(work: () => Promise<number>): Promise<never> {
  let code = 1;
  try {
    code = await work();
  } catch (error) {
    if (error instanceof WrongUse) code = 2;
    if (!ending()) console.error(plainly(error, tmpdir()) ?? error);
  }
  // Whoever stops everything ends the process.
  if (ending()) await new Promise(() => {});
  Deno.exit(code);
}
