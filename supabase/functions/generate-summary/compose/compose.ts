/** Composes a summary from segments: one call, checks in code, and one repair when they find faults. */
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
import { type AskDeps, type Asked, createAsk, secondsLeft, type ThinkingLevel } from "./ask.ts";
import { fittingDraft, inputOf, type StoredDraft } from "./draft.ts";
import { incomplete } from "./incomplete.ts";
import { judge, saysNothing } from "./judge.ts";
import { compositionInput, repairInput } from "./prompt.ts";
import { renderMarkdown } from "./render.ts";
import { type Answer, isUsable, repair, type UsableAnswer } from "./repair.ts";
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

export interface ComposeDeps extends AskDeps {
  /** How many attempts the job has left, this one included. */
  triesLeft: number;
  /** Whether the job ends with this error of a repair, which passes; throws when another attempt follows. */
  endsWith(error: AppError): Promise<boolean>;
  /** Is told what is done, once composing is over. */
  enter(stage: "checking"): void;
  /** Keeps an answer for the attempts to come, in the place of the one before; what it throws is thrown. */
  keepDraft(draft: StoredDraft): Promise<void>;
}

/**
 * Composes the summary of a consultation. Segments are numbered `s1`, `s2`… over all recordings in
 * the order given. What the checks find is sent back once; the better of the two answers is taken,
 * and what is still wrong with it stands as warnings. An answer with faults is kept before it is
 * repaired, and an attempt that is given the draft pays for the repair only. What is missing stands
 * before everything else, and as warnings on the first section.
 *
 * Throws `no_clinical_content` when there is no segment, and as `repair` does; and what `generate`
 * throws on the first call.
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
  const { log } = deps;
  const segments = numbered(recordings);
  if (segments.length === 0) throw new AppError("no_clinical_content");

  const text = compositionInput(template, submittedBy, segments);
  const input = await inputOf(text);
  const stored = fittingDraft(draft, input);
  const calls: ModelCall[] = [];
  const usage = () => addUsage(stored?.usage, usageOf(calls));
  const ask = createAsk({ template, submittedBy }, {
    ...deps,
    book(call) {
      calls.push(call);
      deps.book(call);
    },
  });
  const judged = ({ value, model }: Asked): Answer => (
    { value, model, ...judge(value, segments, template) }
  );
  const keep = ({ value, model }: Answer) =>
    deps.keepDraft({ input, value, model, usage: usage() });

  const first = judged(stored ?? await ask("MEDIUM", text));
  async function repaired(): Promise<UsableAnswer> {
    if (!stored) await keep(first);
    deps.enter("checking");
    const again = async () =>
      judged(await ask(repairLevel(first, deps), text, repairInput(first.value, first.objections)));
    const { triesLeft, endsWith } = deps;
    return await repair(first, { segments, again, keep, triesLeft, endsWith, log });
  }
  const sound = isUsable(first) && first.objections.length === 0;
  const { sections, model, objections } = sound ? first : await repaired();
  log.info("composed", {
    model,
    attempt: usage().calls,
    count: objections.length,
    tokens: usage().output_tokens,
  });
  const { note, warnings } = incomplete(recordings, missing, template.language);
  const [opening, ...others] = sections;
  return {
    sections: [{ ...opening, warnings: [...warnings, ...opening.warnings] }, ...others],
    summary: note + renderMarkdown(sections, template),
    model,
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
