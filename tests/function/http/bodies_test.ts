import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  AppError,
  type ErrorCode,
} from "../../../supabase/functions/generate-summary/core/errors.ts";
import { parseBody } from "../../../supabase/functions/generate-summary/http/bodies.ts";
import { assertRefused, CONSULTATION, openApp, SUMMARY } from "../opened_app.ts";

Deno.test("a wrong body is refused with the field's name, and nothing happens", async () => {
  const { asUser, asked } = openApp();
  const wrong: [unknown, ErrorCode, string][] = [
    [[], "invalid_request", ""],
    [null, "invalid_request", ""],
    [{}, "invalid_request", "consultation_id"],
    [{ consultation_id: "x" }, "invalid_request", "consultation_id"],
    [{ consultation_id: CONSULTATION, submitted_by: "cat" }, "invalid_request", "submitted_by"],
    [{ consultation_id: null }, "invalid_request", "consultation_id"],
    [{ primary_audio_url: null, image_urls: [] }, "invalid_request", "primary_audio_url"],
    [
      { consultation_id: CONSULTATION, template_config: { sections: [] } },
      "invalid_request",
      "template_config.sections",
    ],
  ];
  for (const [body, code, field] of wrong) {
    const answer = await asUser(body);
    assertRefused(answer, code);
    assertStringIncludes(answer.body.error.message, field);
  }
  assertEquals(asked, []);
});

const webhook = { type: "INSERT", schema: "public", table: "recordings", old_record: null };

for (
  const [by, body] of [
    ["consultation", { consultation_id: CONSULTATION, submitted_by: "nurse" }],
    ["urls", { primary_audio_url: "a", image_urls: ["b"], template_config: { tone: "warm" } }],
    ["wake_up", { summary_id: SUMMARY }],
    ["wake_up", {}],
    ["webhook", { ...webhook, record: { id: SUMMARY, status: "queued" } }],
    ["webhook", { ...webhook, type: "DELETE", record: null, old_record: {} }],
  ] as const
) {
  Deno.test(`${JSON.stringify(body).slice(0, 60)}… asks by ${by}`, () => {
    const ignored = by === "consultation" || by === "urls" ? { ignored: [] } : {};
    assertEquals(parseBody(body), { by, body, ...ignored } as ReturnType<typeof parseBody>);
  });
}

Deno.test("a webhook may have more fields than are known, a wake-up may not", () => {
  assertEquals(parseBody({ ...webhook, record: null, sent_by: "pg_net" }).by, "webhook");
  assertThrows(() => parseBody({ summary_id: SUMMARY, more: 1 }), AppError, "more");
});

Deno.test("a user's body: null is left out, and the answer names the fields that are not known", async () => {
  const none = { template_config: null, submitted_by: null };
  const urls = { additional_audio_urls: null, image_urls: null };
  assertEquals(parseBody({ primary_audio_url: "a", ...urls, ...none }), {
    by: "urls",
    body: { primary_audio_url: "a" },
    ignored: [],
  });
  const template_config = { language: null, tone: "warm", instructions: null, style: "brief" };
  const asked = { consultation_id: CONSULTATION, patient: { id: 5 }, template_config };
  const ignored = ["patient", "template_config.style"];
  assertEquals(parseBody(asked), {
    by: "consultation",
    body: { consultation_id: CONSULTATION, template_config: { tone: "warm" } },
    ignored,
  });
  const { asUser } = openApp();
  assertEquals((await asUser(asked)).body.ignored, ignored);
  assertEquals("ignored" in (await asUser({ consultation_id: CONSULTATION })).body, false);
});

for (
  const [body, field] of [
    [{ summary_id: "x" }, "summary_id"],
    [{ summary_id: 5 }, "summary_id"],
    [{ primary_audio_url: 5 }, "primary_audio_url"],
    [{ primary_audio_url: "a", additional_audio_urls: "b" }, "additional_audio_urls"],
    [{ primary_audio_url: "a", image_urls: ["b", null] }, "image_urls.1"],
    [{ ...webhook, record: {}, type: "TRUNCATE" }, "type"],
    [{ ...webhook, record: "row" }, "record"],
  ] as const
) {
  Deno.test(`${JSON.stringify(body).slice(0, 60)} is wrong in ${field}`, () => {
    const error = assertThrows(() => parseBody(body), AppError, `${field}: `);
    assertEquals(error.code, "invalid_request");
  });
}
