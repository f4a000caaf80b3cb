/** What `deno task preflight` says of Google Cloud: in order, and each thing that may not be. */
import { assertEquals, assertMatch } from "@std/assert";
import { lookAtGoogleCloud } from "../../local/commands/preflight/google_cloud.ts";
import {
  type GoogleCloudStandIn,
  startGoogleCloud,
} from "../../local/stand_ins/google_cloud/server.ts";
import { readModelSettings } from "../../supabase/functions/generate-summary/config.ts";

/** What is found, with these changes to a Google Cloud that is in order. */
async function found(
  change: (cloud: GoogleCloudStandIn) => void = () => {},
  changes: Record<string, string> = {},
  cmek = false,
) {
  await using cloud = await startGoogleCloud();
  change(cloud);
  const environment = { ...cloud.settings, ...changes };
  const settings = readModelSettings((name) => environment[name]);
  const findings = await lookAtGoogleCloud({ settings, cmek, fetch });
  return { findings, left: cloud.files.size };
}

Deno.test("a Google Cloud that is in order has nothing missing, and nothing is left there", async () => {
  const { findings, left } = await found();
  assertEquals([findings.filter(({ ok }) => !ok), findings.length, left], [[], 10, 0]);
});

const cases: [
  what: string,
  says: RegExp,
  change?: (cloud: GoogleCloudStandIn) => void,
  changes?: Record<string, string>,
  cmek?: true,
][] = [
  ["half of the settings", /GOOGLE_CLOUD_BUCKET is missing/, undefined, {
    GOOGLE_CLOUD_BUCKET: "",
  }],
  ["a key that was deleted", /no token/, (cloud) => void (cloud.tokens.keyDeleted = true)],
  ["another region", /is in US-EAST1, and the model is asked in eu/, ({ bucket }) => {
    bucket.location = "US-EAST1";
  }],
  ["soft delete", /Soft delete is on/, ({ bucket }) => {
    bucket.softDeletePolicy = { retentionDurationSeconds: "604800" };
  }],
  ["versioning", /Versioning is on/, ({ bucket }) => void (bucket.versioning = { enabled: true })],
  ["a retention policy", /retention policy is set/, ({ bucket }) => {
    bucket.retentionPolicy = { retentionPeriod: "86400" };
  }],
  ["no lifecycle rule", /No lifecycle rule/, ({ bucket }) => void (bucket.lifecycle = undefined)],
  ["a rule that is too late", /No lifecycle rule/, ({ bucket }) => {
    bucket.lifecycle!.rule[0].condition = { age: 30 };
  }],
  ["a rule for some objects", /No lifecycle rule/, ({ bucket }) => {
    bucket.lifecycle!.rule[0].condition = { age: 1, matchesPrefix: ["others/"] };
  }],
  ["access object by object", /readers of their own/, ({ bucket }) => {
    bucket.iamConfiguration.uniformBucketLevelAccess.enabled = false;
  }],
  ["public access", /could be made public/, ({ bucket }) => {
    bucket.iamConfiguration.publicAccessPrevention = "inherited";
  }],
  ["no key of one's own", /not encrypted with a key of your own/, undefined, {}, true],
  ["settings that can't be read", /can't be read/, ({ rights }) => {
    rights.delete("storage.buckets.get");
  }],
  ...["create", "list"].map((right): typeof cases[number] => [
    `no right to ${right}`,
    new RegExp(`storage\\.objects\\.${right}`),
    ({ rights }) => void rights.delete(`storage.objects.${right}`),
  ]),
  ["a location without the model", /does not answer in eu: .* GOOGLE_CLOUD_LOCATION/, (cloud) => {
    cloud.locations.clear();
  }],
];

for (const [what, says, change, changes, cmek] of cases) {
  Deno.test(`what to do is said: ${what}`, async () => {
    const { findings } = await found(change, changes, cmek);
    const [first, ...others] = findings.filter(({ ok }) => !ok);
    assertMatch(first.text, says);
    assertMatch(first.todo!, /[.]$/);
    assertEquals(others, []);
  });
}

Deno.test("a model that may run anywhere has no bucket beside it, and that it may is said", async () => {
  const { findings } = await found(undefined, { GOOGLE_CLOUD_LOCATION: "global" });
  assertEquals(findings.filter(({ ok }) => !ok), []);
  assertMatch(findings.at(-1)!.text, /Global means anywhere/);
});

Deno.test("a bucket that is not there is told, and that nothing can be done in it", async () => {
  const { findings } = await found(undefined, { GOOGLE_CLOUD_BUCKET: "somebody-elses" });
  const missing = findings.filter(({ ok }) => !ok).map(({ text }) => text);
  assertMatch(missing[0], /There is no bucket/);
  assertEquals(missing.length, 2);
});
