/** What was heard of a recording so far: its parts, and what is too little for one. */
import type { Extraction, Segment } from "../core/domain.ts";

/** A part without its number, its prompt and its cost. */
export type Heard = Pick<
  Extraction,
  "from_seconds" | "to_seconds" | "is_last" | "segments" | "found" | "model"
>;

interface HearingDeps {
  /** What was saved before. */
  parts: Heard[];
  /** How long the recording is. */
  seconds: number;
  save(part: Heard): Promise<void>;
}

/** What is left out where the model refuses to go on. */
const SKIPPED_SECONDS = 60;

export class Hearing {
  language: string | null = null;
  /** Heard, and too little to be saved by itself. */
  held: Segment[] = [];
  readonly #deps: HearingDeps;
  readonly #parts: Heard[];
  /** What was heard since the last stretch that was left out. */
  #heard: Segment[];
  /** Stretches in a row that were left out. */
  #skips: number;

  constructor(deps: HearingDeps) {
    this.#deps = deps;
    this.#parts = [...deps.parts];
    const left = (missing: boolean) =>
      this.#parts.findLastIndex(({ found }) => Boolean(found.missing) === missing);
    this.#heard = this.#parts.slice(1 + left(true)).flatMap(({ segments }) => segments);
    this.#skips = this.#parts.length - 1 - left(false);
  }

  get isOver(): boolean {
    return this.#parts.at(-1)?.is_last ?? false;
  }

  /** How many parts there are. */
  get parts(): number {
    return this.#parts.length;
  }

  /** What an answer goes on after. */
  get known(): Segment[] {
    return [...this.#heard, ...this.held];
  }

  /** Where the last segment begins, or the last part ends, in seconds. */
  get from(): number {
    return this.known.at(-1)?.start ?? this.#saved;
  }

  get #saved(): number {
    return this.#parts.at(-1)?.to_seconds ?? 0;
  }

  /** Saves what is held as a part that ends there; null: with the recording. */
  async save(to_seconds: number | null, model: string): Promise<void> {
    await this.#save(this.held, to_seconds, model);
    this.#skips = 0;
  }

  /** Leaves out the stretch that the model refuses to go on with; gives how many in a row. */
  async skip(model: string): Promise<number> {
    const { from } = this;
    if (from > this.#saved) await this.#save(this.held, from, model);
    const to = from + SKIPPED_SECONDS;
    await this.#save([], to < this.#deps.seconds ? to : null, model, "file_refused");
    return ++this.#skips;
  }

  async #save(
    segments: Segment[],
    to_seconds: number | null,
    model: string,
    missing?: "file_refused",
  ): Promise<void> {
    const content = segments.length > 0;
    const part = {
      segments,
      from_seconds: this.#saved,
      to_seconds,
      is_last: to_seconds === null,
      found: { content, language: this.language, ...missing && { missing } },
      model,
    };
    await this.#deps.save(part);
    this.#parts.push(part);
    this.#heard = missing ? [] : [...this.#heard, ...segments];
    this.held = [];
  }
}
