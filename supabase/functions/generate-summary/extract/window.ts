/** Asks the model for one window of a recording, or for a picture, and reads what it says. */
import type { Limits } from "../core/clock.ts";
import type { Extraction, TimeWindow, Usage } from "../core/domain.ts";
import { AppError } from "../core/errors.ts";
import { PROMPT_VERSION } from "../core/prompt_version.ts";
import type { GenerateRequest, Model, ModelFile } from "../models/model.ts";
import { loops, readAnswer } from "./answer.ts";
import type { MediaType } from "./media_types.ts";
import { AUDIO_SCHEMA, AUDIO_SYSTEM, IMAGE_SCHEMA, IMAGE_SYSTEM } from "./prompt.ts";

/**
 * About what the model writes in the time of a call: a window with more to say ends as cut off, and
 * gets smaller, instead of timing out.
 */
const MAX_WINDOW_TOKENS = 10_240;
/** An answer out of shape is asked for once more, with its fault. */
const ANSWERS = 2;

type Heard = Pick<Extraction, "segments" | "found" | "model" | "prompt_version">;

/**
 * What is said in a window, or is on a picture. What was paid for is counted in `usage`, also for
 * answers that were no use. Throws `file_not_heard`, `model_truncated` when the answer was cut off or
 * turns in circles, `model_answer`, and what `Model.generate` throws.
 */
export async function hearWindow(
  file: ModelFile,
  kind: MediaType["kind"],
  window: TimeWindow,
  usage: Usage,
  { model, deadline, signal, triesLeft }: Limits & { model: Model; triesLeft: number },
): Promise<Heard> {
  const audio = kind === "audio";
  const request = (fault?: string): GenerateRequest => ({
    system: audio ? AUDIO_SYSTEM : IMAGE_SYSTEM,
    parts: [
      { file },
      { text: JSON.stringify({ task: "extract", kind, window: audio ? window : null, fault }) },
    ],
    schema: audio ? AUDIO_SCHEMA : IMAGE_SCHEMA,
    maxOutputTokens: MAX_WINDOW_TOKENS,
    thinkingLevel: "LOW",
    usage,
    deadline,
    signal,
  });
  const answers = Math.max(1, Math.min(ANSWERS, triesLeft));
  let fault: string | undefined;
  for (let asked = 0; asked < answers; asked++) {
    const answer = await model.generate(request(fault));
    // Without tokens of audio the model made it all up.
    if (audio && !answer.audioTokens) throw new AppError("file_not_heard");
    const read = readAnswer(kind, answer.value, window);
    fault = read.fault;
    if (read.fault !== undefined) continue;
    if (loops(read.segments)) throw new AppError("model_truncated");
    const { segments, found } = read;
    return { segments, found, model: answer.model, prompt_version: PROMPT_VERSION };
  }
  throw new AppError("model_answer", { tries: answers });
}
