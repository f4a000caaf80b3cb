/** Whether JSR has what deno.json names. */

export interface Lack {
  /** A sentence's end, for people: `jsr.io does not answer`. */
  reason: string;
  /** The package that is missing, where it is one: `@std/assert`. */
  missing?: string;
}

const TIMEOUT = 3000; // ms

/**
 * Asks for each `jsr:` package whether the wanted version is there and not yanked. A version is exact
 * (`1.1.0`) or the beginning of one (`2`). Undefined: everything is there.
 */
export async function lackOnJsr(
  imports: Record<string, string>,
  registry: string,
  get: (url: URL, init: RequestInit) => Promise<Response>,
): Promise<Lack | undefined> {
  const wanted = new Map(
    Object.values(imports).map((pin) => /^jsr:(@[^/]+\/[^@/]+)@([^/]+)/.exec(pin))
      .filter((match) => match !== null).map(([, name, version]) => [name, version]),
  );
  const { host } = new URL(registry);
  const look = async ([name, version]: [string, string]): Promise<Lack | undefined> => {
    try {
      const url = new URL(`${name}/meta.json`, registry);
      const answer = await get(url, { signal: AbortSignal.timeout(TIMEOUT) });
      const said = await answer.text();
      if (!answer.ok && answer.status !== 404) {
        return { reason: `${host} answers ${answer.status}` };
      }
      if (answer.ok && hasVersion(JSON.parse(said).versions, version)) return;
      return { reason: `${host} has no ${name} ${version}`, missing: name };
    } catch {
      return { reason: `${host} does not answer` };
    }
  };
  const lacks = await Promise.all([...wanted].map(look));
  return lacks.find((lack) => lack !== undefined);
}

function hasVersion(versions: Record<string, { yanked?: boolean }>, wanted: string): boolean {
  return Object.entries(versions).some(([version, { yanked }]) =>
    !yanked && (version === wanted || (version.startsWith(`${wanted}.`) && !version.includes("-")))
  );
}
