/** Programs that are run, the user they run as, and processes that are ended. */
import { dirname } from "node:path";

/** Postgres refuses to run as root: started by root it runs as this user, who owns its data. */
export const nobody = 65534;
export const unprivileged = Deno.uid() === 0 ? { uid: nobody, gid: nobody } : {};

/** Runs a program to its end. @throws with what it wrote to stderr when it fails. */
export async function run(
  program: string,
  args: string[],
  user: { uid?: number; gid?: number } = {},
) {
  const { success, stderr } = await new Deno.Command(program, {
    args,
    // The other user may not be allowed into our working folder.
    cwd: dirname(program) === "." ? undefined : dirname(program),
    ...user,
    // Ctrl-C in a terminal doesn't reach it: half of what it makes could not be cleared up.
    detached: true,
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`${program} failed: ${new TextDecoder().decode(stderr)}`);
}

/** Sends a signal; one that is gone already is no error. */
export function end(pid: number, signal: Deno.Signal) {
  try {
    Deno.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
