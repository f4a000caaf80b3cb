-- A row here is the job and its result.

create table public.summaries (
  id uuid primary key default gen_random_uuid(),
  clinic_id uuid not null,
  consultation_id uuid not null,
  status text not null default 'queued'
    check (status in ('queued', 'processing', 'completed', 'failed', 'cancelled')),
  stage text check (stage in ('extracting', 'composing', 'checking', 'verifying')),
  waiting_for text check (waiting_for in ('slot', 'retry', 'limit', 'budget', 'provider', 'account')),
  due_at timestamptz,
  template_config jsonb check (template_config is null or summaries_private.valid_template(template_config)),
  submitted_by text not null default '' check (submitted_by in ('doctor', 'nurse', 'receptionist')),
  requested_by uuid,
  sections jsonb,
  summary text check (length(summary) <= 200000),
  model text,
  prompt_version text,
  usage jsonb,
  incomplete boolean,
  error_code text,
  error_message text,
  review_status text not null default 'draft'
    check (review_status in ('draft', 'approved', 'rejected', 'withdrawn')),
  approved_by uuid,
  approved_at timestamptz,
  withdrawn_by uuid,
  withdrawn_at timestamptz,
  withdrawn_reason text check (length(withdrawn_reason) <= 500),
  amends uuid references public.summaries,
  supersedes uuid references public.summaries,
  superseded_by uuid references public.summaries,
  is_current boolean not null default false,
  version integer not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  started_at timestamptz,
  completed_at timestamptz,
  ended_at timestamptz,
  updated_at timestamptz not null default clock_timestamp(),
  unique (id, clinic_id),
  foreign key (consultation_id, clinic_id)
    references public.consultations (id, clinic_id) on delete cascade,
  check ((status = 'completed') = (completed_at is not null)),
  check ((status in ('queued', 'processing')) = (ended_at is null)),
  check (not is_current or status = 'completed'),
  check ((status = 'queued') = (due_at is not null)),
  check (status = 'queued' or waiting_for is null),
  check (status <> 'completed' or (summary is not null and sections is not null)),
  check (review_status = 'draft' or status = 'completed'),
  check (review_status <> 'approved' or approved_at is not null),
  check (review_status in ('approved', 'withdrawn')
    or (approved_at is null and supersedes is null and superseded_by is null)),
  check ((review_status = 'withdrawn') = (withdrawn_at is not null))
) with (fillfactor = 85);
-- By ended_at: what changes while one is under way is indexed nowhere, so that a claim is a HOT update.
create unique index summaries_one_active on public.summaries (consultation_id) where ended_at is null;
create unique index summaries_one_open_amendment on public.summaries (amends)
  where review_status = 'draft';
-- Of what is approved one chain with one end, whoever approves at the same moment.
create unique index summaries_one_end on public.summaries (consultation_id)
  where review_status = 'approved' and superseded_by is null;
create unique index summaries_one_successor on public.summaries (supersedes) where supersedes is not null;
create index on public.summaries (superseded_by) where superseded_by is not null;
create index on public.summaries (amends) where amends is not null;
create index on public.summaries (clinic_id, created_at);
create index on public.summaries (requested_by, created_at) where requested_by is not null;
create index on public.summaries (consultation_id, clinic_id, completed_at);
create unique index summaries_current on public.summaries (consultation_id) where is_current;
-- Lists. Their conditions are keys or "is (not) null": a plan that is kept for any value of a filter
-- can't use an index that is there for one. No edit changes what is indexed, so each is a HOT update.
create index summaries_to_review on public.summaries (clinic_id, review_status, completed_at)
  where is_current;
create index summaries_under_way on public.summaries (clinic_id, created_at) where ended_at is null;
create index summaries_approved on public.summaries (clinic_id, approved_at)
  where approved_at is not null;
comment on table public.summaries is
  'A summary, and the job that makes it: a row inserted as queued starts the work. Completed ones stay. '
  'What a member may change of it, guard_summary decides column by column.';
comment on column public.summaries.status is 'queued | processing | completed | failed | cancelled.';
comment on column public.summaries.stage is
  'extracting | composing | checking | verifying: what the worker does now; null unless processing.';
comment on column public.summaries.waiting_for is
  'slot | retry | limit | budget | provider | account: what a queued one waits for. slot: its turn; retry: '
  'the time after an error; limit: the model''s requests a minute; provider, account: the model''s service '
  'answers nobody, or not this account. Null when it should start at once, and in every other state.';
comment on column public.summaries.due_at is
  'When a queued one may start, if it is its turn; null in every other state.';
comment on column public.summaries.template_config is
  'What was asked for; overrides the consultation''s and the clinic''s template, key by key.';
comment on column public.summaries.submitted_by is
  'doctor | nurse | receptionist: who recorded, for the prompt. Left out: the role of who asks.';
comment on column public.summaries.requested_by is
  'The user who asked or whose upload started it; kept when the user is gone.';
comment on column public.summaries.sections is
  'The machine''s draft with evidence and warnings, clinical. Never changed by people.';
comment on column public.summaries.summary is
  'Markdown, clinical: at first the draft, then what people made of it.';
comment on column public.summaries.model is 'Which model composed it.';
comment on column public.summaries.prompt_version is 'Of the prompt that it was composed with.';
comment on column public.summaries.usage is 'Tokens paid for.';
comment on column public.summaries.incomplete is
  'Whether a file could not be used for it; null until completed.';
comment on column public.summaries.error_code is
  'Why it failed; while active, why the last attempt did.';
comment on column public.summaries.error_message is 'The same as a sentence; nothing clinical.';
comment on column public.summaries.review_status is
  'draft | approved | rejected | withdrawn, an approved one by an admin (withdraw_summary), or one whose '
  'recording was taken back: its text is empty. approved is final but for that.';
comment on column public.summaries.withdrawn_by is 'Who withdrew it, or took its recording back.';
comment on column public.summaries.withdrawn_reason is 'As whoever withdrew it wrote it.';
comment on column public.summaries.amends is
  'The approved summary of which this is the corrected form; its text starts from there.';
comment on column public.summaries.supersedes is
  'The approved summary that this one followed when it was approved, as its amendment or as a newer one.';
comment on column public.summaries.superseded_by is
  'The approved summary that followed this one; null for the end of a consultation''s chain.';
comment on column public.summaries.is_current is
  'Whether it is the newest completed one of its consultation. What a receptionist asks for and holds '
  'nothing new does not take an approved one''s place.';
comment on column public.summaries.version is
  'Counts edits and reviews. One is accepted only with version set to the version seen + 1, so that two '
  'people cannot overwrite each other.';
comment on column public.summaries.created_at is 'When it was asked for.';
comment on column public.summaries.started_at is 'When it was claimed last.';
comment on column public.summaries.ended_at is
  'When it was completed, failed or cancelled; null while it is under way.';
comment on column public.summaries.updated_at is 'When status, text or review last changed.';

alter table public.summaries enable row level security;
revoke all on public.summaries from public, anon, authenticated, service_role;
grant select on public.summaries to authenticated, service_role;
grant insert (clinic_id, consultation_id, template_config, submitted_by, amends),
  update (status, summary, review_status, version) on public.summaries to authenticated;
grant insert (clinic_id, consultation_id, template_config, submitted_by, requested_by)
  on public.summaries to service_role;

create policy "members read their clinics' summaries" on public.summaries
  for select to authenticated using (clinic_id = any (array(select summaries_private.clinic_ids())));
create policy "members ask for summaries" on public.summaries
  for insert to authenticated with check (clinic_id = any (array(select summaries_private.clinic_ids())));
