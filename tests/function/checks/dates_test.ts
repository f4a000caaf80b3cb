import { assertEquals } from "@std/assert";
import { dates, datesIn } from "../../../supabase/functions/generate-summary/checks/dates.ts";
import { details, segment, table, unsupported } from "../checking.ts";

table("days and months compare by name, in any language listed", [
  ["Seen on 4 March.", "am 4. März"],
  ["Seen on 4 March.", "on the 4th of April", ...unsupported("date", "march")],
  ["Comes on Monday.", "सोमवार को आना"],
  ["Comes on Monday.", "på tisdag", ...unsupported("date", "monday")],
  ["It may hurt on 2 May.", "2 maj"],
  ["Report of 12 January 2026.", "12/01/2026"],
  ["Report of 12 January 2026.", "12/02/2026", ...unsupported("date", "january")],
  ["Seen on 2026-03-04.", "on the 4th of March 2026"],
  ["Seen on 2026-05-04.", "on the 4th of March 2026", ...unsupported("quantity", "05")],
]);

for (
  const [text, ...keys] of [
    ["on Monday and Tuesdays", "day 1", "day 2"],
    ["på måndagen", "day 1"],
    ["somvar ko", "day 1"],
    ["im März oder Mai", "month 3", "month 5"],
    ["en août", "month 8"],
    ["it may hurt, and may not"],
    ["2 May, the 3rd of May, and May 4", "month 5", "month 5", "month 5"],
    ["marsh, decembers, a sundae", "month 12"],
  ]
) {
  Deno.test(`days and months in "${text}": ${keys.join(", ") || "none"}`, () => {
    assertEquals(datesIn(text).map(({ key }) => key), keys);
  });
}

Deno.test("a month may be said as a number of a date, in either order, and in the mentions", () => {
  const told = (said: string, quantities = "") =>
    details(dates("Seen in March.", [segment(said, "", quantities)]));
  assertEquals([told("3/12/2026"), told("12.3.2026"), told("2026-03-12")], [[], [], []]);
  assertEquals([told("3 weeks"), told("13/12/2026")], [["march"], ["march"]]);
  assertEquals(told("the day is written here", "12 March"), []);
});
