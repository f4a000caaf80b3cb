-- What was heard or read in a recording.

create table public.extractions (
  recording_id uuid not null,
  object_version text not null,
  take integer not null default 1 check (take >= 1),
  part integer not null check (part >= 0),
  clinic_id uuid not null,
  from_seconds numeric not null,
  to_seconds numeric,
  is_last boolean not null,
  segments jsonb not null check (jsonb_typeof(segments) = 'array'),
  found jsonb not null,
  model text not null,
  prompt_version text not null,
  usage jsonb not null,
  created_at timestamptz not null default now(),
  primary key (recording_id, object_version, take, part),
  foreign key (recording_id, clinic_id)
    references public.recordings (id, clinic_id) on delete cascade
);
create index on public.extractions (recording_id, clinic_id);
comment on table public.extractions is
  'What was heard or read in a version of a recording, part by part. Clinical. Never changed: the first '
  'writer wins.';
comment on column public.extractions.take is '1, 2…: the how-manieth listening to this version.';
comment on column public.extractions.part is '0, 1, 2…: a long recording is heard in several.';
comment on column public.extractions.from_seconds is 'Where the part begins.';
comment on column public.extractions.to_seconds is 'Where it ends; null: with the file.';
comment on column public.extractions.is_last is 'Whether no part follows.';
comment on column public.extractions.segments is
  '[{kind, speaker, start, text, mentions: {drugs, quantities}}], in order.';
comment on column public.extractions.found is
  'What the model says of the file itself: whether there is speech or something legible, language.';
comment on column public.extractions.prompt_version is 'Of the prompt that asked for it.';
comment on column public.extractions.usage is 'Tokens paid for.';

alter table public.extractions enable row level security;
revoke all on public.extractions from public, anon, authenticated, service_role;
grant select on public.extractions to authenticated, service_role;

-- A view, which costs nothing where it is read: a function would be called for each row.
create view summaries_private.heard_takes as
select recording_id, object_version, take from public.extractions where is_last;
comment on view summaries_private.heard_takes is
  'Each listening to a version of a recording that came to its end.';
revoke all on summaries_private.heard_takes from public, anon, authenticated, service_role;

create policy "members read their clinics' extractions" on public.extractions
  for select to authenticated using (clinic_id = any (array(select summaries_private.clinic_ids())));
