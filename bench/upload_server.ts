/**
 * A source of files that answers as Storage does, and a sink that speaks the protocols of Gemini's
 * Files API and of Cloud Storage, and keeps nothing: as fast as they can be, so that the client's share is what shows. By
 * plain HTTP and by TLS, where Deno agrees on HTTP/2. Prints both addresses as JSON, and ends with
 * its standard input.
 */
const { certificate, key } = JSON.parse(Deno.args[0]);

const LARGEST = 100_000_000;
const bytes = new Uint8Array(LARGEST);
// What the first bytes say decides the type.
bytes.set(new TextEncoder().encode("RIFF    WAVEfmt "));

const received = new Map<string, number>();

async function answer(request: Request): Promise<Response> {
  const url = new URL(request.url);
  if (/^\/(token|storage\/v1\/b|upload\/storage)\b/.test(url.pathname)) {
    return await cloud(request, url);
  }
  if (url.pathname.startsWith("/storage/")) return source(request, url);
  if (request.method === "GET") {
    const error = { status: "PERMISSION_DENIED", message: "There is no such File." };
    return Response.json({ error }, { status: 403 });
  }
  const command = request.headers.get("x-goog-upload-command");
  if (command === "start") {
    const id = crypto.randomUUID();
    received.set(id, 0);
    const { file } = await request.json();
    const query = new URLSearchParams({ id, name: file.name ?? "files/any", type: file.mimeType });
    return new Response(null, {
      headers: {
        "x-goog-upload-url": `${url.origin}/bytes?${query}`,
        "x-goog-upload-status": "active",
        "x-goog-upload-chunk-granularity": "8388608",
      },
    });
  }
  if (url.pathname === "/bytes") {
    const id = url.searchParams.get("id")!;
    let size = received.get(id) ?? 0;
    for await (const chunk of request.body ?? []) size += chunk.length;
    received.set(id, size);
    if (!command?.includes("finalize")) {
      return new Response(null, { headers: { "x-goog-upload-status": "active" } });
    }
    received.delete(id);
    const name = url.searchParams.get("name")!;
    const file = {
      name,
      uri: `${url.origin}/v1beta/${name}`,
      mimeType: url.searchParams.get("type"),
      sizeBytes: String(size),
      state: "ACTIVE",
    };
    return Response.json({ file }, { headers: { "x-goog-upload-status": "final" } });
  }
  return Response.json({});
}

/** Google Cloud: a token, no object of that name yet, an upload's start, its bytes. */
async function cloud(request: Request, url: URL): Promise<Response> {
  if (url.pathname === "/token") {
    return Response.json({ access_token: "token", expires_in: 3599, token_type: "Bearer" });
  }
  if (request.method === "GET") return new Response("{}", { status: 404 });
  const name = url.searchParams.get("name") ?? "any";
  if (request.method === "POST") {
    const type = request.headers.get("x-upload-content-type") ?? "";
    const query = new URLSearchParams({ name, type, upload_id: crypto.randomUUID() });
    return new Response(null, { headers: { location: `${url.origin}${url.pathname}?${query}` } });
  }
  let size = 0;
  for await (const chunk of request.body ?? []) size += chunk.length;
  const contentType = url.searchParams.get("type");
  return Response.json({ name, size: String(size), contentType });
}

/** `…/{bucket}/{size}`: so many bytes. */
function source(request: Request, { pathname }: URL): Response {
  const size = Number(pathname.split("/").at(-1));
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("range") ?? "");
  const from = Number(range?.[1] ?? 0);
  const end = Math.min(size, range?.[2] ? Number(range[2]) + 1 : size);
  return new Response(bytes.subarray(from, end), {
    status: range ? 206 : 200,
    headers: {
      "content-type": "audio/wav",
      etag: '"one"',
      ...(range ? { "content-range": `bytes ${from}-${end - 1}/${size}` } : {}),
    },
  });
}

const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
const plain = Deno.serve(options, answer);
const tls = Deno.serve({ ...options, cert: certificate, key }, answer);
console.log(JSON.stringify({
  plain: `http://127.0.0.1:${plain.addr.port}`,
  tls: `https://localhost:${tls.addr.port}`,
}));
for await (const _ of Deno.stdin.readable);
Deno.exit(0);
