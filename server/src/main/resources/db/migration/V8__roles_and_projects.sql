-- Keys get six roles instead of two, and projects may be isolated from each other.

-- SQLite cannot change a column's check, so the table is made anew. Until now every administrator's key ruled over all
-- organizations: the first that is left keeps that, the others keep their own organization.
create table api_keys_new (
    id              varchar(36) primary key,
    organization_id varchar(40) not null references organizations (id),
    project_id      varchar(40) not null references projects (id),
    name            varchar(100) not null,
    role            varchar(20) not null check (role in ('instance_admin', 'organization_admin', 'member', 'read_only',
                        'inference_only', 'metrics')),
    sha256          char(64) not null unique,   -- lower-case hex; the key itself is not kept
    hint            varchar(20) not null,       -- its first characters, to recognise it by
    created_at      bigint not null,
    revoked_at      bigint
);
insert into api_keys_new (id, organization_id, project_id, name, role, sha256, hint, created_at, revoked_at)
select id, organization_id, project_id, name,
    case
        when role <> 'admin' then role
        when id = (select id from api_keys where role = 'admin' and revoked_at is null order by created_at, id limit 1)
            then 'instance_admin'
        else 'organization_admin'
    end,
    sha256, hint, created_at, revoked_at
from api_keys;

-- What was decided when this database was made, by name.
create table installation (
    name  varchar(40) primary key,
    value varchar(100) not null
);
-- Where projects have seen each other's files and jobs so far, they go on to: a database with any was in use before.
insert into installation (name, value)
select 'projects_isolated', case
    when exists (select 1 from api_keys) or exists (select 1 from files) or exists (select 1 from jobs) then 'false'
    else 'true'
end;

drop table api_keys;
alter table api_keys_new rename to api_keys;

-- Lists of one project, as those of an organization.
create index jobs_by_project on jobs (organization_id, project_id, created_at desc, id desc);
create index files_by_project on files (organization_id, project_id, created_at, id) where deleted_at is null;
