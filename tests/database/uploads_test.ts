import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type postgres from "postgres";
import { database } from "./harness.ts";
import { consultation, move, pathIn, remove, scene, upload, uploaded } from "./rows.ts";
import { claim, complete, inputs, newToken, summaryRow, sweep } from "./worker_calls.ts";

const MIB = 1024 * 1024;

const recordings = (sql: postgres.Sql, consultation: string) =>
  sql`select * from public.recordings where consultation_id = ${consultation} order by created_at, id`;
const active = async (sql: postgres.Sql, consultation: string) =>
  (await sql`select id from public.summaries
    where consultation_id = ${consultation} and status in ('queued', 'processing')`).map(({ id }) =>
    id
  );
const missed = (sql: postgres.Sql) =>
  sql`select object_path, reason, replay, tries from summaries_private.missed_uploads order by id`;

Deno.test("an upload makes a recording and a queued summary in the uploader's name", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const path = pathIn(at);
    const version = await upload(sql, path, {
      owner: at.nurse,
      type: "audio/webm;codecs=opus",
      size: 5 * MIB,
    });
    const [recording] = await recordings(sql, at.consultation);
    assertEquals(
      [recording.object_path, recording.object_version, recording.kind, recording.declared_type],
      [path, version, "audio", "audio/webm;codecs=opus"],
    );
    assertEquals([recording.created_by, recording.size_bytes], [at.nurse, String(5 * MIB)]);
    const [id] = await active(sql, at.consultation);
    const row = await summaryRow(sql, id);
    assertEquals([row.status, row.requested_by, row.submitted_by], ["queued", at.nurse, "nurse"]);
  } finally {
    await db.close();
  }
});

Deno.test("kind and author are what was declared, as far as it means something", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const made = async (extension: string, type: string | null, owner: string | null = null) => {
      const path = pathIn(at, extension);
      await upload(sql, path, { type, owner });
      const [row] = await sql`select * from public.recordings where object_path = ${path}`;
      return row;
    };
    assertEquals((await made("bin", "image/heic")).kind, "image");
    assertEquals((await made("jpeg", null)).kind, "image");
    assertEquals((await made("HEIC", "application/octet-stream")).kind, "image");
    assertEquals((await made("jpg", "audio/mpeg")).kind, "audio");
    assertEquals((await made("bin", null)).kind, "audio");
    assertEquals((await made("webm", "audio/webm", "not-a-uuid")).created_by, null);
    const [id] = await active(sql, at.consultation);
    assertEquals((await summaryRow(sql, id)).submitted_by, "doctor");
  } finally {
    await db.close();
  }
});

Deno.test("a clinic that turned it off gets recordings and no summaries", async () => {
  const db = await database();
  try {
    const at = await scene(db.sql, { autoSummarize: false });
    await upload(db.sql, pathIn(at));
    assertEquals((await recordings(db.sql, at.consultation)).length, 1);
    assertEquals(await active(db.sql, at.consultation), []);
  } finally {
    await db.close();
  }
});

Deno.test("the probe for permission and other buckets leave nothing", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    await sql`insert into storage.buckets (id, name) values ('other', 'other')`;
    await upload(sql, pathIn(at), { bucket: "other" });
    const kept = await sql.begin(async (tx) => {
      await tx`insert into storage.objects (bucket_id, name, version)
        values ('consultations', ${pathIn(at)}, '1')`;
      return (await tx`select from public.recordings`).count;
    });
    assertEquals(kept, 0);
    assertEquals([...await missed(sql)], []);
  } finally {
    await db.close();
  }
});

Deno.test("an overwrite is a new version of the same recording, and needs a summary", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const file = await uploaded(sql, at, at.nurse);
    const token = newToken();
    await claim(sql, file.summary, token);
    await complete(sql, file.summary, token);
    const version = await upload(sql, file.path, { owner: at.doctor, size: 7 });
    const [recording, ...others] = await recordings(sql, file.consultation);
    assertEquals(others, []);
    assertEquals([recording.id, recording.object_version], [file.recording, version]);
    assertEquals([recording.created_by, recording.size_bytes], [at.doctor, "7"]);
    const [next] = await active(sql, file.consultation);
    assertNotEquals(next, undefined);
    assertNotEquals(next, file.summary);
  } finally {
    await db.close();
  }
});

