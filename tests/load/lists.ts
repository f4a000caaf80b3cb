/**
 * The lists that members are shown, as the Data API asks for them: each where a page, an example or the
 * types for clients show it. What compares with a value has a parameter: once the database goes over to a
 * plan without values, no partial index whose condition is such a value can serve it.
 */
import type { Key } from "./archive.ts";

export interface List {
  name: string;
  /** What PostgREST makes of the call: values are parameters there, limits too. */
  sql: string;
  values: (key: Key) => (string | number)[];
}

/** Rows of a page: examples/watch.ts. */
const PAGE = 50;
/** Without a limit the Data API gives so many: `max_rows` in supabase/config.toml. */
const MOST = 1000;

const day = 24 * 3600_000;
const moved = (at: string, days: number) => new Date(Date.parse(at) + days * day).toISOString();

export const LISTS: List[] = [
  // examples/first_upload.ts
  {
    name: "an own clinic",
    sql: "select id from public.clinics limit $1",
    values: () => [1],
  },
  // docs/data.md: members read their clinics, and their clinics' members
  {
    name: "own clinics",
    sql: "select * from public.clinics order by name limit $1",
    values: () => [MOST],
  },
  {
    name: "members of a clinic",
    sql: "select * from public.clinic_members where clinic_id = $1 limit $2",
    values: ({ clinic }) => [clinic, MOST],
  },
  // docs/data.md: members read their clinics' consultations
  {
    name: "consultations",
    sql: `select * from public.consultations where clinic_id = $1
      order by created_at desc limit $2`,
    values: ({ clinic }) => [clinic, PAGE],
  },
  {
    name: "consultations, a later page",
    sql: `select * from public.consultations where clinic_id = $1 and created_at < $2
      order by created_at desc limit $3`,
    values: ({ clinic, at }) => [clinic, at, PAGE],
  },
  // examples/watch.ts: the newest ones, and the row that an event names
  {
    name: "summaries",
    sql: `select * from public.summaries where clinic_id = $1
      order by created_at desc limit $2`,
    values: ({ clinic }) => [clinic, PAGE],
  },
  {
    name: "summaries, a later page",
    sql: `select * from public.summaries where clinic_id = $1 and created_at < $2
      order by created_at desc limit $3`,
    values: ({ clinic, at }) => [clinic, at, PAGE],
  },
  {
    name: "a summary",
    sql: "select * from public.summaries where id = $1 limit $2",
    values: ({ summary }) => [summary, MOST],
  },
  // examples/review.ts; docs/data.md, current_summaries: review_status = draft, oldest first
  {
    name: "inbox, a page",
    sql: `select summary_id, consultation_id, summary, completed_at from public.current_summaries
      where clinic_id = $1 and review_status = $2 order by completed_at limit $3`,
    values: ({ clinic }) => [clinic, "draft", PAGE],
  },
  {
    name: "inbox of all clinics, a page",
    sql: `select summary_id, consultation_id, summary, completed_at from public.current_summaries
      where review_status = $1 order by completed_at limit $2`,
    values: () => ["draft", PAGE],
  },
  // docs/data.md, current_summaries: the newest of each consultation
  {
    name: "a consultation's current summary",
    sql: "select * from public.current_summaries where consultation_id = $1 limit $2",
    values: ({ consultation }) => [consultation, MOST],
  },
  // docs/data.md: what belongs to a consultation
  {
    name: "a consultation's summaries",
    sql: `select * from public.summaries where consultation_id = $1
      order by created_at desc limit $2`,
    values: ({ consultation }) => [consultation, MOST],
  },
  {
    name: "a consultation's recordings",
    sql: `select * from public.recordings where consultation_id = $1
      order by created_at limit $2`,
    values: ({ consultation }) => [consultation, MOST],
  },
  {
    name: "a consultation's extractions",
    // recordings?select=id,extractions(*)&consultation_id=eq.…
    sql: `select r.id, e.extractions from public.recordings r
      left join lateral (
        select json_agg(e) as extractions from (
          select e.* from public.extractions e
          where e.recording_id = r.id and e.clinic_id = r.clinic_id
        ) e
      ) e on true
      where r.consultation_id = $1 limit $2`,
    values: ({ consultation }) => [consultation, MOST],
  },
  {
    name: "a recording's extractions",
    sql: `select * from public.extractions where recording_id = $1 order by part limit $2`,
    values: ({ recording }) => [recording, MOST],
  },
  // docs/data.md: what belongs to a summary; docs/operating.md: one summary's story
  {
    name: "a summary's recordings",
    sql: "select * from public.summary_recordings where summary_id = $1 limit $2",
    values: ({ summary }) => [summary, MOST],
  },
  {
    name: "a summary's earlier texts",
    sql: `select * from public.summary_revisions where summary_id = $1
      order by version limit $2`,
    values: ({ summary }) => [summary, MOST],
  },
  {
    name: "a summary's events",
    sql: `select at, actor, event, detail from public.summary_events where summary_id = $1
      order by at, id limit $2`,
    values: ({ summary }) => [summary, MOST],
  },
  // docs/frontends.md: what is under way
  {
    name: "under way",
    sql: `select * from public.summaries where clinic_id = $1 and ended_at is null
      order by created_at limit $2`,
    values: ({ clinic }) => [clinic, MOST],
  },
  // clients/types.ts: states of work and of review
  {
    name: "failed since yesterday",
    sql: `select * from public.summaries
      where clinic_id = $1 and status = $2 and created_at > $3
      order by created_at desc limit $4`,
    values: ({ clinic }) => [clinic, "failed", moved(new Date().toISOString(), -1), MOST],
  },
  {
    name: "approved in a week",
    sql: `select * from public.summaries
      where clinic_id = $1 and review_status = $2 and approved_at >= $3 and approved_at < $4
      order by approved_at desc limit $5`,
    values: ({ clinic, at }) => [clinic, "approved", moved(at, -7), at, PAGE],
  },
];
