/** Users as Auth keeps them, made without its sign-up. */
import type { Sql } from "postgres";

interface NewUser {
  email: string;
  password: string;
  id?: string;
}

/** A confirmed user who can sign in with a password; gives the id. `sql` may write to `auth`. */
export async function createUser(
  sql: Sql,
  { email, password, id = crypto.randomUUID() }: NewUser,
): Promise<string> {
  await sql.begin(async (tx) => {
    await tx`
      insert into auth.users (id, aud, role, email, encrypted_password, email_confirmed_at,
                              raw_app_meta_data, raw_user_meta_data)
      values (${id}, 'authenticated', 'authenticated', ${email},
              extensions.crypt(${password}, extensions.gen_salt('bf', 6)), now(),
              ${tx.json({ provider: "email", providers: ["email"] })}, ${tx.json({})})`;
    await tx`
      insert into auth.identities (provider, provider_id, user_id, identity_data)
      values ('email', ${id}, ${id}, ${tx.json({ sub: id, email, email_verified: true })})`;
  });
  return id;
}
