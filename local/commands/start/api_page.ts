/**
 * A page on which the API can be tried: Swagger UI, served from the package in npm's cache, over the
 * document that the function itself serves. It asks no other host for anything. Beside it a page that
 * switches the faults of the model's stand-in.
 */
import swaggerUi from "swagger-ui-dist/absolute-path.js";
import { FAULTS, type Switch } from "./faults.ts";

interface Api {
  /** Of the project. */
  url: string;
  /** A fresh access token of a user, for each view of the page. */
  token(): Promise<string>;
  /** The path of a recording that is there, for the examples. */
  file: string;
  faults?: Switch;
}

const TYPES: Record<string, string> = {
  "swagger-ui.css": "text/css",
  "swagger-ui-bundle.js": "text/javascript",
};

/** Serves on a free port of this machine until the process ends; gives the address. */
export function startApiPage(api: Api): string {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  const address = `http://127.0.0.1:${server.addr.port}`;

  async function answer(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const name = pathname.slice(1);
    if (name in TYPES) {
      const file = await Deno.open(`${swaggerUi()}/${name}`);
      return new Response(file.readable, { headers: { "content-type": TYPES[name] } });
    }
    if (name === "faults" && api.faults) {
      if (request.method === "POST") {
        const code = searchParams.get("fail") ?? "";
        api.faults.fail = Object.hasOwn(FAULTS, code) ? code : undefined;
      }
      return page(faultsPage(api.faults));
    }
    if (name !== "") return new Response("There is no such page.", { status: 404 });
    return page(apiPage(api.url, await api.token(), api.file));
  }
  return address;
}

const page = (html: string) =>
  new Response(`<!doctype html>\n<meta charset="utf-8">\n${html}`, {
    headers: { "content-type": "text/html; charset=utf-8" },
  });

function faultsPage({ fail }: Switch): string {
  const button = (code: string, label: string) =>
    `<p><button formaction="?fail=${code}"${code === (fail ?? "") ? " disabled" : ""}>${label}` +
    "</button>";
  return `<title>Faults of the model</title>
<h1>The model ${fail ? `fails: ${fail}` : "works"}</h1>
<form method="post">
${button("", "works")}
${Object.keys(FAULTS).map((code) => button(code, code)).join("\n")}
</form>
`;
}

/**
 * The examples name what is there, so that "Execute" works on them as they are: what the database alone
 * may send goes. Errors are one row, since nobody gets past thirty.
 */
function apiPage(url: string, token: string, file: string): string {
  const functions = JSON.stringify(`${url}/functions/v1`);
  const [, consultation] = file.split("/");
  return `<title>generate-summary</title>
<link rel="stylesheet" href="swagger-ui.css">
<div id="ui"></div>
<script src="swagger-ui-bundle.js"></script>
<script type="module">
const spec = await (await fetch(${functions} + "/generate-summary/openapi.json")).json();
spec.servers = [{ url: ${functions} }];
const { examples } = spec.paths["/generate-summary"].post.requestBody.content["application/json"];
examples.by_consultation.value.consultation_id = ${JSON.stringify(consultation)};
examples.by_urls.value.primary_audio_url = ${JSON.stringify(file)};
delete examples.by_urls.value.image_urls;
delete examples.wake_up;
delete examples.webhook;
for (const { responses } of Object.values(spec.paths).flatMap(Object.values)) {
  const errors = Object.keys(responses).filter((status) => status >= "400");
  if (errors.length === 0) continue;
  errors.forEach((status) => delete responses[status]);
  responses.default = { description: "An error, with its code: " + errors.join(", ") };
}
const ui = SwaggerUIBundle({
  spec,
  dom_id: "#ui",
  onComplete: () => ui.preauthorizeApiKey("user", ${JSON.stringify(token)}),
});
</script>
`;
}
