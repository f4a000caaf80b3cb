/** Keys and bytes go to the hosts that they are for, wherever an answer points to. */
import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { functionImportMap } from "../../local/import_map.ts";
import { onCloud } from "../../local/stack/stack.ts";
import { startFunctionsHost } from "../../local/stand_ins/functions/host.ts";
import type { RequestKind } from "../../local/stand_ins/gemini/routes.ts";
import { type Scene, withStack } from "../e2e/harness.ts";

/** With Google Cloud chosen there is nobody who would ask here, though all is set. */
const notAsked = listen();
const test = withStack({
  env: onCloud ? { GEMINI_API_KEY: "key", GEMINI_BASE_URL: notAsked.url } : {},
});

/** Another host: nothing may ever connect to it. */
function listen() {
  let connections = 0;
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const counting = (async () => {
    for await (const connection of listener) {
      connections++;
      connection.close();
    }
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    async connections() {
      listener.close();
      await counting;
      return connections;
    },
  };
}

/** Uploads a recording, and waits for its summary; what went wrong on the way was tried again. */
async function run(scene: Scene): Promise<void> {
  await scene.upload("consultation.webm");
  await scene.event({ status: "completed" });
}

test("a redirect of Storage is not followed", async (scene) => {
  const elsewhere = listen();
  const { faults } = scene.stack.services.storage;
  faults.push({ redirect: elsewhere.url, on: "ranged" }, { redirect: elsewhere.url });
  await run(scene);
  assertEquals(faults, []);
  assertEquals(await elsewhere.connections(), 0);
});

test("a redirect of Gemini is not followed, whatever was asked", async (scene) => {
  const elsewhere = listen();
  const gemini = scene.stack.gemini!;
  const kinds: RequestKind[] = ["get", "start", "bytes", "query", "count", "generate", "delete"];
  // A new isolate has none yet.
  if (onCloud) kinds.push("token");
  await scene.stack.functions.kill("SIGKILL");
  const headers = { location: `${elsewhere.url}/v1beta/files` };
  for (const on of kinds) gemini.fail({ on, status: 307, headers });
  await run(scene);
  const redirected = gemini.requests.filter(({ status }) => status === 307);
  assertEquals(redirected.map(({ kind }) => kind).sort(), kinds.sort());
  assertEquals(await elsewhere.connections(), 0);
});

test("an upload address of another host gets no bytes", async (scene) => {
  const elsewhere = listen();
  for (const url of [elsewhere.url, elsewhere.url.replace("127", "user:pass@127")]) {
    scene.stack.gemini!.fail({
      on: "start",
      status: 200,
      headers: {
        "x-goog-upload-url": `${url}/upload/v1beta/files?upload_id=x`,
        "x-goog-upload-status": "active",
        location: `${url}/upload/storage/v1/b/other/o?upload_id=x`,
      },
    });
  }
  await run(scene);
  const starts = scene.stack.gemini!.requests.filter(({ kind }) => kind === "start");
  assert(starts.length > 2);
  assertEquals(await elsewhere.connections(), 0);
});

test("a redirect of REST or Auth is not followed, whoever asks", async (scene) => {
  const { stack, doctor, consultation } = scene;
  const elsewhere = listen();
  const asked: string[] = [];
  // A project that sends everybody away.
  const project = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    asked.push(new URL(request.url).pathname);
    return Response.redirect(`${elsewhere.url}/`, 307);
  });
  const { tokens } = stack.services;
  const host = await startFunctionsHost({
    entrypoint: fileURLToPath(
      new URL("../../supabase/functions/generate-summary/index.ts", import.meta.url),
    ),
    importMap: functionImportMap,
    deno: Deno.env.get("EDGE_DENO") || Deno.execPath(),
    wallClockSeconds: 400,
    env: {
      SUPABASE_URL: `http://127.0.0.1:${project.addr.port}`,
      AUTH_ISSUER: `${stack.url}/auth/v1`,
      SUPABASE_SECRET_KEYS: JSON.stringify({ default: tokens.keys.secret }),
      SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: tokens.keys.publishable }),
      SUPABASE_JWKS: JSON.stringify(tokens.jwks),
      GEMINI_API_KEY: "key",
      GEMINI_BASE_URL: stack.gemini!.url,
    },
    onLine: () => {},
  });
  const post = async (headers: Record<string, string>, body: unknown) => {
    const answer = await fetch(`${await host.url()}/generate-summary`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    return `${answer.status} ${(await answer.json()).error?.code}`;
  };
  try {
    const { data } = await doctor.auth.getSession();
    const token = data.session!.access_token;
    const user = { authorization: `Bearer ${token}` };
    const hs256 = { authorization: `Bearer ${await tokens.toShared(token)}` };
    const service = { apikey: tokens.keys.secret };
    const path = `${consultation}/${consultation}/a.webm`;
    const record = { id: consultation, consultation_id: consultation };
    const webhook = { type: "INSERT", schema: "public", record, old_record: null };
    assertEquals(
      await Promise.all([
        post(user, { consultation_id: consultation }),
        post(user, { primary_audio_url: path }),
        post(hs256, { consultation_id: consultation }),
        post(service, { summary_id: consultation }),
        post(service, { ...webhook, table: "recordings" }),
        fetch(`${await host.url()}/generate-summary/health`).then(async (answer) =>
          (await answer.json()).database
        ),
      ]),
      [
        "503 database_unavailable",
        "503 database_unavailable",
        "503 auth_unavailable",
        "202 undefined",
        "202 undefined",
        "down",
      ],
    );
  } finally {
    await host.stop();
    await project.shutdown();
  }
  for (
    const path of [
      "/rest/v1/rpc/request_summary",
      "/rest/v1/rpc/claim_next",
      "/rest/v1/recordings",
      "/auth/v1/user",
    ]
  ) {
    assert(asked.includes(path), `${path} was not asked`);
  }
  assertEquals(await elsewhere.connections(), 0);
});

Deno.test({
  name: "with Google Cloud chosen, the Gemini API's host is never asked",
  ignore: !onCloud,
  async fn() {
    assertEquals(await notAsked.connections(), 0);
  },
});
