/** Everything that a frontend does with summaries, with its own supabase-js client. */
import type { SupabaseClient } from "@supabase/supabase-js";
import type { AcceptedAnswer, ByConsultation, SummaryAnswer } from "./answers.ts";
import { dataError, functionError, storageError, SummariesError } from "./refusals.ts";
import type { CurrentSummary, Database, Summary } from "./types.ts";
import { BUCKET, type Memory, memoryOf, type Place, upload, type UploadOptions } from "./upload.ts";
import { type ClinicWatcher, watchClinic, type Watcher, watchOne } from "./watch.ts";

/** Every method fails with a SummariesError; where a signal was aborted, with its reason. */
export interface Summaries {
  /** Opens a consultation; gives its id. A template is for doctors, nurses and admins. */
  openConsultation(
    clinicId: string,
    template?: ByConsultation["template_config"],
  ): Promise<string>;
  /**
   * Uploads a recording or a picture; gives its path. The summary starts by itself. It waits while
   * the browser is offline; the same file once more, also after a reload, goes on where it was.
   */
  upload(place: Place, file: Blob, options?: UploadOptions): Promise<string>;
  /** Asks for a summary, and waits for it unless `wait` is false. */
  ask(
    consultationId: string,
    options?: Pick<ByConsultation, "template_config" | "submitted_by"> & {
      wait?: boolean;
      signal?: AbortSignal;
    },
  ): Promise<SummaryAnswer | AcceptedAnswer>;
  /** Follows one summary. Gives what ends it. */
  watch(id: string, watcher: Watcher<Summary>): () => Promise<void>;
  /** Follows a clinic's newest summaries. Gives what ends it. */
  watchClinic(clinicId: string, watcher: ClinicWatcher): () => Promise<void>;
  /** What waits for a review, the oldest first: a page of fifty. */
  inbox(clinicId: string): Promise<CurrentSummary[]>;
  /**
   * Saves another text. `seen` is the row as the editor loaded it: its version keeps two editors from
   * overwriting each other. `version_conflict`: load it again, and show both texts.
   */
  edit(seen: Seen, summary: string): Promise<Summary>;
  /**
   * Approves what was seen, with another text where there is one. It is final, and follows the one
   * that was approved before (`supersedes`). `superseded`: a newer one is approved already;
   * `newer_underway`: a newer recording is being worked on.
   */
  approve(seen: Seen, summary?: string): Promise<Summary>;
  /** An edit makes it a draft again. */
  reject(seen: Seen): Promise<Summary>;
  /** An approved summary is final: a correction is a new one that begins with its text. */
  amend(
    approved: Pick<Summary, "id" | "clinic_id" | "consultation_id">,
  ): Promise<Summary>;
  /**
   * Ends an approved summary, and its unapproved amendments, for a reason that members read: for
   * admins. Its text is shown to nobody any more.
   */
  withdraw(id: string, reason: string): Promise<void>;
  /**
   * Takes a wrong recording back: the file, what was heard in it, and the drafts that were made from
   * it. For doctors and admins, and for an hour for whoever uploaded it. `not_taken_back`: it is not
   * for this member, or an approved summary rests on it.
   */
  takeBack(recordingId: string): Promise<void>;
  /** Stops one that is queued or being worked on: every member may. */
  cancel(id: string): Promise<Summary>;
  /** Has a recording heard anew; gives the id of the summary that is made of it. */
  listenAgain(recordingId: string): Promise<string>;
  /**
   * What a statement rests on, to be heard or seen: the file, and the second to begin at, null for
   * a picture. `URL.createObjectURL(blob)` is what an `<audio>` plays; revoke it afterwards.
   */
  evidence(
    of: { recording_id: string; start: number | null },
  ): Promise<{ blob: Blob; start: number | null }>;
}

/** What an edit or review is of. */
type Seen = Pick<Summary, "id" | "version">;

interface Answer<Data> {
  data: Data;
  error: { message: string } | null;
  status: number;
}

function given<Data>(answer: Answer<Data>): NonNullable<Data> {
  const { error, status, data } = answer;
  if (error) throw dataError({ error, status });
  return data!;
}

function refusedByStorage(error: { message: string }): SummariesError {
  const { statusCode, status = 0 } = error as { statusCode?: string; status?: number };
  return storageError(Number(statusCode ?? status), error.message);
}

