/**
 * A page on which the API can be tried: Swagger UI, served from the package in npm's cache, over the
 * document that the function itself serves. It asks no other host for anything. Beside it pages with
 * tables, with the mail that Auth has sent, and with the faults of the model's stand-in.
 */
import type { Sql } from "postgres";
import swaggerUi from "swagger-ui-dist/absolute-path.js";
import type { Mail } from "../../stand_ins/auth/admin.ts";
import { FAULTS, type Switch } from "./faults.ts";
import { escaped, page } from "./html.ts";
import { tablesPage } from "./tables_page.ts";

interface Api {
  /** Of the project. */
  url: string;
  /** A fresh access token of a user, for each view of the page. */
  token(): Promise<string>;
  /** The path of a recording that is there, for the examples. */
  file: string;
  faults?: Switch;
  mailbox: Mail[];
  /** May look into every table. */
  sql: Sql;
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
      return page("Faults of the model", faultsPage(api.faults));
    }
    if (name === "mail") return page("Mail", mailPage(api.mailbox));
    if (name === "tables") {
      return page("Tables", await tablesPage(api.sql, searchParams.get("table")));
    }
    if (name !== "") return new Response("There is no such page.", { status: 404 });
    return page("generate-summary", apiPage(api.url, await api.token(), api.file));
  }
  return address;
}

function mailPage(mails: Mail[]): string {
  const line = ({ to, subject, link }: Mail) =>
    `<li>${escaped(to)}: <a href="${escaped(link)}">${escaped(subject)}</a>`;
  return `<h1>Mail</h1>\n<ul>\n${mails.toReversed().map(line).join("\n")}\n</ul>\n`;
}

function faultsPage({ fail }: Switch): string {
  const button = (code: string, label: string) =>
    `<p><button formaction="?fail=${code}"${code === (fail ?? "") ? " disabled" : ""}>${label}` +
    "</button>";
  return `<h1>The model ${fail ? `fails: ${fail}` : "works"}</h1>
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
  return `<link rel="stylesheet" href="swagger-ui.css">
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
