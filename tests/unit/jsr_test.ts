/** Which of the project's imports JSR is asked for, and what its answers mean. */
import { assertEquals } from "@std/assert";
import { lackOnJsr } from "../../local/jsr.ts";

const IMPORTS = {
  "@scope/one": "jsr:@scope/one@1.1.0",
  "@scope/one/part": "jsr:@scope/one@1.1.0/part",
  "@scope/two": "jsr:@scope/two@2",
  "three": "npm:three@3.0.0",
};
const HAS = { "@scope/one": { "1.1.0": {} }, "@scope/two": { "1.9.0": {}, "2.119.0": {} } };

/** A registry that has these versions. */
const registry = (packages: Record<string, object>) => {
  const asked: string[] = [];
  const get = ({ href }: URL) => {
    asked.push(href);
    const name = href.slice("https://jsr.example/".length, -"/meta.json".length);
    if (!(name in packages)) return Promise.resolve(new Response("no", { status: 404 }));
    return Promise.resolve(Response.json({ versions: packages[name] }));
  };
  return { get, asked, lack: () => lackOnJsr(IMPORTS, "https://jsr.example/", get) };
};

Deno.test("JSR is asked once for each package that is named, and for no other", async () => {
  const { lack, asked } = registry(HAS);
  assertEquals(await lack(), undefined);
  assertEquals(asked.sort(), [
    "https://jsr.example/@scope/one/meta.json",
    "https://jsr.example/@scope/two/meta.json",
  ]);
});

const LACKING: [what: string, packages: Record<string, object>, name: string, version: string][] = [
  ["no such package", { "@scope/two": { "2.0.0": {} } }, "@scope/one", "1.1.0"],
  ["another version", { ...HAS, "@scope/one": { "1.1.1": {} } }, "@scope/one", "1.1.0"],
  [
    "a yanked version",
    { ...HAS, "@scope/one": { "1.1.0": { yanked: true } } },
    "@scope/one",
    "1.1.0",
  ],
  ["another major", { ...HAS, "@scope/two": { "22.0.0": {} } }, "@scope/two", "2"],
  ["a prerelease alone", { ...HAS, "@scope/two": { "2.0.0-rc.1": {} } }, "@scope/two", "2"],
];

for (const [what, packages, missing, version] of LACKING) {
  Deno.test(`${what} is named as missing`, async () => {
    const reason = `jsr.example has no ${missing} ${version}`;
    assertEquals(await registry(packages).lack(), { reason, missing });
  });
}

Deno.test("a registry that fails or is out of reach is told from one that lacks a package", async () => {
  const asked = (answer: () => Promise<Response>) =>
    lackOnJsr(IMPORTS, "https://jsr.example/", answer);
  assertEquals(await asked(() => Promise.resolve(new Response(null, { status: 503 }))), {
    reason: "jsr.example answers 503",
  });
  for (
    const answer of [() => Promise.reject(new TypeError()), async () => await new Response("{")]
  ) {
    assertEquals(await asked(answer), { reason: "jsr.example does not answer" });
  }
});
