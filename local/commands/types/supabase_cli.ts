/** The Supabase CLI, as the npm package that the README names. */

interface CliResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** The version that docs/deploying.md names, and that the tests run. */
export const CLI = "supabase@3.1.0";

/** Runs `supabase …` in the project's folder or another; `env` holds an access token. */
export async function supabase(
  args: string[],
  env: Record<string, string> = {},
  folder: string | URL = new URL("../../../", import.meta.url),
): Promise<CliResult> {
  const { code, stdout, stderr } = await new Deno.Command("npx", {
    args: ["--yes", CLI, ...args],
    cwd: folder,
    // PGSSLMODE: otherwise the CLI mixes a warning about missing TLS into its output.
    env: { NO_COLOR: "1", SUPABASE_TELEMETRY_DISABLED: "1", PGSSLMODE: "disable", ...env },
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}
