-- Adapters that can be chatted with, and what probes measured about base models on this host.

create table fine_tuned_models (
    id              text primary key,
    organization_id text not null,
    project_id      text not null,
    mistral_name    text not null unique,
    openai_name     text not null unique,
    base_model      text not null,
    root            text not null,
    job_id          text unique,
    adapter_sha256  text not null,
    archived        integer not null default 0,
    name            text,
    description     text,
    created_at      bigint not null
);

create index fine_tuned_models_by_organization on fine_tuned_models (organization_id, created_at);

create table probe_results (
    probe_key  text primary key,
    result     text not null,
    created_at bigint not null
);
