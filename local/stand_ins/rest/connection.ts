/** Lite's connection to Postgres, with PostgREST's timestamps, JSON, grants and errors. */
import { PostgresConnection } from "@supabase/lite/postgres";
import { postgrestError } from "./postgrest_errors.ts";

const isoTimestamp = (oid: number) => ({
  to: oid,
  from: [oid],
  serialize: (value: unknown) => value,
  // 2026-11-22 08:00:00.12+00 → 2026-11-22T08:00:00.12+00:00, as PostgREST prints it
  parse: (text: string) => text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00"),
});

/** Lite hands JSON over as text already; the driver would encode it once more. */
const json = (oid: number) => ({
  to: oid,
  from: [oid],
  serialize: (value: unknown) => isJson(value) ? value : JSON.stringify(value),
  parse: (text: string) => JSON.parse(text),
});

function isJson(value: unknown): value is string {
  try {
    return typeof value === "string" && JSON.parse(value) !== undefined;
  } catch {
    return false;
  }
}

export type Catalog = ReturnType<PostgresConnection["introspect"]>;

export class LiteConnection extends PostgresConnection {
  /** `catalog`: tables and functions, where the role itself is allowed to see none of them. */
  constructor(url: string, private readonly catalog?: Catalog) {
    super({
      url,
      postgresOptions: {
        max: 10,
        onnotice: () => {},
        types: {
          timestamp: isoTimestamp(1114),
          timestamptz: isoTimestamp(1184),
          json: json(114),
          jsonb: json(3802),
        },
      },
    });
    // Lite would grant everything on every table with policies to anon; grants are the project's.
    Object.assign(this, { ensureRlsContext: () => Promise.resolve(true) });
  }

  override async introspect(...given: Parameters<PostgresConnection["introspect"]>): Catalog {
    if (this.catalog) return await this.catalog;
    const found = await super.introspect(...given);
    // PostgREST tells one-to-one by constraints alone; lite by unique indexes, too, partial ones even.
    return { ...found, indexes: found.indexes.map((index) => ({ ...index, unique: false })) };
  }

  /** A refusal of the database becomes PostgREST's answer to it; lite passes answers on. */
  override async withContext<T>(...given: Parameters<PostgresConnection["withContext"]>) {
    try {
      return await super.withContext(...given) as T;
    } catch (error) {
      const auth = given[0]?.auth as { role?: string } | undefined;
      const answer = postgrestError(error, (auth?.role ?? "anon") === "anon");
      if (!answer) throw error;
      return answer as T;
    }
  }
}
