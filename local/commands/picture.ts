/** Runs the demo and draws what it printed: writes docs/demo.svg. */
import { fileURLToPath } from "node:url";

const COLUMNS = 104;
/** Pixels: the width of a character in browsers' monospace fonts at 14 pixels. */
const CHARACTER = 8.43;
/** Pixels. */
const LINE = 20;
const MARGIN = 20;

const root = fileURLToPath(new URL("../../", import.meta.url));

const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
  args: ["run", "-A", `${root}local/deno.ts`, "run", "-A", "local/commands/demo.ts"],
  cwd: root,
  env: { GEMINI_API_KEY: "" },
}).output();
const text = new TextDecoder();
if (!success) throw new Error(text.decode(stderr));

const lines = ["$ deno task demo", ...text.decode(stdout).trimEnd().split("\n")].flatMap(wrap);
const width = Math.ceil(COLUMNS * CHARACTER + 2 * MARGIN);
const height = lines.length * LINE + 2 * MARGIN;
await Deno.writeTextFile(
  `${root}docs/demo.svg`,
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="What deno task demo prints">
<style>
  text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d4d8de; white-space: pre }
  .prompt { fill: #8bd17c } .when { fill: #7fb4e6 } .heading { fill: #fff; font-weight: bold } .evidence { fill: #8d96a3 }
</style>
<rect width="${width}" height="${height}" rx="8" fill="#1b1f27"/>
${lines.map(draw).join("\n")}
</svg>
`,
);
console.log(`Wrote docs/demo.svg: ${lines.length} lines`);

/** Words that are too many go to the next line, below the beginning of the first ones. */
function wrap(line: string): string[] {
  const indent = " ".repeat(line.search(/[^\s•↳]|$/));
  const wrapped = [""];
  for (const word of line.split(/(?<=\S)(?=\s)/)) {
    if ((wrapped.at(-1) + word).length <= COLUMNS) wrapped[wrapped.length - 1] += word;
    else wrapped.push(indent + word.trimStart());
  }
  return wrapped;
}

function draw(line: string, row: number): string {
  const y = MARGIN + (row + 0.75) * LINE;
  const escaped = line.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text class="${
    kind(line)
  }" x="${MARGIN}" y="${y}" xml:space="preserve">${escaped}</text>`;
}

function kind(line: string): string {
  if (line.startsWith("$")) return "prompt";
  if (/^(Started|Signed in|Upload|Realtime) /.test(line)) return "when";
  if (/^[A-Z][\w ]+$/.test(line)) return "heading";
  return /^ {6}/.test(line) ? "evidence" : "statement";
}