/**
 * `supabase` is any client of supabase-js 2, with a signed-in user by the time of a call. `memory` is
 * where uploads that were begun are remembered: `localStorage`, where there is one.
 */
export function createSummaries(
  // deno-lint-ignore no-explicit-any -- a project has tables of its own
  client: SupabaseClient<any, any, any>,
  { memory }: { memory?: Memory } = {},
): Summaries {
  const supabase = client as SupabaseClient<Database>;
  // With the first upload: servers that render pages have none, and some warn when they are asked.
  let remembered = memory;

  async function change(
    id: string,
    values: {
      version?: number;
      summary?: string;
      review_status?: string;
      status?: string;
    },
  ): Promise<Summary> {
    // Postgres keeps neither, and would write the text into its log.
    if (/[\0\p{Cs}]/u.test(values.summary ?? "")) throw new SummariesError("invalid_request");
    return given(
      await supabase.from("summaries").update(values).eq("id", id).select("*")
        .single(),
    ) as unknown as Summary;
  }

  /** Throws `file_missing` where it was deleted. */
  async function pathOf(recordingId: string): Promise<string> {
    const { object_path, deleted_at } = given(
      await supabase.from("recordings").select("object_path, deleted_at").eq("id", recordingId)
        .single(),
    );
    if (deleted_at) throw new SummariesError("file_missing");
    return object_path;
  }

  return {
    async openConsultation(clinicId, template) {
      const row = {
        clinic_id: clinicId,
        ...(template && { template_config: template as Record<string, never> }),
      };
      return given(
        await supabase.from("consultations").insert(row).select("id").single(),
      ).id;
    },
    upload: (place, file, options) =>
      upload(supabase, remembered ??= memoryOf(), place, file, options),
    async ask(consultationId, { wait = true, signal, ...wishes } = {}) {
      const { data, error } = await supabase.functions.invoke(
        "generate-summary",
        {
          body: { consultation_id: consultationId, ...wishes },
          headers: wait ? {} : { prefer: "respond-async" },
          signal,
        },
      );
      signal?.throwIfAborted();
      if (error) throw await functionError(error);
      return data;
    },
    watch: (id, watcher) => watchOne(supabase, id, watcher),
    watchClinic: (clinicId, watcher) => watchClinic(supabase, clinicId, watcher),
    async inbox(clinicId) {
      return given(
        await supabase.from("current_summaries").select("*")
          .eq("clinic_id", clinicId).eq("review_status", "draft").order(
            "completed_at",
          ).limit(50),
      ) as unknown as CurrentSummary[];
    },
    edit: ({ id, version }, summary) => change(id, { summary, version: version + 1 }),
    approve: ({ id, version }, summary) =>
      change(id, {
        review_status: "approved",
        version: version + 1,
        ...(summary !== undefined && { summary }),
      }),
    reject: ({ id, version }) => change(id, { review_status: "rejected", version: version + 1 }),
    async amend({ id, clinic_id, consultation_id }) {
      return given(
        await supabase.from("summaries").insert({
          clinic_id,
          consultation_id,
          amends: id,
        })
          .select("*").single(),
      ) as unknown as Summary;
    },
    cancel: (id) => change(id, { status: "cancelled" }),
    async listenAgain(recordingId) {
      return given(
        await supabase.rpc("listen_again", { p_recording: recordingId }),
      );
    },
    async withdraw(id, reason) {
      const { error, status } = await supabase.rpc("withdraw_summary", {
        p_summary: id,
        p_reason: reason,
      });
      if (error) throw dataError({ error, status });
    },
    async takeBack(recordingId) {
      const { data, error } = await supabase.storage.from(BUCKET).remove([
        await pathOf(recordingId),
      ]);
      if (error) throw refusedByStorage(error);
      if (data.length === 0) throw new SummariesError("not_taken_back");
    },
    async evidence({ recording_id, start }) {
      const object_path = await pathOf(recording_id);
      // What a browser keeps, whoever sits there next may find.
      const { data, error } = await supabase.storage.from(BUCKET).download(
        object_path,
        {},
        { cache: "no-store" },
      );
      if (error) throw refusedByStorage(error);
      return { blob: data, start };
    },
  };
}
