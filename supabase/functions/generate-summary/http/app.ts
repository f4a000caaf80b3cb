/** The HTTP side: routes, CORS, and errors in one shape. */
import { type Context, type ErrorHandler, Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import type { Config } from "../config.ts";
import type { Clock } from "../core/clock.ts";
import { AppError, asAppError, causeOf } from "../core/errors.ts";
import { type Log, logOnlyAbout } from "../core/log.ts";
import { essence } from "../core/media_type.ts";
import type { DataApi } from "../job/data_api.ts";
import { ISOLATE_HEADER } from "../job/project.ts";
import type { AskDeps } from "./ask.ts";
import type { PostBody } from "./bodies.ts";
import type { HealthCheck } from "./health.ts";
import { plainHint, takeHint } from "./hint.ts";
import { type Caller, type GetClaims, identify } from "./identify.ts";
import { ASK, type Route, ROUTES } from "./routes.ts";

/** What is loaded when it is first needed: a hint is answered without it. */
export interface Parts extends AskDeps {
  getClaims: GetClaims;
  /** Sees what this user sees. */
  asUser(token: string): DataApi;
  health: HealthCheck;
}

interface AppDeps {
  config: Config;
  /** Its name, which is told to hints. */
  isolate: string;
  parts(): Promise<Parts>;
  clock: Clock;
  log: Log;
  keepAlive(work: Promise<unknown>): void;
}

/** `userId`: of a user who asks. */
type Env = { Variables: { requestId: string; userId?: string } };
type Handler = (c: Context<Env>) => Promise<Response>;

const BODY_LIMIT = 64 * 1024;

export function createApp(deps: AppDeps): Hono<Env> {
  const app = new Hono<Env>({ strict: false });
  app.use(nameAndLog(deps));
  app.use(fromFrontends(deps.config.frontendOrigins));

  function route(name: Route, handle: Handler): void {
    const { method, path } = ROUTES[name];
    app.on(method, path, limitBody, handle);
    app.all(path, (c) => {
      c.header("allow", method);
      throw new AppError("method_not_allowed", { message: `Use ${method} for this address.` });
    });
  }
  route("summarize", (c) => summarize(c, deps));
  route("health", (c) => health(c, deps));
  // Made when it is first asked for: what is done at the start, every isolate pays for.
  route("document", async (c) => c.json((await import("./openapi.ts")).OPENAPI));
  app.notFound(() => {
    throw new AppError("not_found", { message: "There is no such address." });
  });
  app.onError(answerError(deps));
  return app;
}

/** Gives the request an id, which is in its answer and in all lines of the log about it. */
function nameAndLog({ clock, log }: AppDeps): MiddlewareHandler<Env> {
  return async (c, next) => {
    const given = c.req.header("x-request-id");
    c.set("requestId", given && /^[\w-]{1,64}$/.test(given) ? given : crypto.randomUUID());
    c.header("x-request-id", c.get("requestId"));
    const started = clock.now();
    await logOnlyAbout({ request_id: c.get("requestId") }, async () => {
      await next();
      const user_id = c.get("userId");
      log.info("answer", { code: c.res.status, ms: clock.now() - started, user_id });
    });
  };
}

function fromFrontends(origins: string[]): MiddlewareHandler<Env> {
  return cors({
    origin: (origin) => origins.includes(origin) ? origin : null,
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
  });
}

const limitBody = bodyLimit({
  maxSize: BODY_LIMIT,
  onError: () => {
    throw new AppError("body_too_large");
  },
});

function whoAsks(c: Context<Env>, { config, parts }: AppDeps): Promise<Caller> {
  const getClaims: GetClaims = async (...args) => (await parts()).getClaims(...args);
  return identify(c.req.raw.headers, config, getClaims);
}

/** Who may send which body: a user asks, the service hints. */
async function summarize(c: Context<Env>, deps: AppDeps): Promise<Response> {
  const caller = await whoAsks(c, deps);
  const asked = await readBody(c.req.raw);
  if (asked.by === "wake_up" || asked.by === "webhook") {
    const plain = Object.keys(asked.body).length === 0;
    if (caller.kind === "user" && plain) throw new AppError("invalid_request", { message: ASK });
    if (caller.kind === "user" || (caller.kind === "database" && asked.by === "webhook")) {
      throw new AppError("forbidden", { message: "Only the service may send this body." });
    }
    return c.json(takeHint(asked, deps), 202, { [ISOLATE_HEADER]: deps.isolate });
  }
  if (caller.kind !== "user") {
    throw new AppError("forbidden", { message: "Ask with the access token of a user." });
  }
  c.set("userId", caller.id);
  const { askForSummary, withNotes } = await import("./ask.ts");
  const { consultationOf, urlsOf } = await import("./storage_paths.ts");
  const parts = await deps.parts();
  const { consultation, unknown } = asked.by === "consultation"
    ? { consultation: asked.body.consultation_id, unknown: [] }
    : await consultationOf(
      urlsOf(asked.body),
      deps.config.supabaseUrl,
      parts.asUser(caller.token),
    );
  const { template_config: template, submitted_by: submittedBy } = asked.body;
  const answer = await askForSummary(
    { consultation, user: caller.id, session: caller.session, template, submittedBy },
    !/\brespond-async\b/.test(c.req.header("prefer") ?? ""),
    parts,
    c.req.raw.signal,
  );
  return c.json(
    withNotes(answer, unknown, asked.ignored),
    answer.status === "completed" ? 200 : 202,
  );
}

async function health(c: Context<Env>, deps: AppDeps): Promise<Response> {
  // Whoever asks without a key, or with the one that every frontend has, is nobody in particular.
  const key = c.req.header("apikey");
  const isService = key !== undefined && !deps.config.publishableKeys.includes(key) &&
    (await whoAsks(c, deps)).kind === "service";
  const answer = await (await deps.parts()).health(isService);
  const status = answer.status === "ok" ? 200 : 503;
  if (c.req.query("words") !== "python") return c.json(answer, status);
  const { inPythonWords } = await import("./health.ts");
  return c.json(inPythonWords(answer), status);
}

function answerError({ log }: AppDeps): ErrorHandler<Env> {
  return (thrown, c) => {
    const error = asAppError(thrown);
    const { code, message, retryAfter, summaryId } = error;
    const request_id = c.get("requestId");
    if (code === "internal") log.error("failed", { code: causeOf(error) });
    if (retryAfter !== undefined) c.header("retry-after", String(Math.ceil(retryAfter)));
    if (code === "unauthorized") c.header("www-authenticate", "Bearer");
    return c.json({ error: { code, message, request_id, summary_id: summaryId } }, error.status);
  };
}

async function readBody(request: Request): Promise<PostBody> {
  if (essence(request.headers.get("content-type")) !== "application/json") {
    throw new AppError("unsupported_media_type");
  }
  let body: unknown;
  try {
    body = JSON.parse(await request.text());
  } catch (error) {
    throw error instanceof AppError ? error : new AppError("invalid_json");
  }
  return plainHint(body) ?? (await import("./bodies.ts")).parseBody(body);
}
