/** What tests of the composition share. */
import { assert } from "@std/assert";
import {
  compose,
  type Composition,
} from "../../supabase/functions/generate-summary/compose/compose.ts";
import type { CompositionAnswer } from "../../supabase/functions/generate-summary/compose/prompt.ts";
import { resolveTemplate } from "../../supabase/functions/generate-summary/compose/template.ts";
import { AppError } from "../../supabase/functions/generate-summary/core/errors.ts";
import { createLog } from "../../supabase/functions/generate-summary/core/log.ts";
import type { GenerateRequest } from "../../supabase/functions/generate-summary/models/model.ts";
import { paid } from "./fake_model.ts";
import { CONSULTATIONS } from "./consultations/all.ts";
import type { Consultation } from "./consultations/script.ts";

export const DEADLINE = 1_800_000_000_000;

/** Composes with a model that gives these answers in turn; an error among them is thrown. */
export async function composed(
  { recordings, template, submittedBy }: Consultation,
  ...answers: unknown[]
): Promise<{ requests: GenerateRequest[]; lines: string[]; result: Composition | AppError }> {
  const requests: GenerateRequest[] = [];
  const lines: string[] = [];
  const result = await compose(
    { recordings, template: resolveTemplate(template), submittedBy },
    {
      generate: (request) => {
        const value = answers[requests.length];
        requests.push(request);
        request.book(paid({ audio_tokens: 0 }));
        if (value instanceof Error) return Promise.reject(value);
        return Promise.resolve({
          text: JSON.stringify(value),
          cut: null,
          model: `model-${requests.length}`,
          audioTokens: null,
        });
      },
      book: () => {},
      deadline: DEADLINE,
      log: createLog((line) => lines.push(line)),
    },
  ).catch((error) => {
    if (error instanceof AppError) return error;
    throw error;
  });
  return { requests, lines, result };
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

/** The first consultation's answer with its first statement changed. */
export function changed(change: Partial<CompositionAnswer["sections"][0]["statements"][0]>) {
  const answer = structuredClone(first.answer);
  Object.assign(answer.sections[0].statements[0], change);
  return answer;
}
