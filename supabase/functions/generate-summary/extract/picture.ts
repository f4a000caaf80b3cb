/** Reads a picture: one answer, and another when that is out of shape. */
import type { Extraction } from "../core/domain.ts";
import { AppError } from "../core/errors.ts";
import type { Generation } from "../models/model.ts";
import { readImage } from "./answer.ts";
import { beforeLoop } from "./loops.ts";

/** An answer out of shape is asked for once more, with its fault. */
const ANSWERS = 2;

/**
 * What is on a picture. `ask` is told what was wrong with the answer before. Throws `model_truncated` when
 * the answer turns in circles, `model_answer` when it is out of shape, and what `ask` throws.
 */
export async function lookAt(
  ask: (fault?: string) => Promise<Generation>,
  triesLeft: number,
): Promise<Pick<Extraction, "segments" | "found" | "model">> {
  const answers = Math.max(1, Math.min(ANSWERS, triesLeft));
  let fault: string | undefined;
  for (let asked = 0; asked < answers; asked++) {
    const { text, model } = await ask(fault);
    const read = readImage(text);
    if ("fault" in read) {
      fault = read.fault;
      continue;
    }
    if (beforeLoop(read.segments).length < read.segments.length) {
      throw new AppError("model_truncated");
    }
    return { ...read, model };
  }
  throw new AppError("model_answer", { tries: answers });
}
