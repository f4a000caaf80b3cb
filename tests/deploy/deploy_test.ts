/** What `supabase functions deploy` sends, and that it is the whole function. */
import { assert, assertEquals } from "@std/assert";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { supabase } from "../../local/commands/types/supabase_cli.ts";
import { functionImportMap } from "../../local/import_map.ts";
import { startFunctionsHost } from "../../local/stand_ins/functions/host.ts";
import { type Deployed, PROJECT_REF, startManagementApi } from "./management_api.ts";

const FOLDER = "supabase/functions/generate-summary";
const root = fileURLToPath(new URL("../../", import.meta.url));

async function sources(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(root + folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) found.push(...await sources(path));
    else if (/\.[jt]s$/.test(entry.name)) found.push(path);
  }
  return found;
}

async function deploy(): Promise<Deployed> {
  await using api = await startManagementApi();
  const { code, stderr, stdout } = await supabase([
    "functions",
    "deploy",
    "--use-api",
    "--yes",
    `--remote=${PROJECT_REF}`,
    `--profile=${api.profile}`,
  ], api.env);
  assertEquals(code, 0, stderr + stdout);
  assertEquals(api.deployed.length, 1);
  return api.deployed[0];
}

Deno.test("the CLI deploys every module of the function, its pins, and nothing else", async () => {
  const { slug, metadata, files } = await deploy();
  assertEquals(slug, "generate-summary");
  assertEquals(metadata, {
    name: "generate-summary",
    verify_jwt: false,
    entrypoint_path: `${FOLDER}/index.ts`,
    import_map_path: `${FOLDER}/deno.json`,
    static_patterns: [],
  });
  const wanted = await sources(FOLDER);
  assertEquals([...files.keys()].sort(), [...wanted, `${FOLDER}/deno.json`].sort());
  for (const [path, text] of files) {
    assertEquals(text, await Deno.readTextFile(root + path), path);
  }
  const bytes = [...files.values()].reduce((sum, text) => sum + text.length, 0);
  assert(bytes < 20e6, "a bundle may hold 20 MB");

  const folder = await Deno.makeTempDir();
  for (const [path, text] of files) {
    await Deno.mkdir(dirname(join(folder, path)), { recursive: true });
    await Deno.writeTextFile(join(folder, path), text);
  }
  const host = await startFunctionsHost({
    entrypoint: join(folder, String(metadata.entrypoint_path)),
    importMap: functionImportMap,
    deno: Deno.env.get("EDGE_DENO") || Deno.execPath(),
    env: { SUPABASE_URL: "http://127.0.0.1:1", SUPABASE_SECRET_KEYS: '{"default":"key"}' },
    wallClockSeconds: 400,
    onLine: () => {},
  });
  try {
    const answer = await fetch(`${await host.url()}/generate-summary/openapi.json`);
    assertEquals((await answer.json()).openapi, "3.1.0");
  } finally {
    await host.stop();
    await Deno.remove(folder, { recursive: true });
  }
});
