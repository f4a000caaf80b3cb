import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import postgres from "postgres";
import { startCron } from "../../local/stand_ins/pg_cron/scheduler.ts";
import { startNetWorker } from "../../local/stand_ins/pg_net/worker.ts";
import { startPostgres } from "../../local/postgres/postgres.ts";
import { openState } from "../../local/stack/state.ts";
import { until, withPlatform } from "./platform.ts";

Deno.test("a request is sent after commit, once, and its answer is kept", () =>
  withPlatform(async ({ sql, url }) => {
    const asked: { path: string; body: string; type: string | null; key: string | null }[] = [];
    const server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      async (request) => {
        const { pathname, search } = new URL(request.url);
        const { headers } = request;
        asked.push({
          path: pathname + search,
          body: await request.text(),
          type: headers.get("content-type"),
          key: headers.get("apikey"),
        });
        return pathname === "/broken"
          ? new Response("no", { status: 500 })
          : Response.json({ ok: true }, { status: 202 });
      },
    );
    const base = `http://127.0.0.1:${server.addr.port}`;
    const worker = startNetWorker(url("supabase_admin"));
    try {
      const rolledBack = sql.begin(async (tx) => {
        await tx`select net.http_post(${base + "/rolled-back"})`;
        throw new Error("changed our mind");
      });
      await assertRejects(() => rolledBack, Error, "changed our mind");
      await sql.begin(async (tx) => {
        await tx`
          select net.http_post(
            ${base + "/hook"}, '{"a": 1}', '{"q": "x y&z"}', '{"apikey": "k"}'
          )`;
        const [{ waiting }] = await tx`select count(*)::int as waiting from net.http_request_queue`;
        assertEquals(waiting, 1);
        assertEquals(asked, []);
      });
      await sql`select net.http_post(${base + "/broken"})`;
      await sql`select net.http_get('http://127.0.0.1:9/nobody')`;

      const answers = await until(async () => {
        const rows = await sql`select * from net._http_response order by id`;
        return rows.length === 3 && rows;
      });
      assertEquals(asked, [
        { path: "/hook?q=x%20y%26z", body: '{"a": 1}', type: "application/json", key: "k" },
        { path: "/broken", body: "{}", type: "application/json", key: null },
      ]);
      const [hook, broken, nobody] = answers;
      assertEquals(hook.status_code, 202);
      assertEquals(hook.content, '{"ok":true}');
      assertEquals(hook.headers["content-type"], "application/json");
      assertEquals([broken.status_code, broken.content], [500, "no"]);
      assertEquals([nobody.status_code, nobody.timed_out], [null, false]);
      assert(nobody.error_msg.length > 0);
      assertEquals((await sql`select * from net.http_request_queue`).length, 0);
    } finally {
      await worker.stop();
      await server.shutdown();
    }
  }));

Deno.test("a batch is taken from the queue before it is sent, and the next waits for its slowest answer", () =>
  withPlatform(async ({ sql, url }) => {
    const asked: string[] = [];
    let release = () => {};
    const held = new Promise<void>((done) => release = done);
    const server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      async (request) => {
        const { pathname } = new URL(request.url);
        asked.push(pathname);
        if (pathname === "/slow") await held;
        return new Response();
      },
    );
    const base = `http://127.0.0.1:${server.addr.port}`;
    await sql`
      select net.http_get(${base} || path)
      from unnest(array['/slow', '/quick', '/next']) with ordinality as t (path, n) order by n`;
    await sql`insert into net._http_response (id, created) values (0, now() - interval '7 hours')`;
    const worker = startNetWorker(url("supabase_admin"), { batchSize: 2 });
    try {
      await until(() => Promise.resolve(asked.length === 2));
      const queued = await sql`select url from net.http_request_queue`;
      assertEquals(queued.map((row) => row.url), [`${base}/next`]);
      // Written with the whole batch; only what was there before is gone by its age.
      assertEquals((await sql`select * from net._http_response`).length, 0);
      release();
      await until(async () => (await sql`select * from net._http_response`).length === 3);
      assertEquals(asked.toSorted(), ["/next", "/quick", "/slow"]);
      assertEquals(asked[2], "/next");
    } finally {
      release();
      await worker.stop();
      await server.shutdown();
    }
  }));

