/** Whether the bucket, the service account and the model of Google Cloud are as the deploying page says. */
import { systemClock as clock } from "../../../supabase/functions/generate-summary/core/clock.ts";
import { AppError } from "../../../supabase/functions/generate-summary/core/errors.ts";
import {
  readSettings,
  type Ready,
} from "../../../supabase/functions/generate-summary/models/google_cloud/settings.ts";
import { createTokens } from "../../../supabase/functions/generate-summary/models/google_cloud/token.ts";
import { createModel } from "../../../supabase/functions/generate-summary/models/ways.ts";
import type { ModelSettings } from "../../../supabase/functions/generate-summary/models/settings.ts";
import { lookAtBucket } from "./bucket.ts";
import { type Finding, inPlace, missing } from "./finding.ts";

interface Asked {
  settings: ModelSettings;
  /** Whether the bucket must be encrypted with a key of the hospital's own. */
  cmek: boolean;
  fetch: typeof fetch;
}

/** What a hospital would never put there; it is made, looked at, found, and deleted again. */
const HARMLESS = "consultations/preflight";

/** What can't be seen without an earlier thing is left out. */
export async function lookAtGoogleCloud({ settings, cmek, fetch }: Asked): Promise<Finding[]> {
  const ready = readSettings(settings.googleCloud);
  if ("problem" in ready) return [missing(ready.problem, "See step 3 of docs/deploying.md.")];
  const { hosts, account } = ready;
  const tokens = createTokens({ account, host: hosts.token, fetch, clock });
  let token: string;
  try {
    token = await tokens.get();
  } catch {
    return [
      missing(
        "Google gives no token for GOOGLE_CLOUD_KEY: the key is deleted, or its account disabled.",
        "Make a new key (docs/deploying.md), set it, and delete the old one.",
      ),
    ];
  }
  const call: Call = async (path, init = {}) => {
    const headers = { ...init.headers, authorization: `Bearer ${token}` };
    const signal = AbortSignal.timeout(30_000);
    const url = hosts.storage + path;
    const answer = await fetch(url, { ...init, headers, redirect: "error", signal });
    return { status: answer.status, body: await answer.json().catch(() => null) };
  };
  return [
    inPlace("Google gives a token for the service account."),
    ...await lookAtBucket(await call(bucketPath(ready)), ready.location, cmek),
    ...await tryObject(ready, call),
    await lookAtModel(settings, ready, fetch),
  ];
}

type Call = (path: string, init?: RequestInit) => Promise<{ status: number; body: unknown }>;

const bucketPath = ({ bucket }: Ready) =>
  `/storage/v1/b/${bucket}?fields=location,softDeletePolicy,lifecycle,versioning,` +
  "iamConfiguration,encryption,retentionPolicy";

/** The account's rights, by trying them. */
async function tryObject({ bucket }: Ready, call: Call): Promise<Finding[]> {
  const name = encodeURIComponent(HARMLESS);
  const object = `/storage/v1/b/${bucket}/o/${name}`;
  const steps: [right: string, path: string, init?: RequestInit][] = [
    ["create", `/upload/storage/v1/b/${bucket}/o?uploadType=media&name=${name}`, {
      method: "POST",
      headers: { "content-type": "text/plain" },
      body: "preflight",
    }],
    ["get", object],
    ["list", `/storage/v1/b/${bucket}/o?prefix=${name}`],
    ["delete", object, { method: "DELETE" }],
  ];
  const lacking: string[] = [];
  for (const [right, path, init] of steps) {
    const { status } = await call(path, init);
    if (status >= 300) lacking.push(`storage.objects.${right}`);
  }
  if (lacking.length === 0) {
    return [inPlace("The service account may write, read, list and delete objects there.")];
  }
  return [
    missing(
      `The service account may not do all that is needed: ${lacking.join(", ")}.`,
      "Grant it roles/storage.objectUser on the bucket; look for a retention policy or a hold " +
        `if it is the deletion alone, and then delete ${HARMLESS} yourself.`,
    ),
  ];
}

async function lookAtModel(
  settings: ModelSettings,
  { location }: Ready,
  fetch: typeof globalThis.fetch,
): Promise<Finding> {
  const log = { info() {}, warn() {}, error() {} };
  const model = createModel(
    { ...settings, provider: "google-cloud" },
    { fetch, clock, log, longest: 30_000 },
  );
  try {
    await model.check();
    return inPlace(
      `${settings.model} answers in ${location}: whatever it is asked is processed there.` +
        (location === "global" ? " Global means anywhere." : ""),
    );
  } catch (error) {
    return missing(
      `${settings.model} does not answer in ${location}: ${
        error instanceof AppError ? error.message : "nobody knows why."
      }`,
      "Enable aiplatform.googleapis.com, grant roles/aiplatform.user, and see in which locations " +
        "Google offers the model.",
    );
  }
}
