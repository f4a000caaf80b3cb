/** The HTTP side: routes, CORS, and errors in one shape. */
import { OpenAPIHono } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { parseMediaType } from "@std/media-types";
import { identify } from "./identify.ts";
import type { Clock } from "../core/clock.ts";
import type { Config } from "../config.ts";
import { AppError, asAppError, causeOf } from "../core/errors.ts";
import { type Log, logAbout } from "../core/log.ts";
import { describe } from "./openapi.ts";
import { type ByUrls, parseRequest } from "./bodies.ts";
import { summarize } from "./ask.ts";
import type { Jobs } from "../job/queue.ts";
import type { HealthCheck } from "./health.ts";
import type { Supabase } from "../job/supabase.ts";
import { consultationOf } from "./storage_paths.ts";
import { webhookSummary } from "./hint.ts";
import type { Worker } from "../job/worker.ts";

export interface AppDeps {
  config: Config;
  supabase: Supabase;
  /** A client that sees what this user sees. */
  asUser(token: string): Supabase;
  jobs: Jobs;
  worker: Worker;
  health: HealthCheck;
  clock: Clock;
  log: Log;
  /** When the isolate's work must have ended, as time since the epoch. */
  deadline: number;
  keepAlive(work: Promise<unknown>): void;
}

type Env = { Variables: { requestId: string } };

const PATH = "/generate-summary";
const BODY_LIMIT = 64 * 1024;

export function createApp(deps: AppDeps): OpenAPIHono<Env> {
  const { config, log } = deps;
  const app = new OpenAPIHono<Env>({ strict: false });

  app.use(async (c, next) => {
    const given = c.req.header("x-request-id");
    c.set("requestId", given && /^[\w-]{1,64}$/.test(given) ? given : crypto.randomUUID());
    c.header("x-request-id", c.get("requestId"));
    const started = deps.clock.now();
    await logAbout({ request_id: c.get("requestId") }, async () => {
      await next();
      log.info("answer", { code: c.res.status, ms: deps.clock.now() - started });
    });
  });
  app.use(cors({
    origin: (origin) => config.frontendOrigins.includes(origin) ? origin : null,
    credentials: true,
    allowMethods: ["POST", "GET", "OPTIONS"],
    allowHeaders: [
      "authorization",
      "apikey",
      "content-type",
      "prefer",
      "x-client-info",
      "x-region",
      "x-request-id",
    ],
    exposeHeaders: ["retry-after", "x-request-id"],
  }));

  app.post(
    PATH,
    bodyLimit({
      maxSize: BODY_LIMIT,
      onError: () => {
        throw new AppError("body_too_large");
      },
    }),
    async (c) => {
      const caller = await identify(c.req.raw.headers, config, deps.supabase.auth);
      const request = parseRequest(await readJson(c.req.raw));
      if (request.by === "summary" || request.by === "webhook") {
        if (caller.kind !== "service") {
          throw new AppError("forbidden", { message: "Only the service may send this body." });
        }
        const id = request.by === "summary"
          ? request.body.summary_id
          : await webhookSummary(request.body, deps.supabase);
        log.info("request", { summary_id: id ?? undefined, code: request.by });
        if (id) deps.keepAlive(deps.worker.take(id));
        return c.json({ summary_id: id, status: id ? "accepted" : "nothing" }, 202);
      }

      if (caller.kind !== "user") {
        throw new AppError("forbidden", { message: "Ask with the access token of a user." });
      }
      const { body } = request;
      const consultation = request.by === "consultation"
        ? request.body.consultation_id
        : await consultationOf(urlsOf(request.body), config.supabaseUrl, deps.asUser(caller.token));
      const state = await summarize(
        {
          consultation,
          user: caller.id,
          template: body.template_config ?? null,
          submittedBy: body.submitted_by ?? null,
        },
        !/\brespond-async\b/.test(c.req.header("prefer") ?? ""),
        deps,
      );
      if (state.error) throw state.error;
      return state.answer
        ? c.json(state.answer, 200)
        : c.json({ summary_id: state.summary_id, status: state.status }, 202);
    },
  );

  app.get(`${PATH}/health`, async (c) => {
    // Whoever asks without a key, or with the one that every frontend has, is nobody in particular.
    const key = c.req.header("apikey");
    const isService = key !== undefined && !config.publishableKeys.includes(key) &&
      (await identify(c.req.raw.headers, config, deps.supabase.auth)).kind === "service";
    const health = await deps.health(isService);
    return c.json(health, health.status === "ok" ? 200 : 503);
  });

  const document = describe(app);
  app.get(`${PATH}/openapi.json`, (c) => c.json(document));

  const methods = { [PATH]: "POST", [`${PATH}/health`]: "GET", [`${PATH}/openapi.json`]: "GET" };
  for (const [path, method] of Object.entries(methods)) {
    app.all(path, (c) => {
      c.header("allow", method);
      throw new AppError("method_not_allowed", { message: `Use ${method} for this address.` });
    });
  }
  app.notFound(() => {
    throw new AppError("not_found", { message: "There is no such address." });
  });

  app.onError((thrown, c) => {
    const error = asAppError(thrown);
    const { code, message, retryAfter, summaryId } = error;
    const request_id = c.get("requestId");
    if (code === "internal") log.error("failed", { code: causeOf(error) });
    if (retryAfter !== undefined) c.header("retry-after", String(Math.ceil(retryAfter)));
    if (code === "unauthorized") c.header("www-authenticate", "Bearer");
    return c.json({ error: { code, message, request_id, summary_id: summaryId } }, error.status);
  });
  return app;
}

async function readJson(request: Request): Promise<unknown> {
  if (!isJson(request.headers.get("content-type"))) throw new AppError("unsupported_media_type");
  try {
    return JSON.parse(await request.text());
  } catch (error) {
    throw error instanceof AppError ? error : new AppError("invalid_json");
  }
}

function isJson(contentType: string | null): boolean {
  try {
    return parseMediaType(contentType ?? "")[0] === "application/json";
  } catch {
    // No media type at all.
    return false;
  }
}

function urlsOf(body: ByUrls): string[] {
  return [
    body.primary_audio_url,
    ...body.additional_audio_urls ?? [],
    ...body.image_urls ?? [],
  ];
}
