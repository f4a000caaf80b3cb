/** What tests of the composition share. */
import { assert } from "@std/assert";
import {
  compose,
  type Composition,
  type SecondReader,
} from "../../supabase/functions/generate-summary/compose/compose.ts";
import type { StoredDraft } from "../../supabase/functions/generate-summary/compose/draft.ts";
import type { StatementAnswer } from "../../supabase/functions/generate-summary/compose/prompt.ts";
import { resolveTemplate } from "../../supabase/functions/generate-summary/compose/template.ts";
import type { MissingStretch } from "../../supabase/functions/generate-summary/core/domain.ts";
import { AppError } from "../../supabase/functions/generate-summary/core/errors.ts";
import { createLog } from "../../supabase/functions/generate-summary/core/log.ts";
import type { GenerateRequest } from "../../supabase/functions/generate-summary/models/model.ts";
import { paid } from "./fake_model.ts";
import { CONSULTATIONS } from "./consultations/all.ts";
import type { Consultation } from "./consultations/script.ts";

export const DEADLINE = 1_800_000_000_000;

export interface Composing {
  requests: GenerateRequest[];
  lines: string[];
  /** The drafts that were kept, the stages that were entered, and the calls, in order. */
  steps: (StoredDraft | string)[];
  result: Composition | AppError;
}

/** What differs from an attempt that has time enough, and nothing that an earlier one kept. */
interface Attempt {
  draft?: unknown;
  missing?: MissingStretch[];
  triesLeft?: number;
  /** What one call may take, all of them may take, and each of them takes, in seconds. */
  callSeconds?: number;
  left?: number;
  takes?: number;
  /** Reads it a second time; nobody does unless told. */
  read?: SecondReader | null;
}

/** Composes with a model that gives these answers in turn; an error among them is thrown. */
export const composed = (consultation: Consultation, ...answers: unknown[]) =>
  composedWith({}, consultation, ...answers);

export async function composedWith(
  {
    draft = null,
    missing = [],
    triesLeft = 5,
    callSeconds = 50,
    left = 300,
    takes = 0,
    read = null,
  }: Attempt,
  { recordings, template, submittedBy }: Consultation,
  ...answers: unknown[]
): Promise<Composing> {
  const requests: GenerateRequest[] = [];
  const lines: string[] = [];
  const steps: Composing["steps"] = [];
  let now = DEADLINE - left * 1000;
  const result = await compose(
    { recordings, template: resolveTemplate(template), submittedBy, missing, draft },
    {
      generate: (request) => {
        const value = answers[requests.length];
        requests.push(request);
        steps.push("call");
        now += takes * 1000;
        request.book(paid({ audio_tokens: 0 }));
        if (value instanceof Error) return Promise.reject(value);
        return Promise.resolve({
          text: JSON.stringify(value),
          cut: null,
          model: `model-${requests.length}`,
          audioTokens: null,
        });
      },
      callSeconds,
      book: () => {},
      deadline: DEADLINE,
      clock: { now: () => now },
      log: createLog((line) => lines.push(line)),
      triesLeft,
      endsWith: () => Promise.resolve(false),
      read,
      enter: (stage) => steps.push(stage),
      // As the database gives it back.
      keepDraft: (draft) => Promise.resolve(void steps.push(JSON.parse(JSON.stringify(draft)))),
    },
  ).catch((error) => {
    if (error instanceof AppError) return error;
    throw error;
  });
  return { requests, lines, steps, result };
}

/** The draft that was kept last. */
export function keptBy({ steps }: Composing): StoredDraft {
  const kept = steps.findLast((step) => typeof step === "object");
  assert(typeof kept === "object");
  return kept;
}

export function ok(result: Composition | AppError): Composition {
  if (result instanceof AppError) throw result;
  return result;
}

export function textOf(request: GenerateRequest, part: number): string {
  const given = request.parts[part];
  assert("text" in given && typeof given.text === "string");
  return given.text;
}

export const first = CONSULTATIONS[0];

/** The repair of its first statement: as it should be, but for this. */
export const mending = (change: Partial<StatementAnswer>) => ({
  statements: [{ n: 1, ...first.answer.sections[0].statements[0], ...change }],
});

/** The first consultation's answer with its first statement changed. */
export function changed(change: Partial<StatementAnswer>) {
  const answer = structuredClone(first.answer);
  Object.assign(answer.sections[0].statements[0], change);
  return answer;
}
