/**
 * The project on one machine without Docker: Postgres with the platform's pieces and the project's
 * migrations, REST and Auth, Storage, Realtime, the workers of pg_net and pg_cron, the function, and
 * a stand-in for Gemini, or with `MODEL_PROVIDER=google-cloud` for Google Cloud; the real one when its
 * key is set.
 */
import postgres, { type Sql } from "postgres";
import { fileURLToPath } from "node:url";
import { functionImportMap } from "../import_map.ts";
import { migrate, MigrationsChanged } from "../postgres/migrate.ts";
import { type Postgres, startPostgres } from "../postgres/postgres.ts";
import { type FunctionsHost, startFunctionsHost } from "../stand_ins/functions/host.ts";
import { HOSTED } from "../stand_ins/functions/limits.ts";
import { startGemini } from "../stand_ins/gemini/server.ts";
import type { ModelService } from "../stand_ins/gemini/service.ts";
import { startGoogleCloud } from "../stand_ins/google_cloud/server.ts";
import { type Scheduler, startCron } from "../stand_ins/pg_cron/scheduler.ts";
import { LOCAL_KEYS } from "../stand_ins/auth/local_keys.ts";
import { startNetWorker } from "../stand_ins/pg_net/worker.ts";
import { Plain } from "./plain.ts";
import { type Services, startServices } from "./services.ts";
import { ending, stopOnSignals } from "./signals.ts";
import { openKept, openState } from "./state.ts";

export interface Stack {
  /** The project's URL, as `createClient` takes it. */
  url: string;
  /** `hint`: the database wakes the function with it. */
  keys: { publishable: string; secret: string; hint: string };
  databaseUrl: string;
  /** As the platform's superuser: may look into every schema. */
  sql: Sql;
  postgres: Postgres;
  services: Services;
  functions: FunctionsHost;
  cron: Scheduler;
  /** Whoever stands in for Gemini, by whichever way; absent when the real one is used. */
  gemini?: ModelService;
  /** Lines that the function printed, unless somebody is told each. */
  lines: string[];
  /** Where data lies that is kept. */
  stateDir: string;
  stop(): Promise<void>;
}

export interface StackOptions {
  /** Told of each part that has started. */
  onStart?: (what: string) => void;
  /** Ctrl-C, a termination and a closed terminal stop everything, then end this process (signals.ts). */
  stopOnSignals?: boolean;
  /**
   * As `supabase start` is: this port, the keys that it gives to everybody, and functions that pages
   * of this machine may call.
   */
  port?: number;
  /** The data stay when it stops, for the next one with the same port. */
  keep?: boolean;
  /** Told of each line that the function prints. */
  onLine?: (line: string) => void;
  /** Settings of the function beside those that the stack makes. */
  env?: Record<string, string>;
  /** The function's host has tracing on. */
  traced?: boolean;
  /** The Deno that runs the function: the one of EDGE_DENO, else this one, unless told. */
  deno?: string;
  /** Another CPU limit of its isolates than the hosted one. */
  cpuMs?: number;
  /** How long a request of pg_net waits before it is sent; not at all unless told. */
  hintLatencyMs?: number;
}

/** Whether this process asks for Google Cloud's way to the model. */
export const onCloud = Deno.env.get("MODEL_PROVIDER") === "google-cloud";

const PROJECT = fileURLToPath(new URL("../../supabase/", import.meta.url));
/** How long an isolate lives on paid plans. */
const WALL_CLOCK_SECONDS = 400;

/** What functions are told of pages of this machine. */
const LOCAL_ORIGIN = "http://localhost";

