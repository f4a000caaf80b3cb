/** What `deno task start` is told. */
import { parseArgs } from "node:util";
import { WrongUse } from "../main.ts";
import { FAULTS } from "./faults.ts";

export interface StartOptions {
  port: number;
  /** The data stay. */
  keep: boolean;
  /** Seconds that each answer of the model's stand-in takes longer. */
  slow: number;
  /** A code: the model's stand-in fails so, until it is switched off. */
  fail?: string;
}

export const USAGE = `Usage: deno task start [--port N] [--keep] [--slow SECONDS] [--fail CODE]

  --port N        of the project's address, 54321 unless told
  --keep          the data stay when it stops, for the next start with --keep and this port
  --slow SECONDS  each answer of the model takes so much longer
  --fail CODE     the model fails so, until it is switched off on the page of faults:
                  ${Object.keys(FAULTS).join(", ")}`;

/** @throws WrongUse, with the usage. */
export function startOptions(args: string[]): StartOptions {
  const { port, keep, slow, fail } = parsed(args);
  const wrong = (what: string) => new WrongUse(`${what}\n${USAGE}`);
  const chosen = Number(port);
  if (!Number.isInteger(chosen) || chosen < 1 || chosen > 65535) {
    throw wrong(`--port ${port} is no port: give a number from 1 to 65535.`);
  }
  const seconds = Number(slow);
  if (slow === "" || !(seconds >= 0 && seconds <= 600)) {
    throw wrong(`--slow ${slow} is no time: give seconds, from 0 to 600.`);
  }
  if (fail !== undefined && !Object.hasOwn(FAULTS, fail)) {
    throw wrong(`--fail ${fail} is no fault that can be made here.`);
  }
  return { port: chosen, keep, slow: seconds, fail };
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        port: { type: "string", default: "54321" },
        keep: { type: "boolean", default: false },
        slow: { type: "string", default: "0" },
        fail: { type: "string" },
      },
    }).values;
  } catch (error) {
    throw new WrongUse(`${(error as Error).message}\n${USAGE}`);
  }
}
