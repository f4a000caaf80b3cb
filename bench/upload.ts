/** Files from Storage to Gemini: ours, the least that can be done, and what others do. */
import { importArgs } from "../local/import_map.ts";
import { compare, here, inProcess, type Report } from "./measure.ts";
import type { Asked, Cost } from "./upload_way.ts";

const ROUNDS = 5;
const SIZES = [10, 50, 100];
const OTHERS = {
  limit: "fetch(url, { body })",
  blob: "SDK, Blob",
  file: "to a file, then SDK",
};

export async function benchUpload(report: Report): Promise<void> {
  const certificate = await makeCertificate();
  // Both work while a file passes through, and on two connections.
  const source = await startServer(certificate);
  const sink = await startServer(certificate);
  try {
    for (const transport of ["plain", "tls"] as const) {
      for (const size of SIZES) {
        const costs: Record<Asked["way"], Cost[]> = {
          ours: [],
          cloud: [],
          limit: [],
          blob: [],
          file: [],
        };
        for (let round = 0; round < ROUNDS; round++) {
          for (const way of Object.keys(costs) as Asked["way"][]) {
            const asked: Asked = {
              way,
              size: size * 1e6,
              // As many bytes whatever the size, so that small files are measured as exactly.
              files: 100 / size,
              source: source.urls[transport],
              sink: sink.urls[transport],
            };
            const env = { DENO_CERT: certificate.authority };
            costs[way].push(await inProcess<Cost>("upload_way.ts", asked, { env }));
          }
        }
        const name = transport === "tls" ? "TLS and HTTP/2" : "plain HTTP";
        const what = `upload ${size} MB, ${name}`;
        const limits = { "CPU ms": { goal: 1.2 }, "growth MB": { most: 8 } };
        for (const [measure, of] of [["CPU ms", "cpu"], ["growth MB", "growth"]] as const) {
          report(compare(
            {
              what: `${what}, Google Cloud`,
              measure,
              than: OTHERS.limit,
              ...limits[measure],
            },
            costs.cloud.map((cost) => cost[of]),
            costs.limit.map((cost) => cost[of]),
          ));
        }
        for (const other of Object.keys(OTHERS) as (keyof typeof OTHERS)[]) {
          const line = (measure: string, of: keyof Cost, goals: { goal?: number; most?: number }) =>
            report(compare(
              { what, measure, than: OTHERS[other], ...goals },
              costs.ours.map((cost) => cost[of]),
              costs[other].map((cost) => cost[of]),
            ));
          const atTheLimit = other === "limit";
          line("CPU ms", "cpu", atTheLimit ? { goal: 1.2 } : {});
          line("wall ms", "wall", {});
          line("growth MB", "growth", atTheLimit ? { most: 8 } : {});
        }
      }
    }
  } finally {
    await source.stop();
    await sink.stop();
    await certificate.remove();
  }
}

/** Starts `upload_server.ts`. */
export async function startServer({ certificate, key }: { certificate: string; key: string }) {
  const server = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      ...importArgs,
      here("upload_server.ts"),
      JSON.stringify({ certificate, key }),
    ],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  return {
    urls: await firstLine(server.stdout),
    async stop() {
      await server.stdin.close();
      await server.status;
    },
  };
}

async function firstLine(
  stream: ReadableStream<Uint8Array>,
): Promise<{ plain: string; tls: string }> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes("\n")) break;
  }
  return JSON.parse(text);
}

/** For `localhost`, by an authority of its own: rustls takes no certificate that signs itself. */
export async function makeCertificate() {
  const folder = await Deno.makeTempDir();
  const openssl = async (...args: string[]) => {
    const { code, stderr } = await new Deno.Command("openssl", { args, cwd: folder }).output();
    if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  };
  const fresh = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"];
  await openssl(...fresh, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=bench");
  await openssl(
    ...[...fresh, "-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=localhost"],
    ...["-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "subjectAltName=DNS:localhost"],
    ...["-addext", "basicConstraints=critical,CA:FALSE"],
  );
  return {
    certificate: await Deno.readTextFile(`${folder}/cert.pem`),
    key: await Deno.readTextFile(`${folder}/key.pem`),
    /** The file of who signed it. */
    authority: `${folder}/ca.pem`,
    remove: () => Deno.remove(folder, { recursive: true }),
  };
}