/**
 * Starts everything, on free ports unless told; what had started is stopped again when a part can't.
 * @throws Plain where a sentence says it all
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { port } = options;
  if (Deno.build.os === "windows") {
    throw new Plain("This runs on Linux and macOS: on Windows, use it within WSL.");
  }
  if (port) checkFree(port);
  const onStart = (what: string) => {
    // A part that is started after a signal would be left.
    if (ending()) throw new Plain("Stopped.");
    options.onStart?.(what);
  };
  const stops: (() => Promise<unknown>)[] = [];
  let stopping: Promise<void> | undefined;
  // Once: whoever asks later, as a signal may, waits for the same end.
  const stop = () =>
    stopping ??= (async () => {
      // The last one started is the first to stop: nothing loses what it stands on.
      for (const stopOne of stops.splice(0).reverse()) await stopOne();
    })();
  const starting = Promise.withResolvers<void>();
  if (options.stopOnSignals) stopOnSignals(() => starting.promise.then(stop));
  try {
    const state = await (options.keep ? openKept(String(port)) : openState());
    stops.push(() => state.remove());

    const database = await startPostgres({ stateDir: state.dir });
    stops.push(() => database.stop());
    await migrate(database.url("postgres"), `${PROJECT}migrations`).catch((error) => {
      if (!(error instanceof MigrationsChanged)) throw error;
      throw new Plain(`${error.message} Remove ${state.dir}, and its data with it.`);
    });
    const sql = postgres(database.url("supabase_admin"), { max: 4, onnotice: () => {} });
    stops.push(() => sql.end({ timeout: 1 }));
    onStart(`Postgres 17 with the project's migrations (port ${database.port})`);

    const services = await startServices({
      databaseUrl: database.url,
      stateDir: state.dir,
      ...port && { port, keys: LOCAL_KEYS, localOrigin: LOCAL_ORIGIN },
    });
    stops.push(() => services.stop());
    onStart(`REST, Auth, Storage and Realtime (${services.url})`);

    const real = realSettings();
    const gemini = real ? undefined : await (onCloud ? startGoogleCloud() : startGemini());
    if (gemini) stops.push(() => gemini.close());
    onStart(
      gemini
        ? `a stand-in for ${gemini.title}, which can't listen (${gemini.url})`
        : `${onCloud ? "Google Cloud" : "Gemini"}'s client`,
    );

    const { jwks } = services.tokens;
    const keys = { ...services.tokens.keys, hint: crypto.randomUUID() };
    const lines: string[] = [];
    const functions = await startFunctionsHost({
      entrypoint: `${PROJECT}functions/generate-summary/index.ts`,
      importMap: functionImportMap,
      deno: options.deno ?? (Deno.env.get("EDGE_DENO") || Deno.execPath()),
      wallClockSeconds: WALL_CLOCK_SECONDS,
      cpuMs: options.cpuMs ?? HOSTED.cpuMs,
      traced: options.traced,
      env: {
        SUPABASE_URL: services.url,
        SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secret }),
        SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishable }),
        SUPABASE_JWKS: JSON.stringify(jwks),
        SUPABASE_ANON_KEY: keys.anon,
        SUPABASE_SERVICE_ROLE_KEY: keys.serviceRole,
        HINT_KEY: keys.hint,
        ...(gemini?.settings ?? real),
        WALL_CLOCK_SECONDS: String(WALL_CLOCK_SECONDS),
        ...port && { FRONTEND_URL: LOCAL_ORIGIN },
        ...options.env,
      },
      onLine: options.onLine ?? ((line) => lines.push(line)),
      onStart: (pid) => void state.record(pid),
    });
    stops.push(() => functions.stop());
    services.functionsUrl = functions.url;
    onStart(`generate-summary on ${functions.version}`);

    await sql`delete from vault.secrets where name in ('project_url', 'hint_key')`;
    await sql`select vault.create_secret(${services.url}, 'project_url')`;
    await sql`select vault.create_secret(${keys.hint}, 'hint_key')`;
    const net = startNetWorker(database.url("supabase_admin"), {
      latencyMs: options.hintLatencyMs,
    });
    stops.push(() => net.stop());
    const cron = startCron(database.url("supabase_admin"));
    stops.push(() => cron.stop());
    onStart("the workers of pg_net and pg_cron");

    return {
      url: services.url,
      keys,
      databaseUrl: database.url("postgres"),
      sql,
      postgres: database,
      services,
      functions,
      cron,
      gemini,
      lines,
      stateDir: state.dir,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    starting.resolve();
  }
}

/** Said before anything is started. */
function checkFree(port: number): void {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new Plain(`Port ${port} is taken: stop what uses it, or choose another with --port.`);
  }
}

/** The settings of the real one, where its key is set. */
function realSettings(): Record<string, string> | undefined {
  const key = onCloud ? "GOOGLE_CLOUD_KEY" : "GEMINI_API_KEY";
  if (!Deno.env.get(key)) return undefined;
  const names = onCloud
    ? ["MODEL_PROVIDER", key, "GOOGLE_CLOUD_LOCATION", "GOOGLE_CLOUD_BUCKET"]
    : [key];
  return Object.fromEntries(names.map((name) => [name, Deno.env.get(name) ?? ""]));
}
