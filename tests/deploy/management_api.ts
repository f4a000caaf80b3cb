/** A stand-in for as much of Supabase's management API as deploying asks for; keeps what it is sent. */

export interface Deployed {
  slug: string;
  /** What config.toml says of the function, as the CLI understood it. */
  metadata: Record<string, unknown>;
  /** Text by path from the project's folder. */
  files: Map<string, string>;
}

interface ManagementApi {
  /** A profile for the CLI's `--profile` that points at this server. */
  profile: string;
  /** Environment for the CLI. */
  env: Record<string, string>;
  deployed: Deployed[];
  /** The function's settings, as `secrets set` left them. */
  secrets: Map<string, string>;
  [Symbol.asyncDispose](): Promise<void>;
}

export const PROJECT_REF = "abcdefghijklmnopqrst";

const PROJECT = {
  id: PROJECT_REF,
  ref: PROJECT_REF,
  organization_id: "organization",
  organization_slug: "organization",
  name: "stub",
  region: "eu-north-1",
  created_at: "2026-11-01T00:00:00Z",
  status: "ACTIVE_HEALTHY",
  database: {
    host: `db.${PROJECT_REF}.supabase.invalid`,
    version: "17.6.1.1",
    postgres_engine: "17",
    release_channel: "ga",
  },
};
const API_KEYS = [
  { id: "1", type: "publishable", name: "default", api_key: "sb_publishable_stub" },
  { id: "2", type: "secret", name: "default", api_key: "sb_secret_stub" },
  { id: "anon", type: "legacy", name: "anon", api_key: "anon" },
  { id: "service_role", type: "legacy", name: "service_role", api_key: "service" },
];

export async function startManagementApi(): Promise<ManagementApi> {
  const deployed: Deployed[] = [];
  const secrets = new Map<string, string>();
  const token = `sbp_${crypto.randomUUID().replaceAll("-", "")}01234567`;

  async function deploy(request: Request): Promise<Response> {
    const slug = new URL(request.url).searchParams.get("slug") ?? "";
    const form = await request.formData();
    const files = new Map<string, string>();
    for (const file of form.getAll("file")) {
      if (file instanceof File) files.set(file.name, await file.text());
    }
    const metadata = JSON.parse(String(form.get("metadata")));
    deployed.push({ slug, metadata, files });
    const { name, verify_jwt, entrypoint_path, import_map_path } = metadata;
    const made = { created_at: 0, updated_at: 0, version: 1, status: "ACTIVE" };
    const told = { slug, name, verify_jwt, entrypoint_path, import_map_path };
    return Response.json({ id: crypto.randomUUID(), ...made, ...told }, { status: 201 });
  }

  async function answer(request: Request): Promise<Response> {
    if (request.headers.get("authorization") !== `Bearer ${token}`) {
      return Response.json({ message: "Unauthorized" }, { status: 401 });
    }
    const { pathname } = new URL(request.url);
    const asked = `${request.method} ${pathname.replace(`/v1/projects/${PROJECT_REF}`, "")}`;
    switch (asked) {
      case "GET ":
        return Response.json(PROJECT);
      case "GET /api-keys":
        return Response.json(API_KEYS);
      case "POST /secrets":
        for (const { name, value } of await request.json()) secrets.set(name, value);
        return Response.json({}, { status: 201 });
      case "POST /functions/deploy":
        return await deploy(request);
    }
    return Response.json({ message: `There is no ${asked} here` }, { status: 404 });
  }

  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  const url = `http://127.0.0.1:${server.addr.port}`;
  const profile = await Deno.makeTempFile({ suffix: ".yaml" });
  await Deno.writeTextFile(
    profile,
    `name: stub\napi_url: ${url}\ndashboard_url: ${url}\nproject_host: supabase.invalid\n`,
  );
  return {
    profile,
    env: { SUPABASE_ACCESS_TOKEN: token },
    deployed,
    secrets,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await Deno.remove(profile);
    },
  };
}
