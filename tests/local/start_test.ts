/** `deno task start`, as a process: what a frontend gets of it. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createClient } from "@supabase/supabase-js";
import { LOCAL_KEYS } from "../../local/stand_ins/auth/local_keys.ts";
import { freePort, type Running, start } from "./command.ts";

const quiet = { auth: { persistSession: false, autoRefreshToken: false } };

async function started(args: string[]): Promise<Running & { url: string; port: string }> {
  const port = String(freePort());
  const running = start("start", ["--port", port, ...args]);
  await running.printed(/Ctrl-C stops everything/);
  return { ...running, port, url: `http://127.0.0.1:${port}` };
}

async function signedIn(url: string, name: string) {
  const client = createClient(url, LOCAL_KEYS.publishable, quiet);
  const { data, error } = await client.auth.signInWithPassword({
    email: `${name}@example.com`,
    password: "password",
  });
  if (error) throw error;
  return { client, token: data.session.access_token };
}

async function stopped(running: Running): Promise<void> {
  running.kill("SIGINT");
  assertEquals(await running.ended, 130, running.said());
}

const options = { sanitizeResources: false, sanitizeOps: false };

Deno.test(
  "start has the port and keys of supabase start, and a person of each role",
  options,
  async () => {
    const running = await started([]);
    try {
      const { url } = running;
      const block = Object.fromEntries(
        [...running.said().matchAll(/^(SUPABASE_\w+)=(.*)$/gm)].map((
          [, name, value],
        ) => [name, value]),
      );
      assertEquals(block.SUPABASE_URL, url);
      assertEquals(block.SUPABASE_PUBLISHABLE_KEY, LOCAL_KEYS.publishable);
      assertEquals(block.SUPABASE_SECRET_KEY, LOCAL_KEYS.secret);

      const roles: string[] = [];
      for (const name of ["doctor", "nurse", "receptionist", "admin"]) {
        const { client } = await signedIn(url, name);
        const { data: { user } } = await client.auth.getUser();
        const { data } = await client.from("clinic_members").select("role").eq("user_id", user!.id)
          .single().throwOnError();
        roles.push(data.role);
      }
      assertEquals(roles, ["doctor", "nurse", "receptionist", "admin"]);
      await running.printed(/"event":"completed"/);

      const { client, token } = await signedIn(url, "doctor");
      const { data: made } = await client.from("consultations").select("id, clinic_id").limit(1)
        .single().throwOnError();
      const ask = (origin: string) =>
        fetch(`${url}/functions/v1/generate-summary`, {
          method: "POST",
          headers: {
            origin,
            authorization: `Bearer ${token}`,
            apikey: LOCAL_KEYS.publishable,
            "content-type": "application/json",
          },
          body: JSON.stringify({ consultation_id: made.id }),
        });
      for (const origin of ["http://localhost:5173", "http://127.0.0.1:3000", "http://localhost"]) {
        const answer = await ask(origin);
        assertEquals(
          [answer.status, answer.headers.get("access-control-allow-origin")],
          [200, origin],
          await answer.text(),
        );
      }
      for (const origin of ["http://localhost.evil.example:5173", "https://elsewhere.example"]) {
        const answer = await ask(origin);
        await answer.body?.cancel();
        assertEquals(answer.headers.get("access-control-allow-origin"), null, origin);
      }
    } finally {
      await stopped(running);
    }
  },
);

Deno.test("its pages show tables as text, and the mail of invitations", options, async () => {
  const running = await started([]);
  try {
    const address = (name: string) => new RegExp(`${name}: +(\\S+)`).exec(running.said())![1];
    const text = async (url: string) => await (await fetch(url)).text();
    const service = createClient(running.url, LOCAL_KEYS.secret, quiet);
    await service.from("clinics").insert({ name: "<script>alert(1)</script>" }).throwOnError();

    const tables = address("Tables");
    assertStringIncludes(await text(tables), '<a href="?table=clinics">clinics</a> (2)');
    const clinics = await text(`${tables}?table=clinics`);
    assertStringIncludes(clinics, "<td>Elm Street Clinic");
    assertStringIncludes(clinics, "<td>&#60;script&#62;alert(1)");
    assert(!clinics.includes("<script"));
    assert(!(await text(`${tables}?table=pg_authid`)).includes("<h1>"));

    const { error } = await service.auth.admin.inviteUserByEmail('"<b>x"@example.com');
    assertEquals(error, null);
    const mails = await text(address("Mail"));
    assertStringIncludes(mails, "<li>&#34;&#60;b&#62;x&#34;@example.com: <a href=");
    assertStringIncludes(mails, `${running.url}/auth/v1/verify?token`);
  } finally {
    await stopped(running);
  }
});

Deno.test(
  "with --keep the data and the sessions are there again, without it they are not",
  options,
  async () => {
    const port = String(freePort());
    const url = `http://127.0.0.1:${port}`;
    const folder = `/var/tmp/summaries-local-${Deno.uid()}/kept-${port}`;
    const startKept = async (...more: string[]) => {
      const running = start("start", ["--port", port, ...more]);
      await running.printed(/Ctrl-C stops everything/);
      return running;
    };
    try {
      const first = await startKept("--keep");
      await first.printed(/"event":"completed"/);
      const { client, token } = await signedIn(url, "doctor");
      const count = async () =>
        (await client.from("summaries").select("id", { count: "exact" }).throwOnError()).count;
      assertEquals(await count(), 1);
      await stopped(first);
      assertStringIncludes(first.said(), folder);

      // Killed, it can stop nothing: the next one does.
      const second = await startKept("--keep");
      assertEquals(await count(), 1);
      const other = start("start", ["--port", String(freePort()), "--keep"]);
      other.kill("SIGKILL");
      second.kill("SIGKILL");
      await second.ended;

      const third = await startKept("--keep");
      const early = await fetch(`${url}/rest/v1/summaries?select=id`, {
        headers: { authorization: `Bearer ${token}`, apikey: LOCAL_KEYS.publishable },
      });
      assertEquals((await early.json()).length, 1, "a session of the first one is good still");
      await stopped(third);

      const without = await startKept();
      await without.printed(/"event":"completed"/);
      assert(await Deno.stat(folder));
      await stopped(without);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

Deno.test(
  "--fail makes the model fail until it is switched off, --slow makes it slow",
  options,
  async () => {
    const running = await started(["--fail", "model_quota", "--slow", "1"]);
    try {
      await running.printed(/"event":"\w+"[^\n]*model_quota/);
      const faults = /Faults: +(\S+)/.exec(running.said())![1];
      assertStringIncludes(await (await fetch(faults)).text(), "fails: model_quota");
      const off = await fetch(`${faults}?fail=`, { method: "POST" });
      assertStringIncludes(await off.text(), "The model works");
      const { client } = await signedIn(running.url, "doctor");
      const { data } = await client.from("summaries").select("id, status, waiting_for")
        .throwOnError();
      assertEquals(data.map(({ status, waiting_for }) => [status, waiting_for]), [[
        "queued",
        "account",
      ]]);
    } finally {
      await stopped(running);
    }

    const slow = await started(["--slow", "1"]);
    try {
      const line = await slow.printed(/"event":"completed"[^\n]*"ms":(\d+)/);
      assert(Number(line) >= 3000, `three answers took ${line} ms`);
    } finally {
      await stopped(slow);
    }
  },
);
