/** Following summaries as they appear and change. An event says which row to read: one an event. */
import type { SupabaseClient } from "@supabase/supabase-js";
import { dataError, SummariesError } from "./refusals.ts";
import { listen } from "./topic.ts";
import type { Database, Summary, SummaryEvent } from "./types.ts";

/** The newest ones that a list shows. */
const LISTED = 50;
/** How often an active summary is read for its stage: no event tells it. */
const STAGE_EVERY_MS = 5000;

export interface Watcher<Shown> {
  /** At first, and after each change. */
  show(shown: Shown): void;
  /** A read failed; it goes on. */
  onError?(error: SummariesError): void;
}

export interface ClinicWatcher extends Watcher<Summary[]> {
  /** Comes before the row that it is of: how far the work is, and whether it is `incomplete`. */
  onEvent?(event: SummaryEvent): void;
}

async function readOne(
  supabase: SupabaseClient<Database>,
  id: string,
): Promise<Summary | null> {
  const answer = await supabase.from("summaries").select("*").eq("id", id)
    .maybeSingle();
  if (answer.error) throw dataError(answer);
  return answer.data as Summary | null;
}

async function readNewest(
  supabase: SupabaseClient<Database>,
  clinic: string,
): Promise<Summary[]> {
  const answer = await supabase.from("summaries").select("*")
    .eq("clinic_id", clinic).order("created_at", { ascending: false }).limit(
      LISTED,
    );
  if (answer.error) throw dataError(answer);
  return answer.data as unknown as Summary[];
}

/** Follows the clinic's newest summaries. Gives what ends it. */
export function watchClinic(
  supabase: SupabaseClient<Database>,
  clinicId: string,
  { show, onEvent, onError }: ClinicWatcher,
): () => Promise<void> {
  let shown: Summary[] = [];
  /** All of them, where it has null. */
  const wanted = new Set<string | null>();
  let reading = false;
  let stopped = false;

  async function next(): Promise<void> {
    if (wanted.delete(null)) {
      wanted.clear();
      shown = await readNewest(supabase, clinicId);
    } else {
      const [id] = wanted;
      wanted.delete(id);
      const row = await readOne(supabase, id!);
      shown = shown.filter((summary) => summary.id !== id).concat(row ?? [])
        .sort((one, other) => other.created_at.localeCompare(one.created_at))
        .slice(0, LISTED);
    }
  }

  /** One at a time, or an earlier answer could come last. What changes meanwhile is read once more. */
  async function read(id: string | null): Promise<void> {
    wanted.add(id);
    if (reading) return;
    reading = true;
    while (wanted.size > 0 && !stopped) {
      try {
        await next();
        if (!stopped) show(shown);
      } catch (error) {
        if (!stopped) onError?.(error as SummariesError);
      }
    }
    reading = false;
  }

  const leave = listen(supabase, clinicId, {
    joined: () => void read(null),
    event(event) {
      onEvent?.(event);
      read(event.id);
    },
  });
  return () => {
    stopped = true;
    return leave();
  };
}

/** Follows one summary, and its stage while it is active. Gives what ends it. */
export function watchOne(
  supabase: SupabaseClient<Database>,
  id: string,
  { show, onError }: Watcher<Summary>,
): () => Promise<void> {
  let stopped = false;
  let reading = false;
  let again = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let leave: (() => Promise<void>) | undefined;

  async function look(): Promise<boolean> {
    try {
      const row = await readOne(supabase, id);
      if (stopped) return false;
      if (!row) throw new SummariesError("not_found");
      show(row);
      leave ??= listen(supabase, row.clinic_id, {
        joined: () => void read(),
        event: (event) => void (event.id === id && read()),
      });
      return row.ended_at === null;
    } catch (error) {
      if (!stopped) onError?.(error as SummariesError);
      return (error as SummariesError).retry;
    }
  }

  async function read(): Promise<void> {
    again = true;
    if (reading) return;
    reading = true;
    clearTimeout(timer);
    let goesOn = false;
    while (again && !stopped) {
      again = false;
      goesOn = await look();
    }
    reading = false;
    if (goesOn && !stopped) timer = setTimeout(read, STAGE_EVERY_MS);
  }

  read();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await leave?.();
  };
}
