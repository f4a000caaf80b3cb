/** The order of the folders in local/, as local/README.md tells it. */
import { assertEquals } from "@std/assert";
import { circles, importsOf } from "./import_graph.ts";

const graph = await importsOf(new URL("../../local/", import.meta.url));
const imports = [...graph].flatMap(([from, all]) => all.map((to) => ({ from, to })));

/** Which others each folder may import; one that is not named, none. `..`: outside of local/. */
const MAY_IMPORT: Record<string, string[]> = {
  commands: ["stack", "stand_ins", "postgres", ".."],
  stack: ["stand_ins", "postgres", "import_map.ts"],
  stand_ins: ["postgres", "samples"],
  "deno.ts": ["jsr.ts"],
};

const roomOf = (path: string) => path.split("/")[0];
const serviceOf = (path: string) => path.split("/")[1];
const shown = ({ from, to }: { from: string; to: string }) => `${from} imports ${to}`;

Deno.test("imports in local/ go down from commands by stack and stand-ins to Postgres", () => {
  // A row of the table without modules would be the name of a folder that has moved.
  const rooms = new Set(imports.map(({ from }) => roomOf(from)));
  assertEquals(Object.keys(MAY_IMPORT).filter((room) => !rooms.has(room)), []);
  const wrong = imports.filter(({ from, to }) =>
    roomOf(from) !== roomOf(to) && !MAY_IMPORT[roomOf(from)]?.includes(roomOf(to))
  );
  assertEquals(wrong.map(shown), []);
});

/** Both give the same models. */
const SHARES: Record<string, string> = { google_cloud: "gemini" };

Deno.test("a stand-in imports no other service's but Auth's, as the services do", () => {
  const wrong = imports.filter(({ from, to }) =>
    roomOf(from) === "stand_ins" && roomOf(to) === "stand_ins" &&
    ![serviceOf(from), SHARES[serviceOf(from)], "auth"].includes(serviceOf(to))
  );
  assertEquals(wrong.map(shown), []);
});

Deno.test("outside of local/, commands import the function and nothing else", () => {
  const outside = imports.filter(({ to }) => roomOf(to) === "..");
  const wrong = outside.filter(({ to }) => !to.startsWith("../supabase/functions/"));
  assertEquals(wrong.map(shown), []);
});

Deno.test("nothing in local/ imports in a circle", () => {
  assertEquals(circles(graph), []);
});
