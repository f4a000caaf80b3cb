/** A second reader: one call, in a fresh context, judges a summary statement by statement. */
import { z } from "zod";
import { readJson, secondsLeft, writable } from "../compose/ask.ts";
import type { SecondReader, Unread } from "../compose/compose.ts";
import { hashOf } from "../compose/draft.ts";
import type { Section } from "../compose/sections.ts";
import type { Clock } from "../core/clock.ts";
import { AppError, asAppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { SHORTEST_READING_MS } from "../core/times.ts";
import type { GenerateRequest, Model } from "../models/model.ts";
import { readingInput, statementsOf } from "./input.ts";
import { READING_INSTRUCTION, ReadingAnswer, readingSchema } from "./prompt.ts";
import { withVerdicts } from "./verdicts.ts";

interface ReaderDeps {
  /** The one that reads, which needn't be the one that wrote. */
  reader: Pick<Model, "model" | "generate">;
  signal: GenerateRequest["signal"];
  /** How long one call may take, in seconds. */
  callSeconds: number;
  /** Milliseconds since the epoch. */
  deadline: number;
  clock: Pick<Clock, "now">;
  /** How many attempts the job has left, this one included. */
  triesLeft: number;
  log: Log;
}

/** What was said of a summary, and of which. */
const StoredReading = z.object({ input: z.string(), answer: ReadingAnswer });

/**
 * A reader who is asked once: what he said is kept, and of the same summary he is not asked again. Nothing
 * that the model does fails the summary. With too little time left it throws `out_of_time`, as long as
 * there is another attempt, which has more; whatever else is thrown has to do with the job.
 */
export function createReader(deps: ReaderDeps): SecondReader {
  const { reader, clock, deadline, log } = deps;

  async function ask(text: string, { sections, keep, book }: Unread): Promise<ReadingAnswer> {
    if (clock.now() + SHORTEST_READING_MS > deadline) throw new AppError("out_of_time");
    const generation = await reader.generate({
      system: READING_INSTRUCTION,
      parts: [{ text }],
      schema: readingSchema(statementsOf(sections).length),
      // To compare is less than to write.
      thinkingLevel: "LOW",
      maxOutputTokens: writable(Math.min(deps.callSeconds, secondsLeft(deadline, clock))),
      book: (paid) =>
        book({ ...paid, id: crypto.randomUUID(), recording_id: null, purpose: "verify" }),
      deadline,
      signal: deps.signal,
    });
    const { data } = ReadingAnswer.safeParse(readJson(generation.text));
    if (!data) throw new AppError("model_answer");
    await keep({ input: await hashOf(reader.model, text), answer: data });
    return data;
  }

  return async (unread): Promise<Section[] | null> => {
    const { sections, segments, template, reading } = unread;
    const text = readingInput(sections, segments, template);
    const kept = StoredReading.safeParse(reading).data;
    let answer;
    try {
      const same = kept?.input === await hashOf(reader.model, text);
      answer = same ? kept.answer : await ask(text, unread);
    } catch (thrown) {
      const { code } = asAppError(thrown);
      const late = code === "out_of_time" && deps.triesLeft <= 1;
      if (!late && !code.startsWith("model_")) throw thrown;
      log.warn("verified", { code });
      return null;
    }
    const judged = withVerdicts(sections, answer, segments, template);
    const doubted =
      statementsOf(judged).filter(({ warnings }) =>
        warnings.some(({ code }) => code.startsWith("reader_"))
      ).length;
    const omitted = statementsOf(judged).length - statementsOf(sections).length;
    log.info("verified", { model: reader.model, count: doubted + omitted });
    return judged;
  };
}
