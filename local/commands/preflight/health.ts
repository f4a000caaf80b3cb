/** What the function's health route answers, in plain words. */
import { type Finding, inPlace, missing } from "./finding.ts";
import type { Queue } from "./queue.ts";

export interface Health {
  status: "ok" | "down";
  database: "ok" | "down";
  gemini_client: "ok" | "down";
  model: string;
  second_reader: "ok" | "down" | "off";
  /** For callers with a secret key: what is wrong with the model. */
  model_error?: { message: string } | null;
  /** For callers with a secret key; null when the database is away. */
  queue?: Queue | null;
}

export function lookAtHealth(
  { database, gemini_client, model, second_reader, model_error }: Health,
): Finding[] {
  return [
    database === "ok"
      ? inPlace("It reaches the database, and finds its functions there.")
      : missing(
        "The database does not answer the function, or lacks its functions.",
        "Run `supabase db push`; see Project Settings → Infrastructure for the database itself.",
      ),
    gemini_client === "ok" ? inPlace(`Gemini knows the key and ${model}.`) : missing(
      model_error?.message ?? `Gemini does not answer for ${model}, or refuses the key.`,
      "Run `supabase secrets set GEMINI_API_KEY=…`, or by Google Cloud GOOGLE_CLOUD_KEY and the " +
        "others of the README's table; check GEMINI_MODEL if you set it.",
    ),
    ...gemini_client === "ok" ? lookAtReader(second_reader) : [],
  ];
}

function lookAtReader(reader: Health["second_reader"]): Finding[] {
  if (reader === "off") return [];
  return [
    reader === "ok"
      ? inPlace("Gemini knows the model that reads summaries a second time.")
      : missing(
        "Gemini does not know the model that reads summaries a second time.",
        "Check VERIFY_MODEL, or run `supabase secrets unset VERIFY_MODEL`.",
      ),
  ];
}

/** Why something else than the function answered. */
export function noHealth(status: number, body: { error?: { code?: string } } | null): Finding {
  if (status === 401 && body?.error?.code === "unauthorized") {
    return missing(
      "The function does not know the key in SUPABASE_SECRET_KEY.",
      "Take a secret key (sb_secret_…) of this project from Project Settings → API Keys.",
    );
  }
  if (status === 401) {
    return missing(
      "The gateway asks for a user's token before the function is called.",
      "Deploy from this project's folder: its config.toml says `verify_jwt = false`.",
    );
  }
  if (status === 404) {
    return missing(
      "The function generate-summary is not deployed.",
      "Run `supabase functions deploy generate-summary`.",
    );
  }
  return missing(
    `The function does not start or does not answer (status ${status}).`,
    "Look at its logs in the dashboard: Edge Functions → generate-summary → Logs.",
  );
}
