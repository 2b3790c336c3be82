-- Files get a purpose, and result files have no format of samples. SQLite cannot drop a column's "not null", so the
-- table is made anew; file_uses goes along because it refers to it.

create table files_new (
    id              varchar(36) primary key,
    organization_id varchar(40) not null references organizations (id),
    project_id      varchar(40) not null references projects (id),
    filename        varchar(255) not null,
    purpose         varchar(20) not null check (purpose in ('fine_tune', 'fine_tune_results')),
    sample_format   varchar(20) check (sample_format in ('chat', 'pretrain')),  -- null: no training data
    mimetype        varchar(255),
    size_bytes      bigint not null,
    num_lines       bigint not null,
    sha256          char(64) not null,
    created_at      bigint not null,
    expires_at      bigint,
    deleted_at      bigint,                     -- set: gone for every client
    bytes_kept      integer not null default 1, -- 0 once the bytes are gone too
    check ((purpose = 'fine_tune') = (sample_format is not null))
);
insert into files_new (id, organization_id, project_id, filename, purpose, sample_format, mimetype, size_bytes,
    num_lines, sha256, created_at, expires_at, deleted_at, bytes_kept)
select id, organization_id, project_id, filename, 'fine_tune', sample_format, mimetype, size_bytes,
    num_lines, sha256, created_at, expires_at, deleted_at, bytes_kept
from files;

create table file_uses_new (
    file_id varchar(36) not null references files_new (id),
    job_id  varchar(36) not null,
    primary key (file_id, job_id)
);
insert into file_uses_new (file_id, job_id) select file_id, job_id from file_uses;

drop table file_uses;
drop table files;
alter table files_new rename to files;
alter table file_uses_new rename to file_uses;

create index files_by_organization on files (organization_id, created_at, id) where deleted_at is null;
-- The few rows that a sweep for bytes nobody needs has to look at.
create index files_that_end on files (id)
    where bytes_kept = 1 and (deleted_at is not null or expires_at is not null);
create index file_uses_by_job on file_uses (job_id);

create table uploads (
    id              varchar(36) primary key,
    organization_id varchar(40) not null references organizations (id),
    project_id      varchar(40) not null references projects (id),
    filename        varchar(255) not null,
    mimetype        varchar(255) not null,
    size_bytes      bigint not null,            -- that the file will have
    lifetime_millis bigint,                     -- of the file from its creation; null is for ever
    status          varchar(10) not null check (status in ('pending', 'completed', 'cancelled')),
    file_id         varchar(36),                -- once completed
    created_at      bigint not null,
    expires_at      bigint not null             -- when a pending upload ends by itself
);

-- Parts whose bytes are kept, in uploads/ID.
create table upload_parts (
    id         varchar(36) primary key,
    upload_id  varchar(36) not null references uploads (id),
    size_bytes bigint not null,
    created_at bigint not null
);
create index upload_parts_by_upload on upload_parts (upload_id);
