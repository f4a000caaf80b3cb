/** The hooks follow what they are given, show its errors, and end with their component. */
import { assertEquals } from "@std/assert";
import { createElement, StrictMode } from "react";
import { act, create } from "react-test-renderer";
import {
  type Summaries,
  SummariesError,
  type Summary,
  type UploadOptions,
  type Watcher,
} from "../../clients/index.ts";
import { useClinicSummaries, useSummary, useUpload } from "../../clients/react.ts";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

const PLACE = { clinicId: "c", consultationId: "v" };
const row = (id: string) => ({ id }) as Summary;

/** Up to what follows of it, promises included. */
const step = (run: () => unknown) => act(async () => void await run());

/** Renders a hook as a page under development does, with its effects begun twice. */
async function render<Props, Shown>(hook: (props: Props) => Shown, props: Props) {
  let shown: Shown;
  const Page = (given: { props: Props }) => {
    shown = hook(given.props);
    return null;
  };
  const page = (props: Props) => createElement(StrictMode, null, createElement(Page, { props }));
  let root!: ReturnType<typeof create>;
  await step(() => root = create(page(props)));
  return {
    shown: () => shown,
    update: (props: Props) => step(() => root.update(page(props))),
    unmount: () => step(() => root.unmount()),
  };
}

/** Remembers who watches what. */
function watched<Row>() {
  const watching: { of: string; watcher: Watcher<Row> }[] = [];
  const watch = (of: string, watcher: Watcher<Row>) => {
    const one = { of, watcher };
    watching.push(one);
    return () => {
      watching.splice(watching.indexOf(one), 1);
      return Promise.resolve();
    };
  };
  return { watching, watch, ids: () => watching.map(({ of }) => of) };
}

Deno.test("useSummary follows the id it is given, and shows nothing of the one before", async () => {
  const { watching, watch, ids } = watched<Summary>();
  const summaries = { watch } as unknown as Summaries;
  const page = await render((id: string | null) => useSummary(summaries, id), "a" as string | null);
  assertEquals([ids(), page.shown().summary], [["a"], null]);
  await step(() => watching[0].watcher.show(row("a")));
  assertEquals(page.shown(), { summary: row("a"), error: null });
  const error = new SummariesError("database_unavailable");
  await step(() => watching[0].watcher.onError!(error));
  assertEquals(page.shown(), { summary: row("a"), error });
  await page.update("b");
  assertEquals([ids(), page.shown()], [["b"], { summary: null, error: null }]);
  await page.update(null);
  assertEquals(ids(), []);
  await page.unmount();
});

Deno.test("useClinicSummaries ends with its component", async () => {
  const { watching, watch, ids } = watched<Summary[]>();
  const summaries = { watchClinic: watch } as unknown as Summaries;
  const page = await render((id: string) => useClinicSummaries(summaries, id), "c");
  await step(() => watching[0].watcher.show([row("a"), row("b")]));
  assertEquals(page.shown().summaries?.length, 2);
  await page.unmount();
  assertEquals(ids(), []);
});

Deno.test("useUpload tells the progress, an error, and nothing of what was aborted", async () => {
  let options: UploadOptions = {};
  let settle = { resolve: (_: string) => {}, reject: (_: unknown) => {} };
  const summaries = {
    upload: (_place: unknown, _file: Blob, given: UploadOptions) => {
      options = given;
      return new Promise<string>((resolve, reject) => settle = { resolve, reject });
    },
  } as unknown as Summaries;
  const page = await render(() => useUpload(summaries), null);
  const begin = () => page.shown().upload(PLACE, new Blob(["x"]), { extension: "webm" });

  let done: Promise<string | null>;
  await step(() => void (done = begin()));
  await step(() => options.onProgress!(0.5));
  assertEquals([page.shown().progress, options.extension], [0.5, "webm"]);
  await step(() => settle.resolve("path"));
  assertEquals([await done!, page.shown().progress], ["path", null]);

  const error = new SummariesError("file_type");
  await step(() => void (done = begin()));
  await step(() => settle.reject(error));
  assertEquals([await done!, page.shown().error], [null, error]);

  await step(() => void (done = begin()));
  assertEquals(page.shown().error, null);
  await step(() => {
    page.shown().abort();
    settle.reject(options.signal!.reason);
  });
  assertEquals([await done!, page.shown().error, page.shown().progress], [null, null, null]);
  await page.unmount();
});
