/** Answers of a model by what was asked: written down once, read again without paying. */
import { hashOf } from "../../supabase/functions/generate-summary/compose/draft.ts";
import type {
  GenerateRequest,
  Generation,
  Model,
} from "../../supabase/functions/generate-summary/models/model.ts";

/** By `keyOf` their request: it holds the prompt's version. */
export type Recording = Record<string, Pick<Generation, "text" | "model">>;

type Generator = Pick<Model, "model" | "generate">;

/** Nobody has recorded this: prompts, schema or input are others since. */
export class NotRecorded extends Error {
  override name = "NotRecorded";

  constructor() {
    super("not recorded");
  }
}

async function keyOf({ system, parts, schema }: GenerateRequest): Promise<string> {
  const texts = parts.map((part) => "text" in part ? part.text : part.file.name);
  return await hashOf(system, JSON.stringify(schema), ...texts);
}

/** The model, each of whose answers is put into the recording. */
export function recording(model: Generator, answers: Recording): Generator {
  return {
    get model() {
      return model.model;
    },
    async generate(request) {
      const generation = await model.generate(request);
      const { text, model: served } = generation;
      answers[await keyOf(request)] = { text, model: served };
      return generation;
    },
  };
}

/** A model that says what was recorded, at no cost, and else throws `NotRecorded`. */
export function replaying(answers: Recording): Generator {
  return {
    model: "recorded",
    async generate(request) {
      const answer = answers[await keyOf(request)];
      if (!answer) throw new NotRecorded();
      return { ...answer, cut: null, audioTokens: null };
    },
  };
}
