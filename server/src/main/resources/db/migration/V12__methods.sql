-- Files hold preference pairs and labelled samples too. SQLite cannot change a column's check, so the table is made anew;
-- file_uses goes along because it refers to it. What the formats are is the program's matter from now on.

create table files_new (
    id              varchar(36) primary key,
    organization_id varchar(40) not null references organizations (id),
    project_id      varchar(40) not null references projects (id),
    filename        varchar(255) not null,
    purpose         varchar(20) not null check (purpose in ('fine_tune', 'fine_tune_results')),
    sample_format   varchar(20),                -- null: no training data
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
select id, organization_id, project_id, filename, purpose, sample_format, mimetype, size_bytes,
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
create index files_by_project on files (organization_id, project_id, created_at, id) where deleted_at is null;
-- The few rows that a sweep for bytes nobody needs has to look at.
create index files_that_end on files (id)
    where bytes_kept = 1 and (deleted_at is not null or expires_at is not null);
create index file_uses_by_job on file_uses (job_id);

-- What else than losses and accuracies a job's method measures on its validation files, as JSON by name.
alter table job_metrics add column figures text;
