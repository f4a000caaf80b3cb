/** What GitHub's workflows run is what there is here: tasks, the CLI's version and its commands. */
import { assert, assertEquals } from "@std/assert";
import { CLI, supabase } from "../../local/commands/types/supabase_cli.ts";

const root = new URL("../../", import.meta.url);
const read = (path: string) => Deno.readTextFile(new URL(path, root));
const { tasks } = JSON.parse(await read("deno.json"));

/** Each `run:` of a workflow, once for each task of its matrix. */
async function commandsOf(workflow: string): Promise<string[]> {
  const text = await read(`.github/workflows/${workflow}.yml`);
  const matrix = /task:\s*\[([^\]]+)\]/.exec(text)?.[1].match(/[\w:-]+/g) ?? [];
  return [...text.matchAll(/- run: (.+)/g)].flatMap(([, line]) =>
    line.includes("${{ matrix.task }}")
      ? matrix.map((task) => line.replace("${{ matrix.task }}", task))
      : [line]
  );
}

const workflows = await Promise.all(["check", "test", "deploy"].map(commandsOf));

Deno.test("each command of a workflow is a task, or the CLI's", async () => {
  const deno = /npx --yes (deno@[\d.]+) task/.exec(await read("README.md"))![1];
  for (const line of workflows.flat()) {
    const [npx, yes, what, ...args] = line.split(" ");
    assertEquals([npx, yes], ["npx", "--yes"]);
    if (what === deno) {
      assertEquals(args[0], "task");
      assert(args[1] in tasks, `there is no task ${args[1]}`);
    } else assertEquals(what, CLI);
  }
});

Deno.test("together they run every task that .ci/run does, but the slow ones and the demo", async () => {
  const here = [...(await read(".ci/run")).matchAll(/^deno_task (\S+)/gm)].map(([, task]) => task);
  const run = workflows.flat().flatMap((line) => / task (\S+)/.exec(line)?.[1] ?? []);
  assertEquals(here.filter((task) => !run.includes(task)), ["test:load", "demo"]);
});

Deno.test("the CLI knows what is deployed with", async () => {
  const page = await read("docs/deploying.md");
  const lines = workflows[2].filter((line) => line.includes(CLI));
  assertEquals(lines.length, 3);
  for (const line of lines) {
    const args = line.split(`${CLI} `)[1].replace('"$PROJECT_REF"', "REF").split(" ");
    // A page's commands are run by tests/deploy; --yes answers what a person would be asked.
    const written = args.filter((arg) => arg !== "--yes").join(" ");
    assert(page.includes(`npx ${CLI} ${written}`), `${written} is not on the page`);
    const words = args.slice(0, args.findIndex((arg) => arg.startsWith("-")));
    const { code, stdout } = await supabase([...words, "--help"]);
    assertEquals(code, 0);
    for (const flag of args.filter((arg) => arg.startsWith("--"))) {
      assert(stdout.includes(flag), flag);
    }
  }
});