Deno.test("an upload while one is queued or worked on needs no other summary", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const file = await uploaded(sql, at);
    const inSame = { clinic: at.clinic, consultation: file.consultation };
    await upload(sql, pathIn(inSame));
    await claim(sql, file.summary);
    await upload(sql, pathIn(inSame));
    assertEquals(await active(sql, file.consultation), [file.summary]);
  } finally {
    await db.close();
  }
});

Deno.test("a deleted file is not given to the worker; the recording stays, and revives with a new file", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const file = await uploaded(sql, at);
    await remove(sql, file.path);
    assertNotEquals((await recordings(sql, file.consultation))[0].deleted_at, null);
    assertEquals(await inputs(sql, file.summary), []);
    const version = await upload(sql, file.path);
    assertEquals(await inputs(sql, file.summary), [
      { recording_id: file.recording, object_version: version, take: 1, outcome: "used" },
    ]);
  } finally {
    await db.close();
  }
});

Deno.test("a deletion makes a draft anew that used the file, and leaves what is approved", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const completed = async (paths: number) => {
      const file = await uploaded(sql, at);
      const inSame = { clinic: at.clinic, consultation: file.consultation };
      for (let more = 1; more < paths; more++) await upload(sql, pathIn(inSame));
      const token = newToken();
      await claim(sql, file.summary, token);
      assertEquals(await complete(sql, file.summary, token), "completed");
      return file;
    };
    const draft = await completed(2);
    await remove(sql, draft.path);
    assertEquals((await active(sql, draft.consultation)).length, 1);

    const approved = await completed(2);
    await db.as(
      "authenticated",
      { sub: at.doctor },
      (tx) =>
        tx`update public.summaries set review_status = 'approved', version = 2 where id = ${approved.summary}`,
    );
    await remove(sql, approved.path);
    assertEquals(await active(sql, approved.consultation), []);

    const last = await completed(1);
    await remove(sql, last.path);
    assertEquals(await active(sql, last.consultation), []);
  } finally {
    await db.close();
  }
});

Deno.test("a moved file leaves the one consultation and arrives in the other", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const other = await scene(sql);
    const file = await uploaded(sql, at);
    const to = pathIn(other);
    await move(sql, file.path, to);
    const [left] = await recordings(sql, file.consultation);
    assertEquals([left.clinic_id, left.object_path], [at.clinic, file.path]);
    assertNotEquals(left.deleted_at, null);
    const [arrived] = await recordings(sql, other.consultation);
    assertEquals([arrived.clinic_id, arrived.object_path], [other.clinic, to]);
    assertNotEquals(arrived.object_version, file.version);
    assertEquals((await active(sql, other.consultation)).length, 1);
  } finally {
    await db.close();
  }
});

Deno.test("what passes 100 MiB a consultation is excluded, also when it comes in parallel", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    await Promise.all(Array.from({ length: 6 }, () => upload(sql, pathIn(at), { size: 30 * MIB })));
    const rows = await recordings(sql, at.consultation);
    const excluded = rows.filter(({ excluded }) => excluded === "file_excluded");
    assertEquals([rows.length, excluded.length], [6, 3]);
    // Room again.
    await remove(sql, rows.find(({ excluded }) => excluded === null)!.object_path);
    await upload(sql, excluded[0].object_path, { size: 40 * MIB });
    assertEquals(
      (await recordings(sql, at.consultation)).filter(({ excluded }) => excluded).length,
      2,
    );
  } finally {
    await db.close();
  }
});

