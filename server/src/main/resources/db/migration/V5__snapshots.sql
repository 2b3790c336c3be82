-- The adapters of a job's epochs are models while the job still runs; who besides its own project may use a model.

-- A job makes several models now, which the old table's unique job_id forbade.
create table fine_tuned_models_of_v5 (
    id              text primary key,
    organization_id text not null,
    project_id      text not null,
    mistral_name    text not null unique,
    openai_name     text not null unique,
    base_model      text not null,
    root            text not null,
    job_id          text,
    step            integer,                 -- of a snapshot; null for what the job ends with, and added adapters
    adapter_sha256  text not null,
    archived        integer not null default 0,
    name            text,
    description     text,
    created_at      bigint not null
);
insert into fine_tuned_models_of_v5 (id, organization_id, project_id, mistral_name, openai_name, base_model, root,
    job_id, adapter_sha256, archived, name, description, created_at)
select id, organization_id, project_id, mistral_name, openai_name, base_model, root, job_id, adapter_sha256, archived,
    name, description, created_at
from fine_tuned_models;
drop table fine_tuned_models;
alter table fine_tuned_models_of_v5 rename to fine_tuned_models;
create index fine_tuned_models_by_organization on fine_tuned_models (organization_id, created_at);
create unique index fine_tuned_models_by_job on fine_tuned_models (job_id, (coalesce(step, 0)));

-- A metric point knows the epoch that ends with it, if one does, and what its very step came to.
alter table job_metrics add column epoch integer;
alter table job_metrics add column step_loss double precision;
alter table job_metrics add column step_accuracy double precision;

-- Projects that may use a model which another project of the organization owns.
create table model_permissions (
    id         text primary key,
    model_id   text not null references fine_tuned_models (id) on delete cascade,
    project_id text not null references projects (id),
    created_at bigint not null,
    unique (model_id, project_id)
);
create index model_permissions_by_project on model_permissions (project_id);
