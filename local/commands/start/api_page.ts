/**
 * A page on which the API can be tried: Swagger UI, served from the package in npm's cache, over the
 * document that the function itself serves. It asks no other host for anything.
 */
import swaggerUi from "swagger-ui-dist/absolute-path.js";

interface ApiPage {
  /** Its address, and the origin that the function must allow. */
  url: string;
  /** What it is a page of; until then it answers 503. */
  show(api: Api): void;
}

interface Api {
  /** Of the project. */
  url: string;
  /** A fresh access token of a user, for each view of the page. */
  token(): Promise<string>;
  /** A consultation with a recording, for the examples. */
  consultation: string;
}

const TYPES: Record<string, string> = {
  "swagger-ui.css": "text/css",
  "swagger-ui-bundle.js": "text/javascript",
};

/** Serves on a free port of this machine until the process ends. */
export function startApiPage(): ApiPage {
  let api: Api | undefined;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);

  async function answer(request: Request): Promise<Response> {
    const name = new URL(request.url).pathname.slice(1);
    if (name in TYPES) {
      const file = await Deno.open(`${swaggerUi()}/${name}`);
      return new Response(file.readable, { headers: { "content-type": TYPES[name] } });
    }
    if (name !== "") return new Response("There is no such page.", { status: 404 });
    if (!api) return new Response("The stack is starting.", { status: 503 });
    const html = pageOf(api.url, await api.token(), api.consultation);
    return new Response(html, { headers: { "content-type": "text/html; charset=utf-8" } });
  }

  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    show: (shown) => api = shown,
  };
}

/** The examples name the consultation, so that "Execute" works on them as they are. */
function pageOf(url: string, token: string, consultation: string): string {
  const functions = JSON.stringify(`${url}/functions/v1`);
  return `<!doctype html>
<meta charset="utf-8">
<title>generate-summary</title>
<link rel="stylesheet" href="swagger-ui.css">
<div id="ui"></div>
<script src="swagger-ui-bundle.js"></script>
<script type="module">
const spec = await (await fetch(${functions} + "/generate-summary/openapi.json")).json();
spec.servers = [{ url: ${functions} }];
const { examples } = spec.paths["/generate-summary"].post.requestBody.content["application/json"];
examples.by_consultation.value.consultation_id = ${JSON.stringify(consultation)};
const ui = SwaggerUIBundle({
  spec,
  dom_id: "#ui",
  onComplete: () => ui.preauthorizeApiKey("user", ${JSON.stringify(token)}),
});
</script>
`;
}