Deno.test("a batch is sent as late as the worker is told to", () =>
  withPlatform(async ({ sql, url }) => {
    const asked = Promise.withResolvers<number>();
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
      asked.resolve(performance.now());
      return new Response();
    });
    const worker = startNetWorker(url("supabase_admin"), { latencyMs: 200 });
    try {
      const queued = performance.now();
      await sql`select net.http_get(${`http://127.0.0.1:${server.addr.port}/`})`;
      assert(await asked.promise - queued >= 200);
    } finally {
      await worker.stop();
      await server.shutdown();
    }
  }));

Deno.test("a request that gets no answer in its time is written down as timed out", () =>
  withPlatform(async ({ sql, url }) => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const worker = startNetWorker(url("supabase_admin"));
    try {
      const silent = `http://127.0.0.1:${listener.addr.port}/`;
      await sql`select net.http_get(${silent}, timeout_milliseconds => 50)`;
      const [answer] = await until(async () => {
        const rows = await sql`select * from net._http_response`;
        return rows.length === 1 && rows;
      });
      assertEquals([answer.status_code, answer.timed_out], [null, true]);
      assertMatch(answer.error_msg, /Timeout of 50 ms/);
    } finally {
      await worker.stop();
      listener.close();
    }
  }));

Deno.test("a job runs as its user when it is due, and each run leaves its outcome", () =>
  withPlatform(async ({ sql, url }) => {
    await sql`create table public.runs (who text, n serial)`;
    await sql`select cron.schedule('often', '1 second', 'insert into public.runs values (session_user)')`;
    await sql`select cron.schedule('never', '0 0 30 2 *', 'insert into public.runs values (''never'')')`;
    await sql`select cron.schedule('broken', '0 0 1 1 *', 'select 1/0')`;
    const cron = startCron(url("supabase_admin"));
    try {
      await until(async () => (await sql`select * from public.runs`).length >= 2);
      await cron.runNow("broken");
      await assertRejects(() => cron.runNow("missing"), Error, "no job missing");
    } finally {
      await cron.stop();
    }
    assertEquals((await sql`select distinct who from public.runs`).map((row) => row.who), [
      "postgres",
    ]);
    const outcomes = await sql`
      select distinct jobname, status, return_message
      from cron.job_run_details join cron.job using (jobid) where status <> 'running' order by 1`;
    assertEquals(outcomes.map((row) => Object.values(row)), [
      ["broken", "failed", "ERROR: division by zero"],
      ["often", "succeeded", null],
    ]);
  }));

Deno.test("a job that still runs is not started again", () =>
  withPlatform(async ({ sql, url, connect }) => {
    await sql`create table public.gate (id int)`;
    await sql`select cron.schedule('held', '1 second', 'select * from public.gate')`;
    await sql`select cron.schedule('clock', '1 second', 'select 1')`;
    const started = (name: string) =>
      sql`select runid from cron.job_run_details join cron.job using (jobid) where jobname = ${name}`;
    const holder = await connect().reserve();
    await holder`begin`;
    await holder`lock table public.gate in access exclusive mode`;
    const cron = startCron(url("supabase_admin"));
    try {
      await until(async () => (await started("clock")).length === 2);
      assertEquals((await started("held")).length, 1);
      await holder`rollback`;
      await until(async () => (await started("held")).length > 1);
    } finally {
      await cron.stop();
      holder.release();
    }
  }));

Deno.test("the workers go on after Postgres was away", async () => {
  const state = await openState();
  const stack = await startPostgres({ stateDir: state.dir });
  const net = startNetWorker(stack.url("supabase_admin"));
  const cron = startCron(stack.url("supabase_admin"));
  const sql = postgres(stack.url(), { max: 1, backoff: () => 0.1, onnotice: () => {} });
  try {
    // Before they have anything to work on.
    await sql`create extension pg_net with schema extensions`;
    await sql`create extension pg_cron`;
    await sql`select cron.schedule('often', '1 second', 'select 1')`;
    await stack.restart({ crash: true });
    await sql`select net.http_get('http://127.0.0.1:9/')`;
    await until(async () => (await sql`select * from net._http_response`).length === 1);
    await until(async () =>
      (await sql`select * from cron.job_run_details where status = 'succeeded'`).length > 0
    );
  } finally {
    await cron.stop();
    await net.stop();
    await sql.end();
    await stack.stop();
    await state.remove();
  }
});
