/** What the demo does, as a frontend would: upload, listen, read the summary. */
import { extname } from "node:path";
import type { RealtimeChannel } from "@supabase/supabase-js";
import { type DemoFile, type FileError, openFile } from "./files.ts";
import type { Section } from "../../../supabase/functions/generate-summary/compose/sections.ts";
import { type Supabase, topicOf } from "./clinic.ts";

export interface SummaryEvent {
  /** When it arrived, ISO 8601. */
  at: string;
  /** The summary's id. */
  id: string;
  status: string;
  /** Why it is queued still. */
  waiting_for: string | null;
}

interface DemoResult {
  summary_id: string | null;
  status: string | null;
  error_code: string | null;
  /** From the last upload's commit to the event that says the summary has ended. */
  seconds: number | null;
  events: SummaryEvent[];
  files_processed: { audio: number; images: number; errors: FileError[] };
  sections: Section[];
}

export interface DemoOutcome {
  result: DemoResult;
  /** The path that each recording, by its id, was uploaded from. */
  paths: Map<string, string>;
}

/** What happens meanwhile, for those who show it. */
export interface Observer {
  uploading(file: DemoFile): void;
  refused(error: FileError): void;
  event(event: SummaryEvent): void;
}

/** The work on one consultation takes less, or something is broken. */
const PATIENCE_MS = 10 * 60_000;
const LOOK_EVERY_MS = 5000;

/** Uploads the files and waits until the consultation's summary has ended. */
export async function summarizeFiles(
  client: Supabase,
  clinicId: string,
  consultationId: string,
  files: string[],
  observer: Observer,
): Promise<DemoOutcome> {
  const events: SummaryEvent[] = [];
  const errors: FileError[] = [];
  const names = new Map<string, string>();
  let wake = () => {};
  const channel = client.channel(await topicOf(client, clinicId), { config: { private: true } });
  channel.on("broadcast", { event: "summary" }, ({ payload }) => {
    if (payload.consultation_id !== consultationId) return;
    const { id, status, waiting_for } = payload;
    const event = { at: new Date().toISOString(), id, status, waiting_for };
    events.push(event);
    observer.event(event);
    wake();
  });
  await subscribe(channel);
  // An event may get lost: the row is the truth.
  const looking = setInterval(() => wake(), LOOK_EVERY_MS);

  for (const path of files) {
    const file = await openFile(path);
    const problem = "code" in file ? file : await upload(file);
    if (!problem) continue;
    errors.push(problem);
    observer.refused(problem);
  }
  const summary = names.size > 0 ? await ended() : null;
  clearInterval(looking);
  await client.removeChannel(channel);
  if (!summary) return { result: nothing(events, errors), paths: new Map() };

  const looked = summary.summary_recordings;
  const used = looked.filter(({ outcome }) => outcome !== "failed");
  const count = (kind: string) => used.filter(({ recordings }) => recordings.kind === kind).length;
  for (const { outcome, code, message, recordings } of looked) {
    if (outcome === "used") continue;
    const path = names.get(recordings.object_path) ?? recordings.object_path;
    errors.push({ path, code: code ?? "internal", message: message ?? "" });
  }
  const end = events.findLast(({ id, status }) => id === summary.id && status === summary.status);
  const committed = Math.max(...looked.map(({ recordings }) => Date.parse(recordings.created_at)));
  const result = {
    summary_id: summary.id,
    status: summary.status,
    error_code: summary.error_code,
    seconds: end ? (Date.parse(end.at) - committed) / 1000 : null,
    events,
    files_processed: { audio: count("audio"), images: count("image"), errors },
    sections: summary.sections ?? [],
  };
  const paths = new Map(
    looked.map(({ recordings }) => [recordings.id, names.get(recordings.object_path)!]),
  );
  return { result, paths };

  async function upload(file: DemoFile): Promise<FileError | null> {
    const path = `${clinicId}/${consultationId}/${crypto.randomUUID()}${extname(file.name)}`;
    observer.uploading(file);
    const { error } = await client.storage.from("consultations")
      .upload(path, new Blob([file.bytes], { type: file.type }), { contentType: file.type });
    if (error) return { path: file.path, ...refusal(error) };
    names.set(path, file.path);
    return null;
  }

  /** The newest summary, once none is under way and it has looked at every file. */
  async function ended(): Promise<SummaryRow> {
    const deadline = Date.now() + PATIENCE_MS;
    while (Date.now() < deadline) {
      const changed = new Promise<void>((resolve) => wake = resolve);
      const { data } = await client.from("summaries").select(COLUMNS)
        .eq("consultation_id", consultationId).order("created_at", { ascending: false }).limit(1)
        .returns<SummaryRow[]>().throwOnError();
      const [newest] = data;
      const looked = newest?.summary_recordings.length ?? 0;
      const over = newest && !["queued", "processing"].includes(newest.status);
      const told = events.some(({ id, status }) => id === newest?.id && status === newest.status);
      const all = looked >= names.size || newest?.status !== "completed";
      if (over && told && all) return newest;
      await changed;
    }
    throw new Error("The summary did not end in time.");
  }
}

interface SummaryRow {
  id: string;
  status: string;
  error_code: string | null;
  sections: Section[] | null;
  summary_recordings: {
    outcome: "used" | "partial" | "failed";
    code: string | null;
    message: string | null;
    recordings: { id: string; kind: "audio" | "image"; object_path: string; created_at: string };
  }[];
}

const COLUMNS = "id, status, error_code, sections, " +
  "summary_recordings(outcome, code, message, recordings(id, kind, object_path, created_at))";

function nothing(events: SummaryEvent[], errors: FileError[]): DemoResult {
  return {
    summary_id: null,
    status: null,
    error_code: "no_usable_files",
    seconds: null,
    events,
    files_processed: { audio: 0, images: 0, errors },
    sections: [],
  };
}

/** Storage's refusal of an upload, with our code. */
function refusal(error: { message: string; statusCode?: string }): Omit<FileError, "path"> {
  switch (error.statusCode) {
    case "413":
      return { code: "file_too_large", message: "Storage refused it: larger than 50 MiB." };
    case "415":
      return { code: "file_type", message: "Storage refused it: not an audio file or a picture." };
  }
  return { code: "storage_unavailable", message: `Storage refused it: ${error.message}` };
}

function subscribe(channel: RealtimeChannel): Promise<void> {
  return new Promise((resolve, reject) => {
    channel.subscribe((status, error) => {
      if (status === "SUBSCRIBED") resolve();
      else if (status !== "CLOSED") reject(error ?? new Error(`Realtime: ${status}`));
    });
  });
}
