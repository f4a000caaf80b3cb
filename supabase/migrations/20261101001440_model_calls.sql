-- What the model was paid for: a row a call, also where nothing came of it.

create table summaries_private.model_calls (
  id uuid not null,
  at timestamptz not null,
  clinic_id uuid,
  summary_id uuid not null,
  recording_id uuid,
  purpose text not null check (purpose in ('extract', 'compose', 'repair', 'verify')),
  model text not null,
  input_tokens integer not null,
  audio_tokens integer not null,
  cached_tokens integer not null,
  output_tokens integer not null,
  thought_tokens integer not null,
  ms integer not null,
  outcome text not null,
  estimated boolean not null,
  dollars numeric not null,
  primary key (id, at)
) partition by range (at);
create index on summaries_private.model_calls (clinic_id, at);
comment on table summaries_private.model_calls is
  'Each call of a model that was paid for, or may have been. Nothing clinical. Its ids are no foreign keys: '
  'it outlives what it tells of. A partition a month.';
comment on column summaries_private.model_calls.id is
  'Made by the worker, so that a row that is sent again is the same one.';
comment on column summaries_private.model_calls.at is 'When it ended.';
comment on column summaries_private.model_calls.recording_id is 'Null where all of them are composed.';
comment on column summaries_private.model_calls.purpose is 'extract | compose | repair | verify.';
comment on column summaries_private.model_calls.model is 'The one that answered.';
comment on column summaries_private.model_calls.input_tokens is 'All, of whatever kind.';
comment on column summaries_private.model_calls.audio_tokens is 'Those of sound, at 32 a second.';
comment on column summaries_private.model_calls.cached_tokens is
  'Those that the service had seen before, which cost less.';
comment on column summaries_private.model_calls.output_tokens is 'With thoughts.';
comment on column summaries_private.model_calls.outcome is 'ok, or why it was cut off or no use.';
comment on column summaries_private.model_calls.estimated is
  'Whether the tokens are an estimate, since the answer ended before it told them.';
comment on column summaries_private.model_calls.dollars is 'By the prices of that day.';
revoke all on summaries_private.model_calls from public, anon, authenticated, service_role;

create table summaries_private.prices (
  model text,
  since date,
  input numeric not null,
  cached numeric not null,
  output numeric not null,
  primary key (model, since)
);
comment on table summaries_private.prices is
  'Dollars for a million tokens, from a day on. A model that is not here costs as much as the dearest one.';
comment on column summaries_private.prices.cached is 'Of input that the service had seen before.';
revoke all on summaries_private.prices from public, anon, authenticated, service_role;
-- https://ai.google.dev/gemini-api/docs/pricing, November 2026
insert into summaries_private.prices (model, since, input, cached, output) values
  ('gemini-3.8-flash', '2026-09-02', 0.75, 0.075, 3.75),
  ('gemini-3.8-flash', '2027-01-01', 1.50, 0.15, 7.50),
  ('gemini-3.6-flash', '2026-07-21', 1.50, 0.15, 7.50),
  ('gemini-3.5-flash-lite', '2026-07-21', 0.30, 0.03, 2.50);

create function summaries_private.price_of(p_model text, p_at timestamptz)
returns summaries_private.prices language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    -- The model's own by its last day, then the dearest of them all.
    select p from summaries_private.prices p
    order by (p.model = p_model and p.since <= p_at) desc, case when p.model = p_model then p.since end desc,
      p.input desc
    limit 1
  );
end
$$;
comment on function summaries_private.price_of is
  'What a model costs at that time; one without a price, or null: the dearest one.';
revoke all on function summaries_private.price_of from public, anon, authenticated, service_role;

create function summaries_private.book_calls(p_id uuid, p_token uuid, p_calls jsonb) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_clinic uuid;
  v_dollars numeric;
begin
  if p_calls = '[]' then
    return;
  end if;
  select s.clinic_id into v_clinic from public.summaries s where s.id = p_id;
  with written as (
    insert into summaries_private.model_calls (id, at, clinic_id, summary_id, recording_id, purpose, model,
      input_tokens, audio_tokens, cached_tokens, output_tokens, thought_tokens, ms, outcome, estimated, dollars)
    select c.id, c.at, v_clinic, p_id, c.recording_id,
      c.purpose, c.model, c.input_tokens, c.audio_tokens, c.cached_tokens, c.output_tokens, c.thought_tokens,
      c.ms, c.outcome, c.estimated,
      ((c.input_tokens - c.cached_tokens) * p.input + c.cached_tokens * p.cached + c.output_tokens * p.output)
        / 1000000
    from jsonb_to_recordset(p_calls) as c (id uuid, at timestamptz, recording_id uuid, purpose text,
      model text, input_tokens integer, audio_tokens integer, cached_tokens integer, output_tokens integer,
      thought_tokens integer, ms integer, outcome text, estimated boolean)
    cross join lateral summaries_private.price_of(c.model, c.at) p
    on conflict do nothing
    returning dollars
  )
  select coalesce(sum(dollars), 0) into v_dollars from written;
  -- It settles what was reserved.
  update summaries_private.slots set spent = spent + v_dollars
  where summary_id = p_id and lease_token = p_token;
  if not found then
    perform summaries_private.spend(v_clinic, v_dollars);
  end if;
end
$$;
comment on function summaries_private.book_calls is
  'Writes down what the model was paid for, for a summary, whoever has its lease by now; the caller has '
  'locked what it waits for. p_calls: rows of model_calls without clinic_id, summary_id and dollars.';
revoke all on function summaries_private.book_calls from public, anon, authenticated, service_role;
