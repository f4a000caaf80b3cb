/** An upload in a real browser: it tells how far a part is, and outlives a reload and being offline. */
import { assertEquals } from "@std/assert";
import { chromium, type Page } from "playwright-core";
import { fileURLToPath } from "node:url";
import { importArgs } from "../../local/import_map.ts";
import { withStack } from "../e2e/harness.ts";

const CHROMIUM = "/usr/bin/chromium";
const MIB = 1024 * 1024;

async function bundle(): Promise<string> {
  const entry = fileURLToPath(new URL("page.ts", import.meta.url));
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform=browser", ...importArgs, entry],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

function frontend(script: string) {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const isScript = new URL(request.url).pathname === "/page.js";
    const headers = { "content-type": isScript ? "text/javascript" : "text/html" };
    return new Response(isScript ? script : '<script src="/page.js" type="module"></script>', {
      headers,
    });
  });
}

/** Something that happens once, and is waited for. */
function moment() {
  let comes = () => {};
  const come = new Promise<void>((resolve) => comes = resolve);
  return { come, comes: () => comes() };
}

const there = await Deno.stat(CHROMIUM).then(() => true, () => false);
if (!there) console.log(`No ${CHROMIUM}: uploads in a browser are not tested.`);
else {
  const test = withStack();
  test("in Chromium an upload goes on after a reload, and after being offline", async (scene) => {
    const { stack, clinic, consultation } = scene;
    const { email, password } = clinic.doctor;
    const asked = JSON.stringify({
      url: stack.url,
      key: stack.keys.publishable,
      email,
      password,
      place: { clinicId: clinic.id, consultationId: consultation },
      bytes: 13 * MIB,
    });
    const held = moment();
    const left = moment();
    const halfway = moment();
    const waits = moment();
    const came: string[] = [];
    const server = frontend(await bundle());
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
    try {
      const context = await browser.newContext();
      const page: Page = await context.newPage();
      await page.exposeFunction("told", (what: string, share = 0) => {
        if (what === "waits") waits.comes();
        // The second part is not answered: only the browser knows that it was sent.
        else if (share === 12 / 13) halfway.comes();
      });
      stack.services.between = async (request, pass) => {
        if (!request.url.includes("/upload/resumable")) return await pass();
        came.push(request.method);
        if (came.length === 2) {
          held.comes();
          await left.come;
          throw new Error("left");
        }
        if (came.length === 4) {
          await context.setOffline(true);
          throw new Error("offline");
        }
        return await pass();
      };
      const open = async () => {
        await page.goto(`http://127.0.0.1:${server.addr.port}`);
        await page.waitForFunction("globalThis.upload");
      };
      await open();
      page.evaluate(`upload(${asked})`).catch(() => {});
      await held.come;
      await halfway.come;
      await open();
      left.comes();
      const done = page.evaluate(`upload(${asked})`) as Promise<string>;
      await waits.come;
      await context.setOffline(false);
      const path = await done;
      assertEquals(came, ["POST", "PATCH", "PATCH", "PATCH", "PATCH"]);
      assertEquals(path.endsWith(".jpg"), true);
      const { data } = await scene.doctor.storage.from("consultations").info(path);
      assertEquals([data?.size, data?.contentType], [13 * MIB, "image/jpeg"]);
    } finally {
      left.comes();
      await browser.close();
      await server.shutdown();
    }
  });
}
