/** The namespace `Deno` of supabase/edge-runtime v1.74.0, made of Deno's own; see ../README.md. */
import { edgeErrors } from "./errors.ts";
import { VERSIONS } from "./globals.ts";

const words = (text: string) => text.trim().split(/\s+/);

/** `denoOverrides` of ext/runtime/js/denoOverrides.js, as far as a user's worker may call it. */
const KEPT = words(`
  connect connectTls createHttpClient listen permissions Permissions PermissionStatus refTimer
  resolveDns serve serveHttp startTls stderr stdin stdout unrefTimer upgradeWebSocket
  build env pid
  create cwd lstat makeTempDir makeTempFile mkdir open readDir readFile readTextFile realPath
  realPathSync remove stat writeFile writeTextFile`);

/** Denied unless ext/runtime/js/bootstrap.js takes it from the list. */
const DENIED = words(`
  FsFile chdir chmod chmodSync chown chownSync copyFile copyFileSync createSync link linkSync
  openSync readLink readLinkSync rename renameSync symlink symlinkSync truncate truncateSync utime
  utimeSync`);

/** `allowIfRuntimeIsInInit` */
const AT_START = words(`
  lstatSync makeTempDirSync makeTempFileSync mkdirSync readDirSync readFileSync readTextFileSync
  removeSync statSync writeFileSync writeTextFileSync`);

/** Do nothing. */
const MOCKED = words("addSignalListener exit kill removeSignalListener");

type Members = Record<string, unknown>;

interface DenoOptions {
  /** The function's `index.ts`. */
  mainModule: string;
  /** Whether its modules are still being evaluated for the first time. */
  starting(): boolean;
}

export function edgeDeno(real: typeof Deno, { mainModule, starting }: DenoOptions): object {
  const all = real as unknown as Members;
  const each = (names: string[], make: (name: string) => unknown): Members =>
    Object.fromEntries(names.map((name) => [name, make(name)]));
  const deny = (message: string) => {
    throw new real.errors.PermissionDenied(message);
  };
  const memoryUsage = real.memoryUsage;
  return {
    ...each(KEPT, (name) => all[name]),
    ...each(DENIED, (name) => () => deny(`Deno.${name} is blocklisted`)),
    ...each(AT_START, (name) => (...args: unknown[]) => {
      if (!starting()) deny(`Deno.${name} is blocklisted on the current context`);
      return (all[name] as (...args: unknown[]) => unknown)(...args);
    }),
    ...each(MOCKED, () => () => {}),
    ...SYSTEM,
    args: [],
    errors: edgeErrors(real.errors),
    mainModule,
    memoryUsage: () => ({ ...memoryUsage(), rss: 0 }),
    version: {
      deno: `supabase-edge-runtime-${VERSIONS.runtime} (compatible with Deno v${VERSIONS.deno})`,
      v8: "11.6.189.12",
      typescript: "5.1.6",
    },
  };
}

/** Nothing of a process: every way to run it is refused. */
class Command {
  output() {
    return Promise.reject(refusal());
  }
  outputSync() {
    throw refusal();
  }
  spawn() {
    throw refusal();
  }
}

const refusal = () => new Error("Spawning subprocesses is not allowed on Supabase Edge Runtime.");

/** ext/os/os.js: the same of every machine. */
const SYSTEM = {
  Command,
  consoleSize: () => ({ columns: 80, rows: 24 }),
  execPath: () => "/bin/edge-runtime",
  gid: () => 1000,
  hostname: () => "localhost",
  isatty: () => false,
  loadavg: () => [0, 0, 0],
  networkInterfaces: () => [
    { family: "IPv4", name: "lo", address: "127.0.0.1", netmask: "255.0.0.0" },
    { family: "IPv4", name: "eth0", address: "10.0.0.10", netmask: "255.255.255.0" },
  ],
  osRelease: () => "0.0.0-00000000-generic",
  osUptime: () => 0,
  systemMemoryInfo: () => ({
    total: 0,
    free: 0,
    available: 0,
    buffers: 0,
    cached: 0,
    swapTotal: 0,
    swapFree: 0,
  }),
  uid: () => 1000,
};
