/** Statements under row level security, as a caller: for the services that ask its policies. */
import type { Sql, TransactionSql } from "postgres";
import type { Caller } from "./tokens.ts";

/** Whom Storage acts as where it doesn't act for the caller. */
export const SERVICE_ROLE: Caller = { role: "service_role", claims: { role: "service_role" } };

/**
 * For the rest of the transaction row level security sees the caller's role and claims, as it does
 * behind PostgREST.
 */
export async function become(
  tx: TransactionSql,
  { role, claims, operation = "" }: Caller,
): Promise<void> {
  await tx`select set_config('request.jwt.claims', ${JSON.stringify(claims)}, true),
                  set_config('storage.operation', ${operation}, true),
                  set_config('role', ${role}, true)`;
}

/** Runs `work` in a transaction as the caller. */
export function asCaller<T>(
  sql: Sql,
  caller: Caller,
  work: (tx: TransactionSql) => Promise<T>,
): Promise<T> {
  return sql.begin(async (tx) => {
    await become(tx, caller);
    return await work(tx);
  }) as Promise<T>;
}

class RolledBack extends Error {
  constructor(readonly result: unknown) {
    super("rolled back on purpose");
  }
}

/** Runs `work` in a transaction and undoes it: whether something would be allowed. */
export async function rolledBack<T>(
  sql: Sql,
  work: (tx: TransactionSql) => Promise<T>,
): Promise<T> {
  try {
    return await sql.begin(async (tx) => {
      throw new RolledBack(await work(tx));
    }) as T;
  } catch (error) {
    if (error instanceof RolledBack) return error.result as T;
    throw error;
  }
}
