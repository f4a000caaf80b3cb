/** What `deno task preflight` says of a project that is in order, and of each thing that may not be. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Finding } from "../../local/commands/preflight/finding.ts";
import { preflight } from "../../local/commands/preflight/preflight.ts";
import { makeClinic, makeConsultation, signIn } from "../../local/commands/demo/clinic.ts";
import { type Stack, startStack } from "../../local/stack/stack.ts";

const ORIGIN = "https://app.example.com";
const missing = (findings: Finding[]) => findings.filter(({ ok }) => !ok);

Deno.test({
  name: "a project that is in order has nothing missing",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const stack = await startStack({ env: { FRONTEND_URL: ORIGIN } });
    try {
      await stack.cron.runNow("sweep-summaries");
      const asked = { url: stack.url, secretKey: stack.keys.secret, fetch, now: Date.now() };
      const findings = await preflight({ ...asked, origin: ORIGIN });
      assertEquals(missing(findings), []);
      assertEquals(findings.length, 9);
      const member = await uploader(stack);
      const tried = {
        url: stack.url,
        secretKey: stack.keys.secret,
        fetch,
        now: Date.now(),
        member,
      };
      assertEquals(missing(await preflight(tried)), []);
      await stack
        .sql`drop policy "only the service signs addresses of recordings" on storage.objects`;
      assertMatch(missing(await preflight(tried))[0].text, /member can sign addresses/);
      const forged = async (...[input, init]: Parameters<typeof fetch>) => {
        const answer = await fetch(input, init);
        if (!String(input).endsWith("/generate-summary")) return answer;
        await answer.body?.cancel();
        return Response.json({ error: { code: "unauthorized" } }, { status: 401 });
      };
      const [refused] = missing(await preflight({ ...tried, fetch: forged }));
      assertStringIncludes(refused.todo!, `AUTH_ISSUER=${stack.url}/auth/v1`);
      const unknown = { ...tried, member: { ...member, password: "wrong" } };
      assertMatch(missing(await preflight(unknown))[0].text, /can't sign in/);
      const [other] = missing(await preflight({ ...asked, origin: "https://other.example.com" }));
      assertStringIncludes(other.todo!, "FRONTEND_URL=https://other.example.com");
      const [wrong] = missing(await preflight({ ...asked, secretKey: "sb_secret_wrong" }));
      assertStringIncludes(wrong.text, "does not know the key");
      await stack.sql`update storage.buckets set public = true where id = 'consultations'`;
      assertMatch(missing(await preflight(asked))[0].text, /is public/);
    } finally {
      await stack.stop();
    }
  },
});

/** A doctor who has uploaded a recording, as they sign in. */
async function uploader(stack: Stack) {
  const clinic = await makeClinic(stack);
  const doctor = await signIn(stack, clinic.doctor);
  const consultation = await makeConsultation(doctor, clinic.id);
  const path = `${clinic.id}/${consultation}/${crypto.randomUUID()}.webm`;
  const sent = await doctor.storage.from("consultations").upload(
    path,
    new Blob(["a"], { type: "audio/webm" }),
  );
  assertEquals(sent.error, null);
  const { email, password } = clinic.doctor;
  return { key: stack.keys.publishable, email, password };
}

const now = Date.parse("2026-11-22T09:00:00Z");
const healthy = {
  status: "ok",
  database: "ok",
  gemini_client: "ok",
  second_reader: "ok",
  model: "gemini-3.8-flash",
  queue: {
    queued: 0,
    processing: 0,
    oldest_due_seconds: null,
    held_by: null,
    last_sweep_at: "2026-11-22T08:59:50Z",
    upload_trigger: true,
    failed_last_hour: 0,
  },
};

/** What is missing when the health route answers this. */
async function said(body: unknown, status = 200): Promise<Finding[]> {
  const answering = (input: string | URL | Request) =>
    Promise.resolve(
      String(input).endsWith("/health")
        ? Response.json(body, { status })
        : Response.json({ public: false }),
    );
  const asked = { url: "https://ref.supabase.co", secretKey: "sb_secret_x", now };
  return missing(await preflight({ ...asked, fetch: answering as typeof fetch }));
}

const cases: [string, unknown, number, RegExp][] = [
  ["not deployed", { code: "NOT_FOUND" }, 404, /functions deploy generate-summary/],
  ["asks for a token first", { code: "UNAUTHORIZED_NO_AUTH_HEADER" }, 401, /verify_jwt = false/],
  ["does not start", { code: "BOOT_ERROR" }, 503, /Logs/],
  ["no migrations", { ...healthy, status: "down", database: "down", queue: null }, 503, /db push/],
  [
    "no such second reader",
    { ...healthy, second_reader: "down" },
    200,
    /secrets unset VERIFY_MODEL/,
  ],
  ["no key for Gemini", { ...healthy, gemini_client: "down" }, 503, /secrets set GEMINI_API_KEY/],
  ["no sweep", { ...healthy, queue: { ...healthy.queue, last_sweep_at: null } }, 200, /pg_cron/],
  [
    "an old sweep",
    { ...healthy, queue: { ...healthy.queue, last_sweep_at: "2026-11-22T08:50:00Z" } },
    200,
    /pg_cron/,
  ],
  [
    "no trigger on uploads",
    { ...healthy, queue: { ...healthy.queue, upload_trigger: false } },
    200,
    /select summaries_private\.watch_uploads\(\)/,
  ],
  [
    "no hints",
    { ...healthy, queue: { ...healthy.queue, queued: 3, oldest_due_seconds: 120 } },
    200,
    /Vault/,
  ],
  [
    "a queue that is held",
    {
      ...healthy,
      queue: { ...healthy.queue, queued: 3, oldest_due_seconds: 120, held_by: "account" },
    },
    200,
    /GEMINI_API_KEY/,
  ],
];
for (const [name, body, status, todo] of cases) {
  Deno.test(`what to do is said: ${name}`, async () => {
    const findings = await said(body, status);
    assertEquals(findings.length, 1);
    assertMatch(findings[0].todo!, todo);
  });
}

Deno.test("what to do is said: nothing answers", async () => {
  const away = () => Promise.reject(new TypeError("away"));
  const [finding] = await preflight({ url: "https://ref.supabase.co", fetch: away, now });
  assertStringIncludes(finding.text, "Nothing answers");
});
