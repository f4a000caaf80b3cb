/** Google Cloud as a way to a model: a service account, and objects in a bucket of the hospital's own. */
import { createModelClient, SHORT_MS } from "../client.ts";
import { countTokens } from "../count.ts";
import { fileName } from "../file_name.ts";
import { generate } from "../generate.ts";
import { lazilySdk } from "../sdk.ts";
import { MEDIA_TYPES } from "../media_types.ts";
import type { Model, WayDeps } from "../model.ts";
import { Fault } from "../policy.ts";
import type { ModelNames } from "../settings.ts";
import { upload } from "../upload.ts";
import { createObjects, PREFIX } from "./objects.ts";
import type { Ready } from "./settings.ts";
import { createTokens } from "./token.ts";

export function googleCloud(
  { account, project, location, bucket, hosts, ...names }: Ready & ModelNames,
  { fetch: anyFetch, clock, log, longest }: WayDeps,
): Model {
  const fetch = onlyTo(Object.values(hosts), anyFetch);
  const tokens = createTokens({ account, host: hosts.token, fetch, clock });

  const withToken: typeof globalThis.fetch = async (input, init) => {
    const headers = new Headers(init?.headers);
    // The SDK's own, which there is none of here.
    headers.delete("x-goog-api-key");
    headers.set("authorization", `Bearer ${await tokens.get()}`);
    const response = await fetch(input, { ...init, headers });
    if (response.status === 401) tokens.forget();
    return response;
  };
  const client = createModelClient({
    ...names,
    sdk: lazilySdk({
      vertexai: true,
      baseUrl: hosts.model,
      // What comes before a model's name in an address.
      apiVersion: `v1/projects/${project}/locations/${location}`,
      fetch: withToken,
    }),
    clock,
    log,
  });
  const wire = { clock, log };
  const objects = createObjects({
    bucket,
    host: hosts.storage,
    wire: { ...wire, fetch: withToken },
    plain: { ...wire, fetch },
  });
  return {
    get model() {
      return client.model;
    },
    typeName: (type) => MEDIA_TYPES[type].googleCloud,
    fileName: (version) => fileName(PREFIX, version),
    upload: (open, file, limits) => upload(open, file, objects, limits),
    countTokens: (file, limits) => countTokens(file, client, limits),
    generate: (request) => generate(request, client, longest),
    deleteFile: objects.remove,
    sweep: objects.sweep,
    async check() {
      await client.callModel(
        // One try. It costs nothing, and asks for the model where it is to run.
        { deadline: clock.now() + SHORT_MS },
        (ai, abortSignal, model) =>
          ai.models.countTokens({ model, contents: "Hello", config: { abortSignal } }),
      );
    },
  };
}

/** Whatever an answer says: no other host is ever asked. */
function onlyTo(hosts: string[], fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  const allowed = new Set(hosts.map((host) => new URL(host).origin));
  return (input, init) => {
    const { origin } = new URL(input instanceof Request ? input.url : input);
    if (!allowed.has(origin)) throw new Fault("unreachable");
    return fetch(input, init);
  };
}
