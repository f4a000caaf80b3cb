import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { makeAccount } from "../../../../local/stand_ins/google_cloud/tokens.ts";
import { readSettings } from "../../../../supabase/functions/generate-summary/models/google_cloud/settings.ts";

const { key: KEY, email } = await makeAccount("hospital-1");
const GIVEN = { key: JSON.stringify(KEY), location: "eu", bucket: "hospital-1-recordings" };

function read(changes: Partial<Record<"key" | "location" | "bucket" | "baseUrl", string>> = {}) {
  const settings = readSettings({ ...GIVEN, ...changes });
  if ("problem" in settings) throw new Error(settings.problem);
  return settings;
}

Deno.test("a service account's key gives the account and the project", () => {
  const { account, project, location, bucket } = read();
  assertEquals([account.email, account.keyId], [email, KEY.private_key_id]);
  assertEquals([project, location, bucket], ["hospital-1", "eu", "hospital-1-recordings"]);
});

for (
  const [how, key] of [
    ["indented", JSON.stringify(KEY, null, 2)],
    ["with its line ends turned into real ones", GIVEN.key.replaceAll("\\n", "\n")],
    ["with its line ends turned into those of Windows", GIVEN.key.replaceAll("\\n", "\r\n")],
    ["with its line ends escaped twice", GIVEN.key.replaceAll("\\n", "\\\\n")],
  ]
) {
  Deno.test(`the same key is read ${how}`, () => {
    assertEquals(read({ key }).account, read().account);
  });
}

for (
  const [location, host] of [
    ["global", "https://aiplatform.googleapis.com"],
    ["us", "https://aiplatform.us.rep.googleapis.com"],
    ["eu", "https://aiplatform.eu.rep.googleapis.com"],
    ["asia-south1", "https://asia-south1-aiplatform.googleapis.com"],
  ]
) {
  Deno.test(`a model in ${location} is asked at ${host}`, () => {
    assertEquals(read({ location }).hosts, {
      token: "https://oauth2.googleapis.com",
      model: host,
      storage: "https://storage.googleapis.com",
    });
  });
}

Deno.test("with a proxy all three are asked there", () => {
  const { hosts } = read({ baseUrl: "http://proxy.test" });
  assertEquals(new Set(Object.values(hosts)), new Set(["http://proxy.test"]));
});

const without = (name: keyof typeof KEY) => JSON.stringify({ ...KEY, [name]: undefined });

for (
  const [what, changes, says] of [
    ["no key", { key: "" }, "GOOGLE_CLOUD_KEY is missing"],
    ["no location and no bucket", { location: "", bucket: "" }, "LOCATION and GOOGLE_CLOUD_BUCKET"],
    ["a location that is none", { location: "Europe/Berlin" }, "GOOGLE_CLOUD_LOCATION is no"],
    ["a location that is a host", { location: "a.b" }, "GOOGLE_CLOUD_LOCATION is no"],
    ["a bucket's address", { bucket: "gs://b" }, "without gs://"],
    ["a bucket with a path", { bucket: "bucket/secret" }, "without gs://"],
    ["a key that is no JSON", { key: "AIzaSecret" }, "is no JSON"],
    ["a key that is a list", { key: "[]" }, "is no JSON"],
    ["a user's key", {
      key: JSON.stringify({ type: "authorized_user", refresh_token: "secret" }),
    }, "of the type authorized_user"],
    ["a key of no type", { key: '{"type":"<secret>"}' }, "of another type"],
    ["a key without a private key", { key: without("private_key") }, "has no private_key"],
    ["a key without an account", { key: without("client_email") }, "has no client_email"],
    ["a key without a project", { key: without("project_id") }, "or no project_id"],
    ["a private key that is none", {
      key: JSON.stringify({ ...KEY, private_key: "secret" }),
    }, "can't be read"],
  ] as [string, Partial<typeof GIVEN>, string][]
) {
  Deno.test(`${what} is one sentence that names the setting, and not its value`, () => {
    const settings = readSettings({ ...GIVEN, ...changes });
    assert("problem" in settings);
    assertStringIncludes(settings.problem, says);
    assertStringIncludes(settings.problem, "GOOGLE_CLOUD_");
    assertEquals([/secret/i.test(settings.problem), /[.]$/.test(settings.problem)], [false, true]);
  });
}