Deno.test("the hundredth file of a consultation is looked at, the next is excluded", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql, { autoSummarize: false });
    const paths = Array.from({ length: 101 }, () => pathIn(at));
    for (const path of paths) await upload(sql, path, { size: 1000 });
    const excluded = async () =>
      (await recordings(sql, at.consultation)).filter(({ excluded }) => excluded)
        .map(({ object_path }) => object_path);
    assertEquals(await excluded(), [paths[100]]);
    // The same again is no further one.
    await upload(sql, paths[0], { size: 1000 });
    assertEquals(await excluded(), [paths[100]]);
  } finally {
    await db.close();
  }
});

Deno.test("two uploads at once make one summary; two to one path make one recording", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    for (let round = 0; round < 5; round++) {
      const id = await consultation(sql, at.clinic);
      const inIt = { clinic: at.clinic, consultation: id };
      const same = pathIn(inIt);
      await Promise.all([pathIn(inIt), pathIn(inIt), same, same].map((path) => upload(sql, path)));
      assertEquals((await recordings(sql, id)).length, 3);
      assertEquals((await active(sql, id)).length, 1);
      const [kept] =
        await sql`select r.object_version = o.version as newest from public.recordings r
        join storage.objects o on o.name = r.object_path where r.object_path = ${same}`;
      assert(kept.newest);
    }
    assertEquals([...await missed(sql)], []);
  } finally {
    await db.close();
  }
});

Deno.test("malformed paths are written down once and not replayed", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const paths = ["x", `${at.clinic}/x/y.webm`, `${at.clinic}/${at.consultation}/more/y.webm`];
    for (const path of paths) await upload(sql, path);
    await sweep(sql);
    assertEquals(
      [...await missed(sql)],
      paths.map((object_path) => ({
        object_path,
        reason: "malformed_path",
        replay: false,
        tries: 0,
      })),
    );
    await sql`update summaries_private.missed_uploads set at = now() - interval '31 days' where true`;
    await sweep(sql);
    assertEquals([...await missed(sql)], []);
  } finally {
    await db.close();
  }
});

Deno.test("a file of no consultation is tried again for a day", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const id = crypto.randomUUID();
    const path = pathIn({ clinic: at.clinic, consultation: id });
    const gone = pathIn({ clinic: at.clinic, consultation: crypto.randomUUID() });
    await upload(sql, path);
    await upload(sql, gone);
    await sweep(sql);
    assertEquals((await missed(sql)).map(({ reason, replay, tries }) => [reason, replay, tries]), [
      ["unknown_consultation", true, 1],
      ["unknown_consultation", true, 1],
    ]);
    await sql`insert into public.consultations (id, clinic_id) values (${id}, ${at.clinic})`;
    await sql`update summaries_private.missed_uploads set at = now() - interval '25 hours' where true`;
    await sweep(sql);
    assertEquals((await missed(sql)).map(({ object_path, replay }) => [object_path, replay]), [
      [gone, false],
    ]);
    assertEquals((await recordings(sql, id)).length, 1);
    assertEquals((await active(sql, id)).length, 1);
  } finally {
    await db.close();
  }
});

Deno.test("an upload succeeds while its consultation is locked, and is taken by the sweep", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const path = pathIn(at);
    const other = await db.connect().reserve();
    await other`begin`;
    await other`select from public.consultations where id = ${at.consultation} for update`;
    await upload(sql, path, { owner: at.nurse });
    await sweep(sql);
    assertEquals([...await missed(sql)], [
      { object_path: path, reason: "55P03", replay: true, tries: 1 },
    ]);
    await other`commit`;
    await sweep(sql);
    assertEquals([...await missed(sql)], []);
    assertEquals((await recordings(sql, at.consultation))[0].created_by, at.nurse);
    assertEquals((await active(sql, at.consultation)).length, 1);
    other.release();
  } finally {
    await db.close();
  }
});

Deno.test("a missed upload that was overwritten or deleted since is taken as it is now", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const [overwritten, deleted] = [pathIn(at), pathIn(at)];
    await sql`alter table public.recordings rename to away`;
    for (const path of [overwritten, overwritten, deleted]) await upload(sql, path);
    await remove(sql, deleted);
    await sql`alter table public.away rename to recordings`;
    assertEquals((await missed(sql)).length, 4);
    await sweep(sql);
    assertEquals([...await missed(sql)], []);
    const rows = await recordings(sql, at.consultation);
    const [object] = await sql`select version from storage.objects where name = ${overwritten}`;
    assertEquals(rows.map(({ object_path, object_version }) => [object_path, object_version]), [
      [overwritten, object.version],
    ]);
  } finally {
    await db.close();
  }
});

