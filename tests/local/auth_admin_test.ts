/** Auth's calls for the service, as supabase-js makes them. */
import { assert, assertEquals } from "@std/assert";
import { project } from "./project.ts";

const options = { sanitizeResources: false, sanitizeOps: false };
const email = () => `${crypto.randomUUID()}@example.com`;

Deno.test(
  "the service makes users, who can sign in, lists them and deletes them",
  options,
  async () => {
    await using at = await project("");
    const { admin } = at.client(at.services.tokens.keys.secret).auth;
    const person = { email: email(), password: "correct horse" };
    const { data: { user }, error } = await admin.createUser({
      ...person,
      email_confirm: true,
      user_metadata: { name: "Ada" },
    });
    assertEquals([error, user?.email, user?.user_metadata], [null, person.email, { name: "Ada" }]);
    const signedIn = await at.client().auth.signInWithPassword(person);
    assertEquals(signedIn.data.user?.id, user!.id);
    assertEquals(
      (await at.client().auth.signInWithPassword({ ...person, password: "x" })).data.user,
      null,
    );

    const twice = await admin.createUser(person);
    assertEquals([twice.error?.status, twice.error?.code], [422, "email_exists"]);

    await admin.createUser({ email: email() });
    const all = await admin.listUsers();
    assertEquals([all.data.users.length, "total" in all.data && all.data.total], [2, 2]);
    const page = await admin.listUsers({ page: 2, perPage: 1 });
    assertEquals(page.data.users.map(({ id }) => id), [user!.id]);

    assertEquals((await admin.getUserById(user!.id)).data.user?.email, person.email);
    await admin.deleteUser(user!.id);
    assertEquals((await admin.getUserById(user!.id)).error?.code, "user_not_found");
    assertEquals((await at.client().auth.signInWithPassword(person)).data.user, null);
  },
);

Deno.test("nobody but the service does", options, async () => {
  await using at = await project("");
  const user = await at.user();
  for (const { auth } of [at.client(), user]) {
    assertEquals((await auth.admin.createUser({ email: email() })).error?.code, "not_admin");
    assertEquals((await auth.admin.listUsers()).error?.code, "not_admin");
    assertEquals((await auth.admin.inviteUserByEmail(email())).error?.code, "not_admin");
    assertEquals((await auth.admin.deleteUser(user.userId)).error?.code, "not_admin");
  }
  const { data } = await user.auth.getUser();
  assertEquals(data.user?.id, user.userId);
});

Deno.test(
  "an invitation is taken once, by its link or its token, and its user chooses a password",
  options,
  async () => {
    await using at = await project("");
    const { admin } = at.client(at.services.tokens.keys.secret).auth;
    const { mailbox } = at.services;
    const redirectTo = "http://localhost:5173/welcome";
    const first = email();
    const { data: { user }, error } = await admin.inviteUserByEmail(first, {
      redirectTo,
      data: { name: "Ada" },
    });
    assertEquals([error, user?.user_metadata], [null, { name: "Ada" }]);
    assert(user!.invited_at && !user!.email_confirmed_at);
    assertEquals(mailbox.map(({ to }) => to), [first]);

    const follow = async () => {
      const answer = await fetch(mailbox[0].link, { redirect: "manual" });
      const [page, told] = answer.headers.get("location")!.split("#");
      return { page, told: new URLSearchParams(told) };
    };
    const { page, told } = await follow();
    assertEquals([page, told.get("type")], [redirectTo, "invite"]);
    const invited = at.client();
    await invited.auth.setSession({
      access_token: told.get("access_token")!,
      refresh_token: told.get("refresh_token")!,
    });
    const chosen = await invited.auth.updateUser({ password: "correct horse" });
    assertEquals(chosen.error, null);
    const signedIn = await at.client().auth.signInWithPassword({
      email: first,
      password: "correct horse",
    });
    assertEquals(signedIn.data.user?.id, user!.id);
    assertEquals((await follow()).told.get("error_code"), "otp_expired");

    await admin.inviteUserByEmail(email());
    const token_hash = new URL(mailbox[1].link).searchParams.get("token")!;
    const otp = () => at.client().auth.verifyOtp({ type: "invite", token_hash });
    assertEquals((await otp()).data.session?.user.email, mailbox[1].to);
    assertEquals((await otp()).error?.code, "otp_expired");
  },
);
