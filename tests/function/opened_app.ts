/** The HTTP side without a server, over a queue and a Data API of a test's own. */
import { assert, assertEquals } from "@std/assert";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { Clock } from "../../supabase/functions/generate-summary/core/clock.ts";
import { createApp, type Parts } from "../../supabase/functions/generate-summary/http/app.ts";
import { readConfig } from "../../supabase/functions/generate-summary/config.ts";
import { AppError, type ErrorCode } from "../../supabase/functions/generate-summary/core/errors.ts";
import { createLog } from "../../supabase/functions/generate-summary/core/log.ts";
import { createQueue } from "../../supabase/functions/generate-summary/job/queue.ts";
import { createGetClaims } from "../../supabase/functions/generate-summary/http/identify.ts";
import { createDataApi } from "../../supabase/functions/generate-summary/job/data_api.ts";

export const CLINIC = "0c000000-0000-4000-8000-000000000001";
export const CONSULTATION = "0c000000-0000-4000-8000-000000000002";
export const SUMMARY = "0c000000-0000-4000-8000-000000000003";
export const USER = "0c000000-0000-4000-8000-000000000004";
export const SESSION = "0c000000-0000-4000-8000-000000000005";
export const URL_ = "http://project.test";

const { privateKey, publicKey } = await generateKeyPair("ES256");
const jwk = { ...await exportJWK(publicKey), kid: "test", alg: "ES256", use: "sig" };
export const config = readConfig((name) =>
  ({
    SUPABASE_URL: URL_,
    SUPABASE_SECRET_KEYS: '{"default":"sb_secret_one","automations":"sb_secret_two"}',
    SUPABASE_PUBLISHABLE_KEYS: '{"default":"sb_publishable_one"}',
    HINT_KEY: "hint_one",
    SUPABASE_JWKS: JSON.stringify({ keys: [jwk] }),
    FRONTEND_URL: "https://clinic.example, https://staff.example/",
    GEMINI_API_KEY: "key",
  })[name]
);

export function token(claims: Record<string, unknown> = {}, expires = "1h"): Promise<string> {
  const made = { iss: `${URL_}/auth/v1`, aud: "authenticated", session_id: SESSION, aal: "aal1" };
  return new SignJWT({ sub: USER, role: "authenticated", ...made, ...claims })
    .setProtectedHeader({ alg: "ES256", kid: "test" }).setExpirationTime(expires).sign(privateKey);
}

export const COMPLETED = {
  id: SUMMARY,
  consultation_id: CONSULTATION,
  status: "completed",
  summary: "## Symptoms",
  sections: [],
  model: "gemini-3.8-flash",
  completed_at: "2026-11-22T08:00:00+00:00",
  error_code: null,
  error_message: null,
  summary_recordings: [
    { outcome: "used", code: null, message: null, recordings: { kind: "audio", object_path: "a" } },
    {
      outcome: "failed",
      code: "file_type",
      message: "Not audio.",
      recordings: { kind: "audio", object_path: "b" },
    },
  ],
};

interface Given {
  requested?: object;
  /** What PostgREST answers, by table. */
  rows?: Record<string, unknown[]>;
}

const clock: Clock = { now: Date.now, sleep: () => Promise.resolve(), timer: () => () => {} };

/** Tokens are checked with the project's public key: Auth needn't be asked. */
const nobodyAnswers = () => Promise.reject(new TypeError("unreachable"));

/** A Data API that answers with `answer` for each table; what it is asked is recorded. */
export function fakeDataApi(answer: (table: string) => Response) {
  const asked: URL[] = [];
  const dataApi = createDataApi({
    url: URL_,
    key: "sb_secret_one",
    fetch: (input) => {
      const url = new URL(input instanceof Request ? input.url : input);
      asked.push(url);
      return Promise.resolve(answer(url.pathname.split("/").at(-1)!));
    },
  });
  return { dataApi, asked };
}

/** The app over a queue and a Data API that answer what is given; what it did is recorded. */
export function openApp({ requested, rows = { summaries: [COMPLETED] } }: Given = {}) {
  const worker = { wakes: 0 };
  const asked: Record<string, unknown>[] = [];
  const lines: string[] = [];
  const queued = { outcome: "queued", summary_id: SUMMARY, status: "queued" };
  const { dataApi } = fakeDataApi((table) => Response.json(rows[table] ?? []));
  const log = createLog((line) => lines.push(line));
  const parts: Parts = {
    dataApi,
    getClaims: createGetClaims({ url: URL_, key: "sb_secret_one", fetch: nobodyAnswers }),
    asUser: () => dataApi,
    queue: createQueue({
      rpc(_name, args) {
        asked.push({ ...args });
        const data = requested ?? queued;
        return { abortSignal: () => Promise.resolve({ data, error: null, status: 200 }) };
      },
    }, clock),
    worker: {
      wake() {
        worker.wakes++;
        return Promise.resolve();
      },
      ended: () => Promise.resolve(),
      retire: () => {},
      releaseAll: () => Promise.resolve(),
    },
    health: () => {
      throw new AppError("internal");
    },
    clock,
    log,
    deadline: Date.now() + 100_000,
  };
  const app = createApp({
    isolate: "this",
    config,
    parts: () => Promise.resolve(parts),
    clock,
    log,
    keepAlive: () => {},
  });
  const post = async (body: unknown, headers: Record<string, string> = {}) => {
    const answer = await app.request("/generate-summary", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  };
  const asUser = async (body: unknown, headers: Record<string, string> = {}) =>
    await post(body, { authorization: `Bearer ${await token()}`, ...headers });
  const asService = (body: unknown) => post(body, { apikey: "sb_secret_two" });
  const asDatabase = (body: unknown) => post(body, { apikey: "hint_one" });
  return { app, post, asUser, asService, asDatabase, wakes: () => worker.wakes, asked, lines };
}

export function assertRefused(
  answer: { status: number; body: { error: Record<string, unknown> } },
  code: ErrorCode,
): void {
  assertEquals(answer.body.error.code as string, code);
  assertEquals(answer.status, new AppError(code).status);
  assert(String(answer.body.error.message).endsWith("."), "the message is no sentence");
  assert(answer.body.error.request_id);
}
