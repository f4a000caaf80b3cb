/** One consultation: heard, composed, read again, and what faults would have been found in it. */
import { assemble } from "../../supabase/functions/generate-summary/compose/assemble.ts";
import {
  compose,
  type SecondReader,
} from "../../supabase/functions/generate-summary/compose/compose.ts";
import type { StoredDraft } from "../../supabase/functions/generate-summary/compose/draft.ts";
import { CompositionAnswer } from "../../supabase/functions/generate-summary/compose/prompt.ts";
import type {
  NumberedSegment,
  Section,
} from "../../supabase/functions/generate-summary/compose/sections.ts";
import { resolveTemplate } from "../../supabase/functions/generate-summary/compose/template.ts";
import { stem, words } from "../../supabase/functions/generate-summary/checks/words/text.ts";
import type { Clock } from "../../supabase/functions/generate-summary/core/clock.ts";
import type { ModelCall, Segment } from "../../supabase/functions/generate-summary/core/domain.ts";
import type { Log } from "../../supabase/functions/generate-summary/core/log.ts";
import type { Model } from "../../supabase/functions/generate-summary/models/model.ts";
import type { Case } from "./cases.ts";
import { findFaults, type Found, readerOf } from "./faults.ts";
import { compare, hear, type Heard } from "./hearing.ts";

export interface Evaluated {
  name: string;
  /** Whether the summary was known to be right, and not composed. */
  known: boolean;
  heard: Heard[];
  sections: Section[];
  /** Whether it was sent back, and the statements that are others since. */
  repaired: { asked: boolean; before: string[]; after: string[] };
  facts: { fact: string; present: boolean }[];
  found: Found[];
  /** Whether a second reader has judged it; null: there is none. */
  read: boolean | null;
  calls: ModelCall[];
}

export interface EvaluationDeps {
  /** What hears and composes; null: nothing does, and summaries are those that are known. */
  model: Model | null;
  reader: SecondReader | null;
  clock: Clock;
  log: Log;
  /** How often each kind of fault is planted. */
  times: number;
}

const HOUR_MS = 3_600_000;
const CALL_SECONDS = 148;

/** Throws what hearing and composing throw; null where there is no summary to look at. */
export async function evaluate(one: Case, deps: EvaluationDeps): Promise<Evaluated | null> {
  const { model, clock, times } = deps;
  const template = resolveTemplate(one.template);
  const read = deps.reader;
  const calls: ModelCall[] = [];
  const book = (call: ModelCall) => void calls.push(call);
  const heard: Heard[] = [];
  const recordings = [];
  for (const recorded of one.recordings) {
    let { segments }: { segments: Segment[] } = recorded;
    if (recorded.audio && model) {
      segments = await hear(recorded.audio.path, { ...deps, model, book });
      heard.push(compare(recorded, segments));
    }
    recordings.push({ recording_id: crypto.randomUUID(), kind: "audio" as const, segments });
  }
  const segments = numbered(recordings);
  let answer = one.answer;
  let sections = answer && assemble(answer, segments, template);
  let judged: Section[] | null = null;
  const repaired: Evaluated["repaired"] = { asked: false, before: [], after: [] };
  if (model && !answer) {
    const drafts: StoredDraft[] = [];
    const composed = await compose({
      recordings,
      template,
      submittedBy: "doctor",
      missing: [],
      draft: null,
    }, {
      generate: model.generate,
      book,
      callSeconds: CALL_SECONDS,
      deadline: clock.now() + HOUR_MS,
      clock,
      log: deps.log,
      triesLeft: 1,
      endsWith: () => Promise.resolve(true),
      enter: () => {},
      keepDraft: (draft) => Promise.resolve(void drafts.push(draft)),
      // So that there is a draft, and what he says can be told from what the code says.
      read: async (unread) => {
        sections = unread.sections;
        return judged = read ? await read(unread) : unread.sections;
      },
    });
    sections ??= composed.sections;
    const [first] = drafts;
    answer = CompositionAnswer.parse(drafts.at(-1)!.value);
    repaired.asked = !first.settled;
    const firstAnswer = CompositionAnswer.safeParse(first.value).data;
    const [before, after] = [firstAnswer, answer].map((given) => given ? textsOf(given) : []);
    repaired.before = before.filter((text) => !after.includes(text));
    repaired.after = after.filter((text) => !before.includes(text));
  }
  if (!answer || !sections) return null;
  const readIt = read && readerOf(read, segments, template, book);
  if (one.answer && readIt) judged = await readIt(sections);
  const told = textsOf(answer).join(" . ");
  return {
    name: one.name,
    known: Boolean(one.answer),
    heard,
    sections: judged ?? sections,
    repaired,
    facts: one.facts.map((fact) => ({ fact, present: tells(told, fact) })),
    found: await findFaults(answer, segments, template, { times, read: readIt }),
    read: read && judged !== null,
    calls,
  };
}

const textsOf = ({ sections }: CompositionAnswer) =>
  sections.flatMap(({ statements }) => statements.map(({ text }) => text));

function numbered(recordings: { recording_id: string; segments: Segment[] }[]): NumberedSegment[] {
  return recordings.flatMap(({ recording_id, segments }, index) =>
    segments.map((segment) => ({ ...segment, recording_id, recording: index + 1 }))
  ).map((segment, index) => ({ ...segment, id: `s${index + 1}` }));
}

/** Most of what a fact is said with; all of its numbers. By words alone: another wording is missed. */
const MOST = 0.6;

export function tells(summary: string, fact: string): boolean {
  const there = new Set(words(summary).map(stem));
  const wanted = words(fact).filter((word) => /\d/.test(word) || word.length > 3);
  const has = (word: string) => there.has(stem(word));
  const numbers = wanted.filter((word) => /\d/.test(word));
  return wanted.length > 0 && numbers.every(has) &&
    wanted.filter(has).length >= MOST * wanted.length;
}
