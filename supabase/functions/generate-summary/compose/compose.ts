/** Composes a summary from segments: one call, checks in code, and one repair when they find faults. */
import { type Warning, WARNINGS } from "../checks/warnings.ts";
import {
  type ModelCall,
  type Segment,
  type Submitter,
  type Usage,
  usageOf,
} from "../core/domain.ts";
import { AppError, asAppError } from "../core/errors.ts";
import { parseJson } from "../models/json.ts";
import type { GenerateRequest, Generation } from "../models/model.ts";
import type { Log } from "../core/log.ts";
import { assemble } from "./assemble.ts";
import {
  CompositionAnswer,
  compositionInput,
  compositionInstruction,
  compositionSchema,
  type Objection,
  repairInput,
} from "./prompt.ts";
import { PROMPT_VERSION } from "../core/prompt_version.ts";
import { renderMarkdown } from "./render.ts";
import type { NumberedSegment, Section } from "./sections.ts";
import type { Template } from "./template.ts";

export interface Composition {
  /** As the template orders them; sections about which nothing was said have no statements. */
  sections: Section[];
  /** Markdown: what a doctor pastes into the record. */
  summary: string;
  /** The model that gave the answer that was taken. */
  model: string;
  usage: Usage;
  prompt_version: string;
}

/** Thinking included; 300 segments give well under a tenth of it. */
const MAX_SUMMARY_TOKENS = 32_768;

/**
 * Composes the summary of a consultation. Segments are numbered `s1`, `s2`… over all recordings in
 * the order given. What the checks find is sent back once; the better of the two answers is taken,
 * and what is still wrong with it stands as warnings.
 *
 * Throws `no_clinical_content` when there is nothing to summarize, `model_answer` when both answers
 * break the schema, and what `generate` throws on the first call.
 */
export async function compose(
  { recordings, template, submittedBy }: {
    recordings: { recording_id: string; segments: Segment[] }[];
    template: Template;
    submittedBy: Submitter;
  },
  { generate, book, deadline, log }: {
    generate: (request: GenerateRequest) => Promise<Generation>;
    /** Is told each request that may have been paid for. */
    book(call: ModelCall): void;
    /** Milliseconds since the epoch. */
    deadline: number;
    log: Log;
  },
): Promise<Composition> {
  const segments = numbered(recordings);
  if (segments.length === 0) throw new AppError("no_clinical_content");

  const input = compositionInput(template, submittedBy, segments);
  const calls: ModelCall[] = [];
  async function attempt(...texts: string[]): Promise<Draft> {
    const purpose = texts.length > 1 ? "repair" : "compose";
    const { text, model } = await generate({
      system: compositionInstruction(submittedBy),
      parts: texts.map((text) => ({ text })),
      schema: compositionSchema(template),
      maxOutputTokens: MAX_SUMMARY_TOKENS,
      book(paid) {
        const call = { ...paid, id: crypto.randomUUID(), recording_id: null, purpose } as const;
        calls.push(call);
        book(call);
      },
      deadline,
    });
    const value = readJson(text);
    return { model, value, ...judge(value, segments, template) };
  }

  let draft = await attempt(input);
  if (draft.objections.length > 0) {
    try {
      const second = await attempt(input, repairInput(draft.value, draft.objections));
      if (better(second, draft)) draft = second;
    } catch (error) {
      // An answer with warnings is worth more than none.
      if (!draft.sections) throw error;
      log.warn("retry", { code: asAppError(error).code });
    }
  }
  const { sections, model, objections } = draft;
  const usage = usageOf(calls);
  if (!sections) throw new AppError("model_answer");
  if (countStatements(sections) === 0) throw new AppError("no_clinical_content");
  log.info("composed", {
    model,
    attempt: usage.calls,
    count: objections.length,
    tokens: usage.output_tokens,
  });
  return {
    sections,
    summary: renderMarkdown(sections, template),
    model,
    usage,
    prompt_version: PROMPT_VERSION,
  };
}

function readJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw new AppError("model_answer");
  }
}

function numbered(recordings: { recording_id: string; segments: Segment[] }[]): NumberedSegment[] {
  return recordings
    .flatMap(({ recording_id, segments }, index) =>
      segments.map((segment) => ({ ...segment, recording_id, recording: index + 1 }))
    )
    .map((segment, index) => ({ ...segment, id: `s${index + 1}` }));
}

interface Draft {
  model: string;
  value: unknown;
  /** null: the answer breaks the schema. */
  sections: Section[] | null;
  /** What a second try may mend. */
  objections: Objection[];
}

/** Validates the answer and checks it against the segments. */
function judge(
  value: unknown,
  segments: NumberedSegment[],
  template: Template,
): Pick<Draft, "sections" | "objections"> {
  const answer = CompositionAnswer.safeParse(value);
  if (!answer.success) {
    const { path, message } = answer.error.issues[0];
    const detail = path.join(".");
    return {
      sections: null,
      objections: [{ section: null, statement: null, code: "schema", message, detail }],
    };
  }
  if (!answer.data.clinical_content) return { sections: [], objections: [] };
  const sections = assemble(answer.data, segments, template);
  const objections = sections.flatMap(({ section, warnings, statements }) => [
    ...objectionsTo(section, null, warnings),
    ...statements.flatMap(({ text, warnings }) => objectionsTo(section, text, warnings)),
  ]);
  return { sections, objections };
}

function objectionsTo(section: string, statement: string | null, warnings: Warning[]): Objection[] {
  return warnings.filter(({ code }) => WARNINGS[code].repair)
    .map(({ code, detail }) => (
      { section, statement, code, message: WARNINGS[code].message, detail }
    ));
}

/** Fewer faults, and not by leaving out statements that had none. */
function better(second: Draft, first: Draft): boolean {
  if (!second.sections || !first.sections) return second.sections !== null;
  const sound = first.sections.flatMap(({ statements }) => statements)
    .filter(({ warnings }) => warnings.length === 0).length;
  return second.objections.length < first.objections.length &&
    countStatements(second.sections) >= sound;
}

function countStatements(sections: Section[]): number {
  return sections.reduce((sum, { statements }) => sum + statements.length, 0);
}
