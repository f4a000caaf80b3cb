/** Composes a summary from segments: one call, checks in code, a repair of what they find, a second reader. */
import {
  addUsage,
  type MissingStretch,
  type ModelCall,
  type Recording,
  type Segment,
  type Submitter,
  type Usage,
  usageOf,
} from "../core/domain.ts";
import { AppError } from "../core/errors.ts";
import { PROMPT_VERSION } from "../core/prompt_version.ts";
import type { Json } from "../models/json.ts";
import { type AskDeps, type Asked, createAsk, secondsLeft, type ThinkingLevel } from "./ask.ts";
import { fittingDraft, hashOf, type StoredDraft } from "./draft.ts";
import { incomplete } from "./incomplete.ts";
import { judge, saysNothing } from "./judge.ts";
import { flaggedIn } from "./mend.ts";
import { compositionInput, compositionSchema, mendingSchema } from "./prompt.ts";
import { renderMarkdown } from "./render.ts";
import { type Answer, isUsable, repair, type UsableAnswer } from "./repair.ts";
import { againInput, mendingInput } from "./repair_prompt.ts";
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

/** One without segments counts, too: recordings are told apart by their number. */
interface ComposedRecording extends Pick<Recording, "recording_id" | "kind"> {
  segments: Segment[];
}

/** A summary as a second reader gets it, and what he may do. */
export interface Unread {
  sections: Section[];
  segments: NumberedSegment[];
  template: Template;
  /** What he kept of an earlier reading. */
  reading: unknown;
  /** Keeps what he says, for the attempts to come. */
  keep(reading: Json): Promise<void>;
  book(call: ModelCall): void;
}

/** The sections with what a second reader found as warnings; null: he failed. What he throws may pass. */
export type SecondReader = (unread: Unread) => Promise<Section[] | null>;

export interface ComposeDeps extends AskDeps {
  /** How many attempts the job has left, this one included. */
  triesLeft: number;
  /** Whether the job ends with this error of a repair, which passes; throws when another attempt follows. */
  endsWith(error: AppError): Promise<boolean>;
  /** Is told what is done, once composing is over. */
  enter(stage: "checking" | "verifying"): void;
  /** Keeps an answer for the attempts to come, in the place of the one before; what it throws is thrown. */
  keepDraft(draft: StoredDraft): Promise<void>;
  /** null: nobody reads it again. */
  read: SecondReader | null;
}

/**
 * Composes the summary of a consultation. Segments are numbered `s1`, `s2`… over all recordings in
 * the order given. What the checks find is sent back once; what is better for it is taken,
 * and what is still wrong with it stands as warnings, as does what a second reader doubts. An answer is
 * kept before it is repaired or read again, and an attempt that is given the draft pays for that only.
 * What is missing stands before everything else, and as warnings on the first section.
 *
 * Throws `no_clinical_content` when there is no segment, and as `repair` and `read` do; and what
 * `generate` throws on the first call.
 */
export async function compose(
  { recordings, template, submittedBy, missing, draft }: {
    recordings: ComposedRecording[];
    template: Template;
    submittedBy: Submitter;
    /** What of the recordings is in no segment. */
    missing: MissingStretch[];
    /** What an earlier attempt kept, or null. */
    draft: unknown;
  },
  deps: ComposeDeps,
): Promise<Composition> {
  const { log, read } = deps;
  const segments = numbered(recordings);
  if (segments.length === 0) throw new AppError("no_clinical_content");

  const text = compositionInput(template, submittedBy, segments);
  const input = await hashOf(text);
  const stored = fittingDraft(draft, input);
  const calls: ModelCall[] = [];
  const usage = () => addUsage(stored?.usage, usageOf(calls));
  function book(call: ModelCall): void {
    calls.push(call);
    deps.book(call);
  }
  const ask = createAsk(submittedBy, { ...deps, book });
  const schema = compositionSchema(template);
  const judged = ({ value, model }: Asked): Answer => (
    { value, model, ...judge(value, segments, template) }
  );
  const keep = (
    { value, model }: Asked,
    further: Pick<StoredDraft, "settled" | "reading"> = {},
  ) => deps.keepDraft({ input, value, model, usage: usage(), ...further });

  const first = judged(stored ?? await ask("MEDIUM", { texts: [text], schema }));
  async function repaired(): Promise<UsableAnswer> {
    if (!stored) await keep(first);
    deps.enter("checking");
    const flagged = isUsable(first) ? flaggedIn(first.answer, segments, template) : [];
    const again = () =>
      ask(
        repairLevel(first, deps),
        flagged.length > 0
          ? { texts: [text, mendingInput(flagged)], schema: mendingSchema(flagged.length) }
          : { texts: [text, againInput(first.value, first.objections)], schema },
      );
    return await repair(first, flagged, { ...deps, segments, template, again, judged, keep });
  }
  const settled = stored?.settled && isUsable(first);
  const sound = settled || isUsable(first) && first.objections.length === 0;
  const answer = sound ? first : await repaired();
  log.info("composed", {
    model: answer.model,
    attempt: usage().calls,
    count: answer.objections.length,
    tokens: usage().output_tokens,
  });

  async function readAgain(read: SecondReader): Promise<Section[] | null> {
    if (!settled) await keep(answer, { settled: true });
    deps.enter("verifying");
    return await read({
      sections: answer.sections,
      segments,
      template,
      reading: stored?.reading,
      keep: (reading) => keep(answer, { settled: true, reading }),
      book,
    });
  }
  const verified = read && await readAgain(read);
  const unread = read !== null && verified === null;
  const sections = verified ?? answer.sections;
  const { note, warnings } = incomplete(recordings, missing, template.language, unread);
  const [opening, ...others] = sections;
  return {
    sections: [{ ...opening, warnings: [...warnings, ...opening.warnings] }, ...others],
    summary: note + renderMarkdown(sections, template),
    model: answer.model,
    usage: usage(),
    prompt_version: PROMPT_VERSION,
  };
}

function numbered(recordings: ComposedRecording[]): NumberedSegment[] {
  return recordings
    .flatMap(({ recording_id, segments }, index) =>
      segments.map((segment) => ({ ...segment, recording_id, recording: index + 1 }))
    )
    .map((segment, index) => ({ ...segment, id: `s${index + 1}` }));
}

/** A second opinion takes more thought than the first; when little time is left, there is none for it. */
function repairLevel(first: Answer, { callSeconds, deadline, clock }: AskDeps): ThinkingLevel {
  if (secondsLeft(deadline, clock) < callSeconds) return "LOW";
  return saysNothing(first) ? "HIGH" : "MEDIUM";
}
