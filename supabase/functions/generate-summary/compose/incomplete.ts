/** What a summary says first: which recordings are not in it in whole, and that nobody has read it again. */
import type { Warning } from "../checks/warnings.ts";
import type { ErrorCode, MissingStretch, Recording } from "../core/domain.ts";
import { type Phrases, phrasesIn, reasonOf } from "./phrases.ts";

/** What is missing of one recording. */
interface Gap {
  kind: Recording["kind"];
  /** 1 for the first of its kind. */
  number: number;
  /** In their order; those of the same code don't touch. */
  stretches: MissingStretch[];
}

/**
 * The Markdown that stands before everything else, and the warnings for who shows sections: a line and a
 * warning for each recording of which something is missing, and for a second reader who should have read
 * it and did not. `missing` is about recordings of `recordings`, which are in order. "" and none when
 * there is nothing to say.
 */
export function incomplete(
  recordings: Pick<Recording, "recording_id" | "kind">[],
  missing: MissingStretch[],
  language: string,
  unread = false,
): { note: string; warnings: Warning[] } {
  const gaps = gapsOf(recordings, missing);
  const phrases = phrasesIn(language);
  const lines = gaps.map((gap) => `- ${line(gap, phrases)}`);
  const paragraphs = [
    ...gaps.length > 0 ? [`**⚠ ${phrases.title}**`, lines.join("\n")] : [],
    ...unread ? [`**⚠ ${phrases.unverified}**`] : [],
  ];
  return {
    note: paragraphs.map((paragraph) => `${paragraph}\n\n`).join(""),
    warnings: [
      ...gaps.map((gap): Warning => ({ code: "incomplete", detail: detail(gap) })),
      ...unread ? [{ code: "unverified", detail: "" } as const] : [],
    ],
  };
}

function gapsOf(
  recordings: Pick<Recording, "recording_id" | "kind">[],
  missing: MissingStretch[],
): Gap[] {
  const count = { audio: 0, image: 0 };
  return recordings.map(({ recording_id, kind }) => ({
    kind,
    number: ++count[kind],
    stretches: joined(missing.filter((stretch) => stretch.recording_id === recording_id)),
  })).filter(({ stretches }) => stretches.length > 0);
}

/** Those that touch and have the same code as one. */
function joined(stretches: MissingStretch[]): MissingStretch[] {
  const all: MissingStretch[] = [];
  for (const next of stretches.toSorted((a, b) => a.from_seconds - b.from_seconds)) {
    const last = all.at(-1);
    const lastEnd = last?.to_seconds ?? Infinity;
    if (last?.code !== next.code || next.from_seconds > lastEnd) all.push(next);
    else {
      const end = Math.max(lastEnd, next.to_seconds ?? Infinity);
      all[all.length - 1] = { ...last, to_seconds: end === Infinity ? null : end };
    }
  }
  return all;
}

/** `Recording 2, 10:00–11:00 (why), from 42:10 to the end (why): what to do` */
function line({ kind, number, stretches }: Gap, phrases: Phrases): string {
  const times = new Map<string, string[]>();
  for (const stretch of stretches) {
    const reason = reasonOf(stretch.code, phrases);
    times.set(reason, [...times.get(reason) ?? [], ...timeOf(kind, stretch, phrases)]);
  }
  const parts = [...times].map(([reason, times]) => `${times.join(", ")} (${reason})`.trim());
  const separator = kind === "audio" ? ", " : " ";
  const there = stretches.some(({ code }) => !GONE.includes(code));
  return `${phrases[kind]} ${number}${separator}${parts.join(", ")}: ` +
    phrases[`${kind}${there ? "There" : "Gone"}`];
}

/** There is nothing to be heard or seen by anybody. */
const GONE: ErrorCode[] = ["file_missing", "file_empty"];

/** Nothing of a picture: it has no times. */
function timeOf(kind: Gap["kind"], stretch: MissingStretch, { whole, toEnd }: Phrases): string[] {
  if (kind === "image") return [];
  const { from_seconds: from, to_seconds: to } = stretch;
  if (to !== null) return [`${clockFrom(from)}–${clockTo(to)}`];
  return [isWhole(stretch) ? whole : toEnd(clockFrom(from))];
}

/** `recording 2, 10:00–11:00, 42:10–`, `recording 2` for the whole of it, `picture 1` */
function detail({ kind, number, stretches }: Gap): string {
  if (kind === "image") return `picture ${number}`;
  const times = stretches.filter((stretch) => !isWhole(stretch))
    .map(({ from_seconds: from, to_seconds: to }) =>
      `${clockFrom(from)}–${to === null ? "" : clockTo(to)}`
    );
  return [`recording ${number}`, ...times].join(", ");
}

const isWhole = ({ from_seconds, to_seconds }: MissingStretch) =>
  from_seconds === 0 && to_seconds === null;

const clockFrom = (seconds: number) => clock(Math.floor(seconds));
const clockTo = (seconds: number) => clock(Math.ceil(seconds));

/** `42:10`, `1:02:10` */
function clock(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (number: number) => String(number).padStart(2, "0");
  const rest = two(seconds % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}
