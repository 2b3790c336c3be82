-- Times are epoch milliseconds. Ids are UUIDs in text unless a prefix is named.

create table organizations (
    id         varchar(40) primary key,   -- org-...
    name       varchar(100) not null unique,
    created_at bigint not null
);

create table projects (
    id              varchar(40) primary key,   -- proj_...
    organization_id varchar(40) not null references organizations (id),
    name            varchar(100) not null,
    created_at      bigint not null,
    unique (organization_id, name)
);

create table api_keys (
    id              varchar(36) primary key,
    organization_id varchar(40) not null references organizations (id),
    project_id      varchar(40) not null references projects (id),
    name            varchar(100) not null,
    role            varchar(10) not null check (role in ('admin', 'member')),
    sha256          char(64) not null unique,   -- lower-case hex; the key itself is not kept
    hint            varchar(20) not null,       -- its first characters, to recognise it by
    created_at      bigint not null,
    revoked_at      bigint
);

create table files (
    id              varchar(36) primary key,
    organization_id varchar(40) not null references organizations (id),
    project_id      varchar(40) not null references projects (id),
    filename        varchar(255) not null,
    sample_format   varchar(20) not null check (sample_format in ('chat', 'pretrain')),
    mimetype        varchar(255),
    size_bytes      bigint not null,
    num_lines       bigint not null,
    sha256          char(64) not null,
    created_at      bigint not null,
    expires_at      bigint,
    deleted_at      bigint,                     -- set: gone for every client
    bytes_kept      integer not null default 1  -- 0 once the bytes are gone too
);
create index files_by_organization on files (organization_id, created_at);

-- Which live jobs still read a file's bytes. Rows go when the job is final.
create table file_uses (
    file_id varchar(36) not null references files (id),
    job_id  varchar(36) not null,
    primary key (file_id, job_id)
);
create index file_uses_by_job on file_uses (job_id);
