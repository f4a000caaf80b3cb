/** What a measurement is, and how it is told. */
import { fileURLToPath } from "node:url";
import { importArgs } from "../local/import_map.ts";

/** Two things that were done in turn, several times over: how they compare. */
export interface Line {
  /** What was done, e.g. `upload 10 MB, plain HTTP`. */
  what: string;
  /** What was measured of it, with its unit, e.g. `CPU ms`. */
  measure: string;
  /** What ours is compared with. */
  than: string;
  /** Medians over the rounds. */
  ours: number;
  theirs: number;
  /** Median of each round's own ratio, ours to theirs. */
  ratio: number;
  rounds: number;
  /** The ratio should not be above this. */
  goal?: number;
  /** The ratio should not be below this. */
  least?: number;
  /** Our own figure should not be above this, in the unit of `measure`. */
  most?: number;
}

export type Report = (line: Line) => void;

export function median(values: number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** Compares what was measured in the same rounds. */
export function compare(
  line: Omit<Line, "ours" | "theirs" | "ratio" | "rounds">,
  ours: number[],
  theirs: number[],
): Line {
  return {
    ...line,
    ours: median(ours),
    theirs: median(theirs),
    ratio: median(ours.map((value, round) => value / theirs[round])),
    rounds: ours.length,
  };
}

/** `ok`, or what was missed; empty where there is no goal. */
export function verdict({ ratio, ours, goal, least, most }: Line): string {
  if (goal !== undefined && ratio > goal) return `above ${goal} ×`;
  if (least !== undefined && ratio < least) return `below ${least} ×`;
  if (most !== undefined && ours > most) return `above ${most}`;
  return [goal, least, most].some((wanted) => wanted !== undefined) ? "ok" : "";
}

/** Runs a module of this folder in a process of its own; what it prints is one JSON value. */
export async function inProcess<T>(
  module: string,
  args: unknown,
  { deno = Deno.execPath(), env = {} }: { deno?: string; env?: Record<string, string> } = {},
): Promise<T> {
  const { code, stdout, stderr } = await new Deno.Command(deno, {
    args: ["run", "-A", "--no-lock", ...importArgs, here(module), JSON.stringify(args)],
    env: { DENO_NO_UPDATE_CHECK: "1", ...env },
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** This one, and the one that the edge runtime is built on. */
export async function bothDenos(): Promise<string[]> {
  const { stdout } = await new Deno.Command("npx", {
    args: ["--yes", "deno@2.1.4", "eval", "console.log(Deno.execPath())"],
  }).output();
  return [Deno.execPath(), new TextDecoder().decode(stdout).trim()];
}

export function here(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
