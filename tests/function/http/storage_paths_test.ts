import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { AppError } from "../../../supabase/functions/generate-summary/core/errors.ts";
import {
  consultationOf,
  urlsOf,
} from "../../../supabase/functions/generate-summary/http/storage_paths.ts";
import {
  assertRefused,
  CLINIC,
  COMPLETED,
  CONSULTATION,
  fakeDataApi,
  openApp,
  SUMMARY,
  URL_,
} from "../opened_app.ts";

Deno.test("the earlier body's URLs are paths in the bucket, or they are refused", async () => {
  const path = `${CLINIC}/${CONSULTATION}/a.webm`;
  const { asUser, asked } = openApp({
    rows: { recordings: [{ object_path: path }], summaries: [COMPLETED] },
  });
  const storage = `${URL_}/storage/v1/object`;
  for (
    const good of [
      path,
      `${storage}/public/consultations/${path}`,
      `${storage}/authenticated/consultations/${path}`,
      `${storage}/sign/consultations/${path}?token=abc.def-g_h`,
    ]
  ) {
    assertEquals([good, (await asUser({ primary_audio_url: good })).status], [good, 200]);
  }
  asked.length = 0;
  for (
    const bad of [
      `http://elsewhere.test/storage/v1/object/public/consultations/${path}`,
      `http://project.test@elsewhere.test/storage/v1/object/public/consultations/${path}`,
      `http://project.test.elsewhere.test/${path}`,
      `http://project.test:81/storage/v1/object/public/consultations/${path}`,
      `${storage}/public/other/${path}`,
      `${storage}/public/consultations/../consultations/${path}`,
      `${storage}/public/consultations/${path}?token=a&x=/../b`,
      `${CLINIC}/${CONSULTATION}/..`,
      `${CLINIC}/${CONSULTATION}/a%252fb.webm`,
      `${CLINIC}\\${CONSULTATION}\\a.webm`,
      "javascript:alert(1)",
      "file:///etc/passwd",
    ]
  ) {
    assertEquals(
      [bad, (await asUser({ primary_audio_url: bad })).body.error?.code],
      [bad, "url_not_allowed"],
    );
  }
  assertEquals(asked, []);
});

Deno.test("URLs of which none names a recording of the caller, or two name two consultations, are refused", async () => {
  const path = `${CLINIC}/${CONSULTATION}/a.webm`;
  const unknown = openApp({ rows: { recordings: [] } });
  assertRefused(await unknown.asUser({ primary_audio_url: path }), "url_not_allowed");
  const other = path.replace(CONSULTATION, SUMMARY);
  const two = openApp({ rows: { recordings: [{ object_path: path }, { object_path: other }] } });
  const answer = await two.asUser({ primary_audio_url: path, image_urls: [other] });
  assertRefused(answer, "url_not_allowed");
  assertStringIncludes(answer.body.error.message, "one consultation");
});

const path = (name: string) => `${CLINIC}/${CONSULTATION}/${name}`;

const HERE = "The address names no recording of your clinic.";

Deno.test("an address that names no recording is an error of that file, and the rest is summarized", async () => {
  const known = `${CLINIC}/${CONSULTATION}/a.webm`;
  const { asUser } = openApp({
    rows: { recordings: [{ object_path: known }], summaries: [COMPLETED] },
  });
  for (const bad of ["https://elsewhere.test/b.mp3", known.replace("a.webm", "b.webm"), ""]) {
    const { status, body } = await asUser({ primary_audio_url: bad, image_urls: [known] });
    assertEquals([status, body.files_processed.errors], [200, [
      { path: "b", code: "file_type", message: "Not audio." },
      { path: bad, code: "url_not_allowed", message: HERE },
    ]]);
  }
  const later = openApp({
    rows: {
      recordings: [{ object_path: known }],
      summaries: [{ ...COMPLETED, status: "queued" }],
    },
  });
  const { status, body } = await later.asUser(
    { primary_audio_url: known, additional_audio_urls: ["c"] },
    { prefer: "respond-async" },
  );
  assertEquals([status, body.errors], [202, [{
    path: "c",
    code: "url_not_allowed",
    message: HERE,
  }]]);
});

Deno.test("pictures alone are enough", async () => {
  const image_urls = [`${CLINIC}/${CONSULTATION}/a.jpg`];
  const rows = { recordings: [{ object_path: image_urls[0] }], summaries: [COMPLETED] };
  for (const body of [{ image_urls }, { primary_audio_url: null, image_urls }]) {
    const { asUser, asked } = openApp({ rows });
    assertEquals((await asUser(body)).status, 200);
    assertEquals(asked[0].p_consultation, CONSULTATION);
  }
});

async function refused(urls: string[], answer = () => Response.json([])) {
  const { dataApi, asked } = fakeDataApi(answer);
  const { code, message } = await assertRejects(
    () => consultationOf(urls, URL_, dataApi),
    AppError,
  );
  return { code, message, asked };
}

Deno.test("recordings that are deleted are not looked for", async () => {
  const { dataApi, asked } = fakeDataApi(() => Response.json([{ object_path: path("a.webm") }]));
  assertEquals(await consultationOf([path("a.webm")], URL_, dataApi), {
    consultation: CONSULTATION,
    unknown: [],
  });
  const { searchParams } = asked[0];
  assertEquals(
    ["bucket_id", "consultation_id", "deleted_at"].map((column) => searchParams.get(column)),
    ["eq.consultations", `in.(${CONSULTATION})`, "is.null"],
  );
});

Deno.test("more than a hundred addresses are refused unread", async () => {
  const { code, message, asked } = await refused(Array(101).fill(path("a.webm")));
  assertEquals([code, asked], ["url_not_allowed", []]);
  assertStringIncludes(message, "100");
});

Deno.test("a database that is away is not the address's fault", async () => {
  const away = () => Response.json({ message: "away" }, { status: 500 });
  assertEquals((await refused([path("a.webm")], away)).code, "database_unavailable");
});

Deno.test("all addresses of the earlier body count, whatever they are of", () => {
  assertEquals(urlsOf({ primary_audio_url: "a" }), ["a"]);
  assertEquals(urlsOf({ image_urls: ["d"] }), ["d"]);
  assertEquals(
    urlsOf({ primary_audio_url: "a", additional_audio_urls: ["b", "c"], image_urls: ["d"] }),
    ["a", "b", "c", "d"],
  );
});