Deno.test("a recording has the size and ETag of its version, and the worker is told", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const file = await uploaded(sql, await scene(sql));
    const version = await upload(sql, file.path, { size: 7 });
    const [{ answer }] = await sql`select summaries_private.inputs(${file.summary}) as answer`;
    const [{ object_version, size_bytes, etag }] = answer.recordings;
    assertEquals([object_version, size_bytes, etag], [version, 7, `"${version}"`]);
  } finally {
    await db.close();
  }
});

Deno.test("a name that begins with a dot is no recording: Studio's placeholder of an empty folder", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const placeholder = ".emptyFolderPlaceholder";
    for (
      const path of [`${at.clinic}/${at.consultation}/`, `${at.clinic}/`, ""]
        .map((folder) => `${folder}${placeholder}`)
    ) {
      await upload(sql, path, { size: 0, type: "application/octet-stream" });
    }
    await sweep(sql);
    assertEquals([...await recordings(sql, at.consultation)], []);
    assertEquals(await active(sql, at.consultation), []);
    assertEquals([...await missed(sql)], []);
  } finally {
    await db.close();
  }
});

const watched = async (sql: postgres.Sql): Promise<boolean> => {
  const [{ health }] = await sql`select public.queue_health() as health`;
  return health.upload_trigger;
};

Deno.test("without its trigger, health says so, and the sweep takes what was uploaded", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const before = await uploaded(sql, at);
    assertEquals(await watched(sql), true);
    // What a dump and a restore leave behind.
    await db.connect("supabase_storage_admin")`drop trigger take_recording on storage.objects`;
    assertEquals(await watched(sql), false);

    const path = pathIn(at);
    const old = pathIn({ clinic: at.clinic, consultation: await consultation(sql, at.clinic) });
    const version = await upload(sql, path, { owner: at.nurse });
    const newer = await upload(sql, before.path);
    await upload(sql, old);
    await upload(sql, `${at.clinic}/${at.consultation}/.emptyFolderPlaceholder`, { size: 0 });
    await upload(sql, "malformed");
    await sql`
      update storage.objects set created_at = now() - interval '2 hours' where name = ${old}`;
    await db.connect("supabase_storage_admin")`
      alter table storage.objects disable trigger update_objects_updated_at`;
    await sql`
      update storage.objects set updated_at = now() - interval '2 hours' where name = ${old}`;
    assertEquals((await recordings(sql, at.consultation)).length, 0);
    await sweep(sql);
    const [recording, ...others] = await recordings(sql, at.consultation);
    assertEquals([recording.object_path, recording.object_version], [path, version]);
    assertEquals(others, []);
    const [id] = await active(sql, at.consultation);
    assertEquals((await summaryRow(sql, id)).requested_by, at.nurse);
    const [overwritten] = await recordings(sql, before.consultation);
    assertEquals([overwritten.id, overwritten.object_version], [before.recording, newer]);
    assertEquals(
      (await sql`select from public.recordings where object_path = ${old}`).count,
      0,
      "only the last hour's",
    );
    await sweep(sql);
    assertEquals((await missed(sql)).map(({ object_path, tries }) => [object_path, tries]), [
      ["malformed", 0],
    ]);
  } finally {
    await db.close();
  }
});

