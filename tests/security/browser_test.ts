/** What a real browser lets a page do: supabase-js in Chromium, on pages of several origins. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { type Browser, chromium } from "playwright-core";
import { fileURLToPath } from "node:url";
import { type Stack, startStack } from "../../local/stack/stack.ts";
import { importArgs } from "../../local/import_map.ts";
import { makeClinic, makeConsultation, signIn } from "../../local/commands/demo/clinic.ts";

const CHROMIUM = "/usr/bin/chromium";

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

const ignore = !await isThere(CHROMIUM);
if (ignore) {
  console.log(`No ${CHROMIUM}: what browsers allow is not tested (apt-get install chromium).`);
}

/** supabase-js as a browser loads it. */
async function bundle(): Promise<string> {
  const entry = fileURLToPath(new URL("page.ts", import.meta.url));
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform=browser", ...importArgs, entry],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** An origin with a page that has supabase-js; at `/sandboxed` the page's own origin is null. */
function frontend(script: () => string) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    const headers = new Headers({ "access-control-allow-origin": "*" });
    if (pathname === "/sandboxed") headers.set("content-security-policy", "sandbox allow-scripts");
    const isScript = pathname === "/page.js";
    headers.set("content-type", isScript ? "text/javascript" : "text/html");
    const page = '<script src="/page.js" type="module"></script>';
    return new Response(isScript ? script() : page, { headers });
  });
  return { origin: `http://127.0.0.1:${server.addr.port}`, server };
}

interface Asked {
  url: string;
  key: string;
  email: string;
  password: string;
  body: unknown;
  headers: Record<string, string>;
}

/** Signs in and invokes the function as a page does; what came back, or the browser's refusal. */
async function invoke(browser: Browser, address: string, asked: Asked): Promise<string> {
  const page = await browser.newPage();
  await page.goto(address);
  await page.waitForFunction("globalThis.ask");
  const outcome = await page.evaluate(`ask(${JSON.stringify(asked)})`) as string;
  await page.close();
  return outcome;
}

Deno.test({
  name: "a page of an allowed origin invokes the function, one of another origin can't",
  ignore,
  async fn(t) {
    let script = "";
    const allowed = frontend(() => script);
    const foreign = frontend(() => script);
    let stack: Stack | undefined;
    let browser: Browser | undefined;
    try {
      script = await bundle();
      stack = await startStack({ env: { FRONTEND_URL: `https://a.example,${allowed.origin}` } });
      browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
      const clinic = await makeClinic(stack);
      const { email, password } = clinic.doctor;
      const client = await signIn(stack, clinic.doctor);
      const asked = {
        url: stack.url,
        key: stack.keys.publishable,
        email,
        password,
        body: { consultation_id: await makeConsultation(client, clinic.id) },
        headers: { prefer: "respond-async", "x-request-id": "from-a-browser" },
      };
      const chrome = browser;
      const outcomes = async (address: string) => await invoke(chrome, address, asked);

      await t.step("the allowed one reads the answer, and its headers", async () => {
        const outcome = await outcomes(allowed.origin);
        assertEquals(outcome, "422 no_recordings from-a-browser");
      });
      await t.step("another origin gets nothing to read", async () => {
        assertStringIncludes(await outcomes(foreign.origin), "FunctionsFetchError");
      });
      await t.step("nor does a page whose origin is null", async () => {
        const outcome = await outcomes(`${allowed.origin}/sandboxed`);
        assertStringIncludes(outcome, "FunctionsFetchError");
      });
      await t.step("what was refused did not reach the function", () => {
        const answers = stack!.lines.filter((line) => line.includes('"from-a-browser"'));
        assertEquals(answers.length, 1);
      });
    } finally {
      await browser?.close();
      await stack?.stop();
      await allowed.server.shutdown();
      await foreign.server.shutdown();
    }
  },
});

Deno.test({
  name: "deno task start serves a page on which a summary can be asked for",
  ignore,
  async fn() {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    listener.close();
    const port = String(listener.addr.port);
    const start = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "local/deno.ts", "run", "-A", "local/commands/start.ts", "--port", port],
      cwd: fileURLToPath(new URL("../..", import.meta.url)),
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    let browser: Browser | undefined;
    try {
      const address = await find(start.stdout, /Try the API: +(\S+)/);
      browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
      const page = await browser.newPage();
      const hosts = new Set<string>();
      page.on("request", (request) => hosts.add(new URL(request.url()).hostname));
      await page.goto(address);
      await page.locator(".opblock-post").click();
      await page.getByRole("button", { name: "Try it out" }).click();
      await page.getByRole("button", { name: "Execute" }).click();
      const answer = page.locator(".live-responses-table .response");
      await answer.waitFor();
      assertEquals((await answer.locator(".response-col_status").innerText()).trim(), "200");
      assertStringIncludes(await answer.innerText(), "Amoxicillin 500 mg");
      // Every example is one that can be executed.
      const examples = page.locator(".opblock-section-request-body .examples-select select");
      const names = await examples.locator("option").evaluateAll((all) =>
        all.map((option) => (option as unknown as { value: string }).value)
      );
      assertEquals(names, ["by_consultation", "by_urls"]);
      await examples.selectOption("by_urls");
      const second = page.waitForResponse((response) => response.request().method() === "POST");
      await page.getByRole("button", { name: "Execute" }).click();
      assertEquals((await second).status(), 200);
      // The statuses of errors are one row.
      const rows = page.locator(
        ".opblock-post .responses-table:not(.live-responses-table) tr.response",
      );
      assertEquals(await rows.count(), 3);
      assertEquals([...hosts], ["127.0.0.1"]);
    } finally {
      await browser?.close();
      start.kill("SIGTERM");
      await start.status;
    }
  },
});

/** The first group of what is printed, when it is; what follows is read and dropped. */
async function find(output: ReadableStream<Uint8Array>, wanted: RegExp): Promise<string> {
  let printed = "";
  const reader = output.pipeThrough(new TextDecoderStream()).getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    printed += read.value;
    const found = wanted.exec(printed)?.[1];
    if (!found) continue;
    (async () => {
      while (!(await reader.read()).done);
    })();
    return found;
  }
  throw new Error(`It ended after:\n${printed}`);
}
