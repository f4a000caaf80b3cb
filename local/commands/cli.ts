/** The Supabase CLI, as the npm package that the README names. */

export interface Said {
  code: number;
  stdout: string;
  stderr: string;
}

/** The version that everything here was tried with. */
export const CLI = "supabase@3.1.0";

/** Runs `supabase …` in the project's folder or another; `env` holds an access token. */
export async function supabase(
  args: string[],
  env: Record<string, string> = {},
  folder: string | URL = new URL("../../", import.meta.url),
): Promise<Said> {
  const { code, stdout, stderr } = await new Deno.Command("npx", {
    args: ["--yes", CLI, ...args],
    cwd: folder,
    // Without TLS it would say so in the midst of its output.
    env: { NO_COLOR: "1", SUPABASE_TELEMETRY_DISABLED: "1", PGSSLMODE: "disable", ...env },
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}
