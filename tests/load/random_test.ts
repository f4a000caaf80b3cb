import { assert, assertEquals } from "@std/assert";
import { database } from "../database/harness.ts";
import { consultation, move, pathIn, remove, scene, upload } from "../database/rows.ts";
import {
  claimNext,
  cleaned,
  complete,
  expireLease,
  fail,
  inputs,
  newToken,
  release,
  request,
  save,
  sweep,
} from "../database/worker_calls.ts";

const SECONDS = 10;

const chance = (share: number) => Math.random() < share;
const oneOf = <T>(things: T[]): T => things[Math.floor(Math.random() * things.length)];

Deno.test("under ten seconds of random load each consultation's last summary covers what is there, without a deadlock", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const scenes = [await scene(sql), await scene(sql), await scene(sql)];
    await sql`update summaries_private.settings set max_in_flight = 4, max_attempts = 50,
      user_requests_per_hour = 100000, clinic_requests_per_hour = 100000 where only_row`;
    const places: { clinic: string; consultation: string; doctor: string }[] = [];
    for (const at of scenes) {
      for (let n = 0; n < 30; n++) {
        places.push({ ...at, consultation: await consultation(sql, at.clinic) });
      }
    }
    const [{ deadlocks }] = await sql`
      select deadlocks from pg_stat_database where datname = current_database()`;
    const counts: Record<string, number> = {};
    const count = (what: string) => counts[what] = (counts[what] ?? 0) + 1;
    let uploading = 8;
    const until = Date.now() + SECONDS * 1000;

    const uploader = async () => {
      const own = db.connect();
      const mine: string[] = [];
      while (Date.now() < until) {
        const place = oneOf(places);
        const kind = Math.random();
        if (mine.length === 0 || kind < 0.6) {
          mine.push(pathIn(place));
          await upload(own, mine.at(-1)!, { owner: place.doctor });
          count("uploads");
        } else if (kind < 0.8) {
          await upload(own, oneOf(mine));
          count("overwrites");
        } else {
          const path = mine.splice(Math.floor(Math.random() * mine.length), 1)[0];
          if (kind < 0.9) {
            await remove(own, path);
            count("deletions");
          } else {
            mine.push(pathIn(place));
            await move(own, path, mine.at(-1)!);
            count("moves");
          }
        }
      }
      uploading--;
    };
    const worker = async () => {
      const own = db.connect();
      for (let idle = 0; idle < 3;) {
        const token = newToken();
        const { outcome, job, summary_id } = await claimNext(own, token);
        if (outcome === "full") continue;
        if (outcome === "cleanup") {
          await cleaned(own, token, summary_id);
          continue;
        }
        if (outcome === "nothing") {
          if (uploading === 0) idle++;
          await sweep(own);
          // What others have locked is theirs: several of these at once would wait for each other.
          await own`update summaries_private.summary_jobs set run_after = now() where summary_id in (
            select summary_id from summaries_private.summary_jobs
            where run_after > now() for no key update skip locked)`;
          await own`update summaries_private.turns set next_due = now() where clinic_id in (
            select clinic_id from summaries_private.turns
            where next_due < 'infinity' for no key update skip locked)`;
          continue;
        }
        const id = job.summary_id;
        for (let round = 0; round < 3; round++) {
          const used = await inputs(own, id);
          for (const file of used) {
            await save(own, id, token, {
              recording: file.recording_id,
              version: file.object_version,
            });
          }
          if (chance(0.05)) {
            await expireLease(own, id);
            count("deaths");
            break;
          }
          if (used.length === 0 || chance(0.05)) {
            await fail(own, id, token, { fault: used.length > 0 ? "own" : "final", used });
            count(used.length === 0 ? "failed" : "retries");
            break;
          }
          const answer = await complete(own, id, token, used);
          count(answer);
          if (answer !== "stale") break;
          if (round === 2) await release(own, id, token);
        }
      }
    };
    const asker = async () => {
      const own = db.connect();
      while (uploading > 0) {
        const place = oneOf(places);
        const { outcome } = await request(own, {
          consultation: place.consultation,
          user: place.doctor,
        });
        count(`requests ${outcome}`);
        if (chance(0.2)) {
          const { count: cancelled } = await db.as(
            "authenticated",
            { sub: place.doctor },
            (tx) =>
              tx`update public.summaries set status = 'cancelled'
              where consultation_id = ${place.consultation}
                and status in ('queued', 'processing')`,
          );
          if (cancelled) counts.cancelled = (counts.cancelled ?? 0) + 1;
        }
      }
    };
    await Promise.all([
      ...Array.from({ length: 8 }, uploader),
      ...Array.from({ length: 6 }, worker),
      asker(),
    ]);
    while ((await sql`select from summaries_private.missed_uploads`).count > 0) {
      count("replays");
      await sweep(sql);
    }
    uploading = 0;
    await worker();
    const [{ forgotten }] = await sql`
      select count(*)::int as forgotten from public.recordings r
      join lateral (
        select s.status, s.updated_at from public.summaries s
        where s.consultation_id = r.consultation_id order by s.created_at desc limit 1
      ) newest on newest.status = 'cancelled' and newest.updated_at < r.created_at
      -- What was moved to a clinic that its uploader is no member of is not looked at.
      where r.deleted_at is null and r.excluded is null`;
    assertEquals(forgotten, 0);
    // What people cancelled they ask for again.
    await sql`
      insert into public.summaries (clinic_id, consultation_id)
      select c.clinic_id, c.id from public.consultations c
      where (
        select s.status from public.summaries s
        where s.consultation_id = c.id order by s.created_at desc limit 1
      ) = 'cancelled' and exists (
        select from public.recordings r where r.consultation_id = c.id and r.deleted_at is null)`;
    await worker();

    const [after] = await sql`
      select deadlocks from pg_stat_database where datname = current_database()`;
    console.log(JSON.stringify({ ...counts, deadlocks: Number(after.deadlocks - deadlocks) }));
    assertEquals(after.deadlocks, deadlocks);
    const active = await sql`select from public.summaries where status in ('queued', 'processing')`;
    assertEquals(active.count, 0);
    const wrong = await sql`
      select c.id from public.consultations c
      join public.current_summaries s on s.consultation_id = c.id
      where exists (
        select r.id, r.object_version from public.recordings r
        where r.consultation_id = c.id and r.deleted_at is null
        except
        select u.recording_id, u.object_version from public.summary_recordings u
        where u.summary_id = s.summary_id
      ) or exists (
        select u.recording_id from public.summary_recordings u
        join public.recordings r on r.id = u.recording_id
        where u.summary_id = s.summary_id and u.outcome = 'used' and r.deleted_at is not null
          and exists (select from public.recordings o
            where o.consultation_id = c.id and o.deleted_at is null)
      )`;
    assertEquals([...wrong], []);
    const [{ uncovered }] = await sql`
      select count(*)::int as uncovered from public.recordings r
      where r.deleted_at is null and not exists (
        select from public.current_summaries s where s.consultation_id = r.consultation_id)`;
    assertEquals(uncovered, 0);
    const [{ differing }] = await sql`
      select count(*)::int as differing from storage.objects o
      full join (select * from public.recordings where deleted_at is null) r
        on r.object_path = o.name and r.object_version = o.version
      where o.id is null or r.id is null`;
    assertEquals(differing, 0);
    assert(counts.completed > 0 && counts.stale > 0);
  } finally {
    await db.close();
  }
});
