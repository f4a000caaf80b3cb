/**
 * Formats what was generated as `deno fmt` would once it is a file of this project.
 * @throws with the text when it can't be parsed.
 */
export async function format(text: string, extension: "ts" | "md"): Promise<string> {
  const fmt = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--line-width", "100", "--no-config", "--ext", extension, "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const output = fmt.output();
  const stdin = fmt.stdin.getWriter();
  await stdin.write(new TextEncoder().encode(text));
  await stdin.close();
  const { success, stdout } = await output;
  if (!success) throw new Error(`This can't be formatted:\n${text}`);
  return new TextDecoder().decode(stdout);
}
