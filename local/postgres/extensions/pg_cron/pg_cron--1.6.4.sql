-- Jobs and their runs, with pg_cron's names. The scheduler is stand_ins/pg_cron/scheduler.ts.
create schema cron;

create sequence cron.jobid_seq;
create table cron.job (
  jobid bigint primary key default nextval('cron.jobid_seq'),
  schedule text not null,
  command text not null,
  nodename text not null default 'localhost',
  nodeport integer not null default inet_server_port(),
  database text not null default current_database(),
  username text not null default current_user,
  active boolean not null default true,
  jobname text,
  unique (jobname, username)
);

create sequence cron.runid_seq;
create table cron.job_run_details (
  jobid bigint,
  runid bigint primary key default nextval('cron.runid_seq'),
  job_pid integer,
  database text,
  username text,
  command text,
  status text,
  return_message text,
  start_time timestamptz,
  end_time timestamptz
);

alter table cron.job enable row level security;
create policy cron_job_policy on cron.job using (username = current_user);
alter table cron.job_run_details enable row level security;
create policy cron_job_run_details_policy on cron.job_run_details using (username = current_user);

-- True for '[1-59] seconds', '@hourly' and its kind, and five fields of * numbers names ranges
-- steps and lists ('$' is a month's last day).
create function cron.is_schedule(schedule text) returns boolean language sql immutable as $$
  with words as (
    select regexp_split_to_array(trim(lower(schedule)), '\s+') as field,
      array[
        '([0-9]|[1-5][0-9])', '([0-9]|1[0-9]|2[0-3])', '([1-9]|[12][0-9]|3[01]|\$)',
        '([1-9]|1[0-2]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)',
        '([0-7]|sun|mon|tue|wed|thu|fri|sat)'
      ] as number
  ), items as (
    select coalesce(f, '') as f, format('(\*|%1$s(-%1$s)?)(/[1-9][0-9]*)?', n) as item
    from words, unnest(field, number) as u (f, n)
  )
  select schedule ~* '^\s*([1-9]|[1-5][0-9])\s+seconds?\s*$'
    or schedule ~* '^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$'
    or (select count(*) = 5 and bool_and(f ~ format('^%1$s(,%1$s)*$', item)) from items)
$$;

-- A job of the same name and user is replaced, and keeps its id.
create function cron.schedule(job_name text, schedule text, command text)
returns bigint language plpgsql security definer set search_path = '' as $$
declare
  id bigint;
begin
  if cron.is_schedule(schedule) is not true then
    raise exception 'invalid schedule: %', schedule using
      errcode = '22023',
      hint = 'Use cron format (e.g. 5 4 * * *), or interval format ''[1-59] seconds''';
  end if;
  insert into cron.job as j (jobname, schedule, command, username)
  values (job_name, schedule, command, session_user)
  on conflict (jobname, username) do update
    set schedule = excluded.schedule, command = excluded.command, active = true
  returning j.jobid into id;
  return id;
end
$$;

create function cron.schedule(schedule text, command text) returns bigint language sql as $$
  select cron.schedule(null, schedule, command)
$$;

create function cron.unschedule(job_id bigint)
returns boolean language plpgsql security definer set search_path = '' as $$
begin
  delete from cron.job where jobid = job_id and username = session_user;
  if not found then
    raise exception 'could not find valid entry for job ''%''', job_id;
  end if;
  return true;
end
$$;

create function cron.unschedule(job_name text)
returns boolean language plpgsql security definer set search_path = '' as $$
begin
  delete from cron.job where jobname = job_name and username = session_user;
  if not found then
    raise exception 'could not find valid entry for job ''%''', job_name;
  end if;
  return true;
end
$$;

grant usage on schema cron to postgres;
grant select on cron.job to postgres;
grant select, delete on cron.job_run_details to postgres;
