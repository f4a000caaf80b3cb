/** What is known of a process of this machine, by its number. */

/**
 * When it started, in the system's own unit: tells a process from a later one that got its number.
 * Null when it is gone.
 */
export async function startOf(pid: number): Promise<string | null> {
  if (Deno.build.os !== "linux") return await ps(pid, "lstart=") || null;
  // proc_pid_stat(5): the name, in brackets, may hold anything. Behind it come the state (field 3)
  // and, as field 22, the start.
  const fields = (await read(`/proc/${pid}/stat`)).split(") ").at(-1)!.split(" ");
  return fields.length < 20 || fields[0] === "Z" ? null : fields[19];
}

/** Its command line, "" when it is gone. */
export async function commandOf(pid: number): Promise<string> {
  return Deno.build.os === "linux" ? await read(`/proc/${pid}/cmdline`) : await ps(pid, "command=");
}

async function ps(pid: number, column: string): Promise<string> {
  const { stdout } = await new Deno.Command("ps", { args: ["-o", column, "-p", `${pid}`] })
    .output();
  return new TextDecoder().decode(stdout).trim();
}

const read = (path: string) => Deno.readTextFile(path).catch(() => "");
