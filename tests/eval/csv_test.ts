import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { formatCsv, parseCsv } from "../../bench/eval/csv.ts";

Deno.test("fields in quotes hold commas, quotes and lines; a last field may be empty", () => {
  assertEquals(parseCsv('\ufeffa,b\r\n"1, ""one""\nand",2\n3,'), [
    { a: '1, "one"\nand', b: "2" },
    { a: "3", b: "" },
  ]);
});

Deno.test("a quote out of place is an error", () => {
  assertThrows(() => parseCsv('a\n1"2'), Error, "Line 2");
});

Deno.test("what is written is read again, but for what a spreadsheet would take for a formula", () => {
  const text = fc.string({ unit: "grapheme" }).filter((text) => !/^[=+\-@\t\r]/.test(text));
  const row = fc.record({ a: text.map((text) => `a${text}`), b: text });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1 }), (rows) => {
      assertEquals(parseCsv(formatCsv(rows)), rows);
    }),
    { numRuns: 300, seed: 3 },
  );
  assertEquals(formatCsv([{ a: "=SUM(1)" }]), '"a"\r\n"\'=SUM(1)"\r\n');
});
