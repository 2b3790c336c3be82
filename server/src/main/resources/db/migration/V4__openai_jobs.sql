-- What OpenAI's view of jobs needs: the caller's metadata, the other name of the model, the file of metrics, events that
-- carry numbers; and lists that an index alone can page through.

alter table jobs add column openai_model text;
alter table jobs add column result_file text;
update jobs set openai_model = (select openai_name from fine_tuned_models where job_id = jobs.id)
where fine_tuned_model is not null;

drop index jobs_by_organization;
create index jobs_by_age on jobs (organization_id, created_at desc, id desc);

alter table job_events add column type text not null default 'message';   -- message or metrics
create index job_messages on job_events (job_id, sequence desc) where type = 'message';

create table job_metadata (
    job_id text not null references jobs (id) on delete cascade,
    key    text not null,
    value  text not null,
    primary key (job_id, key)
);
create index job_metadata_by_value on job_metadata (key, value, job_id);
