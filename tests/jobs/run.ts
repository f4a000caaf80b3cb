/** What tests of whole runs share: they look, hold something up, and move a summary's time. */
import { assertEquals } from "@std/assert";
import type { ModelService } from "../../local/stand_ins/gemini/service.ts";
import type { RecordedRequest } from "../../local/stand_ins/gemini/routes.ts";
import type { Stack } from "../../local/stack/stack.ts";
import { until } from "../database/platform.ts";
import { endPause, expireLease, makeDue } from "../database/worker_calls.ts";
import type { Scene } from "../e2e/harness.ts";

/** The sweep runs when a test says so. */
export async function stopCron({ sql }: Stack): Promise<void> {
  await sql`update cron.job set active = false where true`;
}

export async function sweep({ stack }: Pick<Scene, "stack">): Promise<void> {
  await stack.cron.runNow("sweep-summaries");
}

/** As if the lease and every wait of the consultation's summaries were over, and the breaker's. */
export async function passTime({ stack, consultation }: Scene): Promise<void> {
  const all = await stack.sql`
    select id from public.summaries
    where consultation_id = ${consultation} and status in ('queued', 'processing')`;
  for (const { id } of all) {
    await expireLease(stack.sql, id);
    await makeDue(stack.sql, id);
  }
  await endPause(stack.sql);
}

/** A request about a file, and not about segments. */
export const listens = ({ kind, body }: RecordedRequest) =>
  kind === "generate" && JSON.stringify(body).includes("fileData");

export const composes = (request: RecordedRequest) =>
  request.kind === "generate" && !listens(request) && !reads(request);

/** Asks for a second reading. */
export const reads = ({ kind, body }: RecordedRequest) =>
  kind === "generate" && JSON.stringify(body).includes('\\"uncited\\":');

/** What was asked for a summary: no tokens, no sweeps. */
export const asked = ({ requests }: ModelService) =>
  requests.filter(({ kind }) => kind !== "token" && kind !== "list");

/** What was asked of Gemini, and is paid for. */
export const paid = ({ requests }: ModelService) => ({
  uploads: requests.filter(({ kind }) => kind === "bytes").length,
  listened: requests.filter(listens).length,
  composed: requests.filter(composes).length,
  read: requests.filter(reads).length,
});

/** The status of the consultation's newest summary. */
export async function statusOf({ stack, consultation }: Scene): Promise<string> {
  const [row] = await stack.sql`
    select status from public.summaries where consultation_id = ${consultation}
    order by created_at desc limit 1`;
  return row?.status;
}

export async function ended(scene: Scene): Promise<string> {
  return await until(async () => {
    const status = await statusOf(scene);
    return !["queued", "processing"].includes(status) && status;
  });
}

/** What `summary_events` tells of the consultation's runs: `from → to #attempt (code)`. */
export async function story({ stack, consultation }: Scene): Promise<string[]> {
  const events = await stack.sql`
    select e.detail from public.summary_events e join public.summaries s on s.id = e.summary_id
    where s.consultation_id = ${consultation} and e.event = 'status' order by e.id`;
  return events.map(({ detail: { from, to, attempt, code } }) =>
    [from && `${from} →`, to, attempt !== undefined && `#${attempt}`, code && `(${code})`].filter(
      Boolean,
    )
      .join(" ")
  );
}

/** One sweep later nothing is left at Gemini, and nobody is asked to look again. */
export async function assertCleanedUp(scene: Scene): Promise<void> {
  const { sql, gemini, services } = scene.stack;
  services.down.clear();
  await passTime(scene);
  await sql`
    update summaries_private.summary_jobs set cleanup_after = clock_timestamp()
    where cleanup_after > clock_timestamp()`;
  await sweep(scene);
  await until(async () =>
    (await sql`
      select from summaries_private.summary_jobs j join public.summaries s on s.id = j.summary_id
      where s.consultation_id = ${scene.consultation} and j.cleanup`).count === 0
  );
  assertEquals([...gemini!.files.keys()], []);
}

/**
 * Holds up calls of a database function, `before` it is called or `after` it was: `reached` settles
 * when the first one is there; those held and all later ones go on after `letGo`.
 */
export function holdCall({ stack }: Scene, name: string, when: "before" | "after") {
  const reached = Promise.withResolvers<void>();
  const going = Promise.withResolvers<void>();
  stack.services.between = async (request, pass) => {
    if (!request.url.endsWith(`/rpc/${name}`)) return await pass();
    const answer = when === "after" ? await pass() : undefined;
    reached.resolve();
    await going.promise;
    return answer ?? await pass();
  };
  return {
    reached: reached.promise,
    letGo() {
      stack.services.between = undefined;
      going.resolve();
    },
  };
}

/** Holds up the model: calls that `meets` names are answered after `letGo`. */
export function holdModel(
  { stack }: Scene,
  meets: (request: { files: unknown[] }) => boolean = () => true,
) {
  const reached = Promise.withResolvers<void>();
  const going = Promise.withResolvers<void>();
  stack.gemini!.answer = async (request) => {
    if (!meets(request)) return undefined;
    reached.resolve();
    await going.promise;
    return undefined;
  };
  return { reached: reached.promise, letGo: going.resolve };
}

/** A queued summary that nobody is told of. */
export async function queueInSilence({ stack, clinic, consultation }: Scene): Promise<string> {
  return await stack.sql.begin(async (tx) => {
    const [{ id }] = await tx`
      insert into public.summaries (clinic_id, consultation_id)
      values (${clinic.id}, ${consultation}) returning id`;
    await tx`truncate net.http_request_queue`;
    return id;
  });
}

/** Uploads start nothing. */
export async function turnOff({ stack, clinic }: Scene): Promise<void> {
  await stack.sql`update public.clinics set auto_summarize = false where id = ${clinic.id}`;
}

/** Posts to the function as the service does. */
export async function post({ stack }: Scene, body: unknown): Promise<number> {
  const answer = await fetch(`${stack.url}/functions/v1/generate-summary`, {
    method: "POST",
    headers: { apikey: stack.keys.secret, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  await answer.body?.cancel();
  return answer.status;
}

/** What one recording costs when nothing is paid twice, see `paid`. */
export const ONCE = { uploads: 1, listened: 1, composed: 1, read: 1 };

/** The story of a summary that was worked on once, see `story`. */
export const ONE_RUN = ["queued", "queued → processing #1", "processing → completed #1"];
