/** The services of a project beside its Postgres: Data API, Auth, Storage, Realtime, one address. */
import postgres from "postgres";
import type { LoginRole } from "../postgres/server.ts";
import { type Mail, withAdmin } from "../stand_ins/auth/admin.ts";
import { createTokens, type FixedKeys, type Tokens } from "../stand_ins/auth/tokens.ts";
import { type Between, type Gateway, startGateway } from "../stand_ins/gateway/gateway.ts";
import { startRealtime } from "../stand_ins/realtime/realtime.ts";
import { startLite } from "../stand_ins/rest/lite.ts";
import { createStorage, type StorageApi } from "../stand_ins/storage/storage.ts";

interface ServicesOptions {
  /** Database address for a role. Migrations are done: the catalog is read once. */
  databaseUrl(role: LoginRole): string;
  /** The stack's folder; objects' bytes go into a folder of their own in it. */
  stateDir: string;
  /** Keys that are made at random unless told. */
  keys?: FixedKeys;
  /** Of the project's URL; a free one unless told. */
  port?: number;
  /** See gateway.ts. */
  localOrigin?: string;
}

export interface Services {
  /** The project's URL. */
  url: string;
  tokens: Tokens;
  storage: Pick<StorageApi, "faults" | "switches">;
  /** Services that are away: they answer 503. */
  down: Gateway["down"];
  /** What Auth has sent, oldest first. */
  mailbox: Mail[];
  /** Where functions are served; until it is set they answer 503. */
  functionsUrl?: () => Promise<string>;
  /** What a test puts between callers and services, but for functions. */
  between?: Between;
  stop(): Promise<void>;
}

export async function startServices(
  { databaseUrl, stateDir, keys, port, localOrigin }: ServicesOptions,
): Promise<Services> {
  const tokens = await createTokens(keys);
  const connect = (role: LoginRole) => postgres(databaseUrl(role), { max: 10, onnotice: () => {} });
  const storageSql = connect("supabase_storage_admin");
  const adminSql = connect("supabase_admin");
  const mailbox: Mail[] = [];
  const dir = `${stateDir}/objects`;
  // With a real key they are real recordings.
  await Deno.mkdir(dir, { recursive: true, mode: 0o700 });

  const lite = await startLite({ databaseUrl, tokens });
  const realtime = await startRealtime({ sql: adminSql, tokens });
  const storage = createStorage({ sql: storageSql, dir, tokens });
  const gateway = startGateway({
    handlers: {
      rest: lite.fetch,
      auth: withAdmin({ sql: adminSql, tokens, auth: lite.fetch, mailbox }),
      storage: storage.fetch,
      realtime: realtime.fetch,
    },
    functionsUrl: () => services.functionsUrl?.(),
    between: () => services.between,
    port,
    localOrigin,
  });
  const services: Services = {
    url: gateway.url,
    tokens,
    storage,
    down: gateway.down,
    mailbox,
    async stop() {
      await realtime.stop();
      await gateway.stop();
      await lite.stop();
      await Promise.all([storageSql.end({ timeout: 1 }), adminSql.end({ timeout: 1 })]);
    },
  };
  return services;
}