Deno.test("one call puts the trigger back and takes what came without it; a later sweep would, too", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const admin = db.connect("supabase_storage_admin");
    await sweep(sql);
    const paths = async () =>
      (await recordings(sql, at.consultation)).map(({ object_path }) => object_path);
    const [dropped, disabled, taken] = [pathIn(at), pathIn(at), pathIn(at)];
    await admin`drop trigger take_recording on storage.objects`;
    await upload(sql, dropped);
    for (let twice = 0; twice < 2; twice++) await sql`select summaries_private.watch_uploads()`;
    assertEquals([await watched(sql), await paths()], [true, [dropped]]);

    await admin`alter table storage.objects disable trigger take_recording`;
    assertEquals(await watched(sql), false);
    await upload(sql, disabled);
    await admin`alter table storage.objects enable trigger take_recording`;
    await upload(sql, taken);
    assertEquals([await watched(sql), await paths()], [true, [dropped, taken]]);
    await sql`
      update summaries_private.sweeps set last_at = now() - interval '10 minutes'
      where only_row`;
    await sweep(sql);
    assertEquals(await paths(), [dropped, taken, disabled]);
  } finally {
    await db.close();
  }
});

/** Buckets with versioning keep a row for each version, and one for a deletion. */
const VERSIONED = `
  alter table storage.objects
    add column archived_at timestamptz,
    add column is_delete_marker boolean not null default false;
  drop index storage.bucketid_objname;
  create unique index on storage.objects (bucket_id, name, version);`;

for (const [order, newFirst] of [["new one first", true], ["old one first", false]] as const) {
  Deno.test(`in a bucket with versioning the live row counts, and a delete marker is a deletion: ${order}`, async () => {
    const db = await database();
    try {
      const { sql } = db;
      await db.connect("supabase_storage_admin").unsafe(VERSIONED);
      const at = await scene(sql);
      const path = pathIn(at);
      /** Archives what is there, and puts a row on top. */
      const put = async (marker: boolean): Promise<string> => {
        const version = crypto.randomUUID();
        await sql.begin(async (tx) => {
          const archive = () =>
            tx`update storage.objects set archived_at = now()
              where name = ${path} and archived_at is null and version <> ${version}`;
          if (!newFirst) await archive();
          await tx`
            insert into storage.objects (bucket_id, name, version, is_delete_marker, metadata)
            values ('consultations', ${path}, ${version}, ${marker},
              ${
            marker ? null : tx.json({ size: 5, mimetype: "audio/webm", eTag: `"${version}"` })
          })`;
          if (newFirst) await archive();
        });
        return version;
      };
      const state = async () =>
        (await recordings(sql, at.consultation)).map(({ object_version, deleted_at }) => [
          object_version,
          deleted_at === null,
        ]);
      const first = await put(false);
      assertEquals(await state(), [[first, true]]);
      const second = await put(false);
      assertEquals(await state(), [[second, true]]);
      await put(true);
      assertEquals(await state(), [[second, false]]);
      // Neither the archived ones nor the marker are an upload that was missed.
      await sweep(sql);
      assertEquals(await state(), [[second, false]]);
      assertEquals([...await missed(sql)], []);

      // The deletion is taken back: its marker goes, and the version below it lives again.
      await sql.begin(async (tx) => {
        await tx`select set_config('storage.allow_delete_query', 'true', true)`;
        await tx`delete from storage.objects where name = ${path} and is_delete_marker`;
        await tx`update storage.objects set archived_at = null where version = ${second}`;
      });
      assertEquals(await state(), [[second, true]]);
      // An earlier version is removed for good.
      await sql.begin(async (tx) => {
        await tx`select set_config('storage.allow_delete_query', 'true', true)`;
        await tx`delete from storage.objects where version = ${first}`;
      });
      assertEquals(await state(), [[second, true]]);
    } finally {
      await db.close();
    }
  });
}

Deno.test("an upload succeeds without Vault, pg_net and Realtime, and its summary is queued", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await sql`select vault.create_secret('http://host', 'project_url'), vault.create_secret('k', 'hint_key')`;
    const at = await scene(sql);
    const administrator = db.connect("supabase_admin");
    await sql`drop extension pg_net cascade`;
    await administrator`drop function realtime.send`;
    await administrator`drop extension supabase_vault cascade`;
    const file = await uploaded(sql, at);
    assertEquals((await summaryRow(sql, file.summary)).status, "queued");
    assertEquals([...await missed(sql)], []);
  } finally {
    await db.close();
  }
});
