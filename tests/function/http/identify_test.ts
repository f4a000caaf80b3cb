import { assertEquals, assertRejects } from "@std/assert";
import { AuthApiError, AuthRetryableFetchError } from "@supabase/supabase-js";
import { AppError } from "../../../supabase/functions/generate-summary/core/errors.ts";
import {
  createGetClaims,
  type GetClaims,
  identify,
} from "../../../supabase/functions/generate-summary/http/identify.ts";
import { config, CONSULTATION, openApp, SESSION, token, URL_, USER } from "../opened_app.ts";

Deno.test("credentials: only a project's secret key or a user's token passes", async () => {
  const { post, wakes } = openApp();
  const user = { consultation_id: CONSULTATION };
  const bearer = (jwt: string) => ({ authorization: `Bearer ${jwt}` });
  const refused: Record<string, Record<string, string>> = {
    "nothing": {},
    "publishable key alone": { apikey: "sb_publishable_one" },
    "publishable key as token": { apikey: "sb_publishable_one", ...bearer("sb_publishable_one") },
    "wrong key": { apikey: "sb_secret_three" },
    "wrong key beside a good token": { apikey: "sb_secret_three", ...bearer(await token()) },
    "secret key as token beside the publishable one": {
      apikey: "sb_publishable_one",
      ...bearer("sb_secret_one"),
    },
    "a wrong key beside the secret key as token": {
      apikey: "sb_secret_three",
      ...bearer("sb_secret_one"),
    },
    "wrong secret key as token alone": bearer("sb_secret_three"),
    "a wrong hint key": { apikey: "hint_two" },
    "the hint key as token": bearer("hint_one"),
    "the hint key as both": { apikey: "hint_one", ...bearer("hint_one") },
    "the hint key beside a good token": { apikey: "hint_one", ...bearer(await token()) },
    "two keys": { apikey: "sb_secret_one, sb_secret_two" },
    "expired": bearer(await token({}, "-1h")),
    "without sub": bearer(await token({ sub: undefined })),
    "anonymous": bearer(await token({ is_anonymous: true })),
    "role anon": bearer(await token({ role: "anon" })),
    "role service_role": bearer(await token({ role: "service_role" })),
    "of another issuer": bearer(await token({ iss: "https://other.supabase.co/auth/v1" })),
    "of no issuer": bearer(await token({ iss: undefined })),
    "for another audience": bearer(await token({ aud: "others" })),
    "for nobody": bearer(await token({ aud: undefined })),
    "no scheme": { authorization: await token() },
    "a wrong token beside the secret key": { apikey: "sb_secret_one", ...bearer("nonsense") },
  };
  for (const [name, headers] of Object.entries(refused)) {
    const { status, body } = await post(user, headers);
    assertEquals([name, status, body.error.code], [name, 401, "unauthorized"]);
  }
  assertEquals(wakes(), 0);
});

const offline = createGetClaims({
  url: URL_,
  key: "sb_secret_one",
  fetch: () => Promise.reject(new TypeError("unreachable")),
});
const who = (headers: Record<string, string>, getClaims: GetClaims = offline) =>
  identify(new Headers(headers), config, getClaims);

Deno.test("a client that could not be made for one user is made for the next", async () => {
  const getClaims = createGetClaims({ url: URL_, key: "sb_secret_one", fetch });
  const { URL } = globalThis;
  // supabase-js checks its address.
  Object.assign(globalThis, { URL: undefined });
  await assertRejects(() => getClaims(""), Error, "supabaseUrl")
    .finally(() => Object.assign(globalThis, { URL }));
  assertEquals((await getClaims("")).data, null);
});

Deno.test("each secret key is the service: as apikey, as the token, or as both", async () => {
  for (const apikey of ["sb_secret_one", "sb_secret_two"]) {
    const authorization = `Bearer ${apikey}`;
    assertEquals(await who({ apikey }), { kind: "service" });
    assertEquals(await who({ authorization }), { kind: "service" });
    assertEquals(await who({ apikey, authorization }), { kind: "service" });
  }
});

Deno.test("the hint key is the database, where one is set", async () => {
  assertEquals(await who({ apikey: "hint_one" }), { kind: "database" });
  for (const hintKey of [undefined, ""]) {
    for (const apikey of ["hint_one", ""]) {
      const asked = identify(new Headers({ apikey }), { ...config, hintKey }, offline);
      assertEquals((await assertRejects(() => asked, AppError)).code, "unauthorized");
    }
  }
});

Deno.test("a user's token names the user, with or without the frontend's key", async () => {
  const jwt = await token();
  const shown: Record<string, string>[] = [
    { authorization: `Bearer ${jwt}` },
    { authorization: `bearer ${jwt}` },
    { authorization: `Bearer ${jwt}`, apikey: "sb_publishable_one" },
  ];
  for (const headers of shown) {
    assertEquals(await who(headers), {
      kind: "user",
      id: USER,
      token: jwt,
      session: { session_id: SESSION, aal: "aal1", client_id: undefined },
    });
  }
});

Deno.test("an OAuth app's token says so, and an audience may be one of several", async () => {
  const jwt = await token({ aud: ["others", "authenticated"], client_id: "app", aal: "aal2" });
  const caller = await who({ authorization: `Bearer ${jwt}` });
  assertEquals(caller.kind === "user" && caller.session, {
    session_id: SESSION,
    aal: "aal2",
    client_id: "app",
  });
});

Deno.test("Auth may give itself several addresses", async () => {
  const authIssuers = ["https://auth.example/auth/v1", "https://new.example/auth/v1"];
  for (const iss of authIssuers) {
    const headers = new Headers({ authorization: `Bearer ${await token({ iss })}` });
    assertEquals((await identify(headers, { ...config, authIssuers }, offline)).kind, "user");
  }
});

Deno.test("a user's token beside a secret key is the user: the least that was shown counts", async () => {
  const caller = await who({ apikey: "sb_secret_one", authorization: `Bearer ${await token()}` });
  assertEquals(caller.kind, "user");
});

for (
  const [what, answer, code] of [
    ["Auth that is away", new AuthRetryableFetchError("away", 0), "auth_unavailable"],
    ["Auth that refuses the token", new AuthApiError("no", 403, undefined), "unauthorized"],
  ] as const
) {
  Deno.test(`${what} is ${code}, whether it is answered or thrown`, async () => {
    const headers = { authorization: `Bearer ${await token()}` };
    for (const how of ["answered", "thrown"]) {
      const getClaims: GetClaims = () =>
        how === "thrown" ? Promise.reject(answer) : Promise.resolve({ data: null, error: answer });
      assertEquals((await assertRejects(() => who(headers, getClaims), AppError)).code, code);
    }
  });
}
