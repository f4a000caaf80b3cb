/**
 * A stand-in for pg_net's background worker: sends what `net.http_post` and its kind queued, after
 * commit, a batch at a time, never twice.
 */
import { setTimeout as delay } from "node:timers/promises";
import postgres from "postgres";

/** A row of net.http_request_queue. */
interface QueuedRequest {
  id: string;
  method: string;
  url: string;
  headers: Record<string, string> | null;
  body: Uint8Array | null;
  timeout_milliseconds: number;
}

/** A row of net._http_response, but for its time. */
interface KeptResponse {
  id: string;
  status_code: number | null;
  content_type: string | null;
  headers: Record<string, string> | null;
  content: string | null;
  timed_out: boolean;
  error_msg: string | null;
}

/**
 * `url`: a connection as superuser to the database whose queue is served. A batch is taken from the
 * queue before it is sent, so that a worker that dies loses it, and the next one waits for its
 * slowest answer. `latencyMs`: how long after it was taken a batch is sent. Answers are written to
 * net._http_response and kept for six hours. Waits while Postgres or the schema net is away.
 */
export function startNetWorker(
  url: string,
  { batchSize = 200, latencyMs = 0 }: { batchSize?: number; latencyMs?: number } = {},
): { stop(): Promise<void> } {
  // Seconds between attempts to connect: the default grows to twenty while Postgres is away.
  const sql = postgres(url, { max: 2, backoff: () => 0.5, onnotice: () => {} });
  const stopping = new AbortController();
  let wake = () => {};

  async function work() {
    while (!stopping.signal.aborted) {
      // pg_net sleeps a second at most; a notification, also one while a batch is out, ends it.
      const pause = new Promise<void>((done) => {
        const timer = setTimeout(done, 1000);
        wake = () => (clearTimeout(timer), done());
      });
      if (await batch().catch(() => 0) > 0) wake();
      await pause;
    }
  }

  async function batch(): Promise<number> {
    await sql`delete from net._http_response where created < now() - interval '6 hours'`;
    const requests = await sql<QueuedRequest[]>`
      delete from net.http_request_queue
      where id in (select id from net.http_request_queue order by id limit ${batchSize})
      returning *`;
    if (requests.length > 0 && latencyMs > 0) {
      await delay(latencyMs, undefined, { signal: stopping.signal });
    }
    const responses = await Promise.all(requests.map((request) => send(request, stopping.signal)));
    if (responses.length > 0) {
      await sql`
        insert into net._http_response
          (id, status_code, content_type, headers, content, timed_out, error_msg)
        select * from jsonb_to_recordset(${sql.json(responses as never)}) as r (
          id bigint, status_code integer, content_type text, headers jsonb, content text,
          timed_out boolean, error_msg text
        )`;
    }
    return requests.length;
  }

  const listening = sql.listen("net_wake", () => wake()).catch(() => {});
  const working = work();
  return {
    stop: async () => {
      stopping.abort();
      wake();
      await working;
      await listening;
      await sql.end({ timeout: 1 });
    },
  };
}

async function send(request: QueuedRequest, stopping: AbortSignal): Promise<KeptResponse> {
  const failed = { status_code: null, content_type: null, headers: null, content: null };
  const timeout = AbortSignal.timeout(request.timeout_milliseconds);
  try {
    const answer = await fetch(request.url, {
      method: request.method,
      headers: request.headers ?? {},
      body: request.body as BodyInit | null,
      redirect: "manual",
      signal: AbortSignal.any([timeout, stopping]),
    });
    return {
      id: request.id,
      status_code: answer.status,
      content_type: answer.headers.get("content-type"),
      headers: Object.fromEntries(answer.headers),
      content: await answer.text(),
      timed_out: false,
      error_msg: null,
    };
  } catch (error) {
    const timed_out = timeout.aborted;
    const error_msg = timed_out
      ? `Timeout of ${request.timeout_milliseconds} ms reached`
      : (error as Error).message;
    return { id: request.id, ...failed, timed_out, error_msg };
  }
}
