/** Having a recording listened to once more: for doctors, nurses and admins. */
import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../clients/types.ts";

/**
 * For when words are missing or wrong. Gives the id of the summary that is made of it; follow it as any
 * other. The sound is heard from its beginning, and paid for again; what was heard before counts until
 * then, and older summaries keep their evidence. An error has the status in `code` (PT403, PT404, PT409,
 * PT429), ours in `details` (`forbidden`, `not_found`, `not_listened`, `rate_limited`), and a sentence
 * in `message`.
 */
export async function listenAgain(
  supabase: SupabaseClient<Database>,
  recordingId: string,
): Promise<string> {
  const { data } = await supabase.rpc("listen_again", { p_recording: recordingId }).throwOnError();
  return data;
}
