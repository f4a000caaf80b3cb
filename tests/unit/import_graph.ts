/** Who imports whom, for the tests that hold the order of the folders. */
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/**
 * The modules below a folder and what each imports by a relative address: statically, for its types,
 * as a re-export, or by `import("…")` of a literal. Paths are relative to the folder; one that begins
 * with `../` lies outside of it.
 */
export async function importsOf(folder: string | URL): Promise<Map<string, string[]>> {
  const root = folder instanceof URL ? fileURLToPath(folder) : folder;
  const graph = new Map<string, string[]>();
  for (const path of await modulesBelow(root)) {
    const specifiers = specifiersOf(await Deno.readTextFile(path))
      .filter((specifier) => specifier.startsWith("."));
    const imported = specifiers.map((to) => relative(root, join(dirname(path), to)));
    graph.set(relative(root, path), [...new Set(imported)]);
  }
  return graph;
}

/** One way round for each knot of modules that import each other, e.g. `["a.ts", "b.ts", "a.ts"]`. */
export function circles(graph: Map<string, string[]>): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const follow = (module: string, way: string[]) => {
    const before = way.indexOf(module);
    if (before >= 0) found.push([...way.slice(before), module]);
    else if (!done.has(module)) {
      for (const imported of graph.get(module) ?? []) follow(imported, [...way, module]);
      done.add(module);
    }
  };
  for (const module of graph.keys()) follow(module, []);
  return found;
}

async function modulesBelow(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) paths.push(...await modulesBelow(path));
    else if (name.endsWith(".ts")) paths.push(path);
  }
  return paths.sort();
}

function specifiersOf(source: string): string[] {
  const found: string[] = [];
  const take = (node?: ts.Node) => {
    if (node && ts.isStringLiteralLike(node)) found.push(node.text);
  };
  const visit = (node: ts.Node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) take(node.moduleSpecifier);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      take(node.arguments[0]);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      take(node.argument.literal);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("module.ts", source, ts.ScriptTarget.Latest));
  return found;
}
