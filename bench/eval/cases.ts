/** Consultations to evaluate on: this project's own JSON, ACI-Bench or PriMock57, as they are checked out. */
import { z } from "zod";
import { CompositionAnswer } from "../../supabase/functions/generate-summary/compose/prompt.ts";
import {
  type TemplateConfig,
  TemplateConfig as Template,
  withoutNull,
} from "../../supabase/functions/generate-summary/compose/template.ts";
import { Segment } from "../../supabase/functions/generate-summary/core/domain.ts";
import { parseCsv } from "./csv.ts";
import { mergedTurns, spoken, type Tier, tierOf } from "./text_grid.ts";

export interface Recorded {
  /** What was said, as people wrote it down; empty where nobody did. */
  segments: Segment[];
  /** The file, and who speaks in it where that is one. */
  audio?: { path: string; seconds: number; speaker: string | null };
}

export interface Case {
  name: string;
  template: TemplateConfig;
  recordings: Recorded[];
  /** What a good summary must hold, as short phrases. */
  facts: string[];
  /** A summary that is known to be right. */
  answer?: CompositionAnswer;
}

const Own = z.object({
  consultations: z.array(z.object({
    name: z.string(),
    template: Template.default({}).transform(withoutNull),
    recordings: z.array(z.object({ segments: z.array(Segment) })),
    facts: z.array(z.string()).default([]),
    answer: CompositionAnswer.optional(),
  })),
});

const AciBench = z.object({
  data: z.array(z.object({ src: z.string(), tgt: z.string(), file: z.string() })),
});

const PriMockNote = z.object({
  day: z.number(),
  consultation: z.number(),
  highlights: z.array(z.string()).default([]),
});

/** Throws an `Error` that says what was looked for when the folder holds nothing of it. */
export async function loadCases(folder: string): Promise<Case[]> {
  const files = (await filesBelow(folder)).sort();
  const grids = files.filter((path) => path.endsWith(".TextGrid"));
  if (grids.length > 0) return await priMock(folder, grids, files);
  // Its other folders hold the same dialogues, heard by other means.
  const challenge = files.filter((path) => path.includes("challenge_data/"));
  const cases: Case[] = [];
  const known = new Set<string>();
  for (const path of challenge.length > 0 ? challenge : files) {
    for (const one of await casesIn(`${folder}/${path}`)) {
      const said = JSON.stringify(one.recordings);
      if (!known.has(said)) cases.push(one);
      known.add(said);
    }
  }
  if (cases.length > 0) return cases;
  throw new Error(
    `${folder} holds no consultations: a checkout of ACI-Bench (CSV with dialogue and note) or of ` +
      'PriMock57 (transcripts/*.TextGrid), or JSON {"consultations": [{name, recordings, facts, answer}]}.',
  );
}

async function casesIn(path: string): Promise<Case[]> {
  const name = path.split("/").at(-1)!;
  if (path.endsWith(".csv")) {
    return parseCsv(await Deno.readTextFile(path)).filter(({ dialogue, note }) => dialogue && note)
      .map(({ dialogue, encounter_id, id }) =>
        dialogueOf(`${name} ${encounter_id ?? id}`, dialogue)
      );
  }
  if (!path.endsWith(".json")) return [];
  const value: unknown = JSON.parse(await Deno.readTextFile(path));
  const own = Own.safeParse(value);
  if (own.success) return own.data.consultations;
  const { data } = AciBench.safeParse(value);
  return data?.data.map(({ src, file }) => dialogueOf(`${name} ${file}`, src)) ?? [];
}

/** Who speaks there. What else stands in brackets was said, or is noise. */
const SPEAKER = /\[(doctor|patient|patient_guest|family|guest)\]/;

/** `[doctor] hello . [patient] hi .` */
function dialogueOf(name: string, dialogue: string): Case {
  const [, ...parts] = dialogue.split(SPEAKER);
  const segments = parts.flatMap((speaker, index) =>
    index % 2 === 0 ? [spoken(speaker, parts[index + 1], null)] : []
  ).filter(({ text }) => text);
  return { name, template: {}, recordings: [{ segments }], facts: [] };
}

/** A consultation is two files, one a speaker: `day1_consultation01_doctor`. */
async function priMock(folder: string, grids: string[], files: string[]): Promise<Case[]> {
  const tiers = new Map<string, (Tier & { path?: string })[]>();
  for (const grid of grids) {
    const [, name, speaker] = /([^/]+)_(doctor|patient)\.TextGrid$/.exec(grid) ?? [];
    if (!name) continue;
    const tier = tierOf(await Deno.readTextFile(`${folder}/${grid}`), speaker);
    const audio = files.find((path) => path.endsWith(`audio/${name}_${speaker}.wav`));
    tiers.set(name, [...tiers.get(name) ?? [], { ...tier, path: audio && `${folder}/${audio}` }]);
  }
  return await Promise.all([...tiers].map(async ([name, both]): Promise<Case> => {
    const note = files.find((path) => path.endsWith(`notes/${name}.json`));
    const value = note && JSON.parse(await Deno.readTextFile(`${folder}/${note}`));
    const facts = PriMockNote.safeParse(value).data?.highlights ?? [];
    const heard = both.every(({ path }) => path);
    const recordings = heard
      ? both.map(({ turns, path, seconds, speaker }): Recorded => ({
        segments: turns,
        audio: { path: path!, seconds, speaker },
      }))
      : [{ segments: mergedTurns(both) }];
    return { name, template: {}, recordings, facts };
  }));
}

async function filesBelow(folder: string, path = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/${path}`)) {
    if (name.startsWith(".")) continue;
    if (isDirectory) found.push(...await filesBelow(folder, `${path}${name}/`));
    else found.push(path + name);
  }
  return found;
}
