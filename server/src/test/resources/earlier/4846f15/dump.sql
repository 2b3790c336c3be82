BEGIN TRANSACTION;
CREATE TABLE api_keys (
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
CREATE TABLE file_uses (
    file_id varchar(36) not null references files (id),
    job_id  varchar(36) not null,
    primary key (file_id, job_id)
);
INSERT INTO "file_uses" VALUES('3b31b4f3-e179-4305-b818-453b7d7b2a56','a922c10b-957e-4eb8-a32f-f29fcaf47e5b');
INSERT INTO "file_uses" VALUES('3b31b4f3-e179-4305-b818-453b7d7b2a56','c696435e-dd14-4cfe-8b0f-a4c6871f8069');
CREATE TABLE files (
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
INSERT INTO "files" VALUES('3b31b4f3-e179-4305-b818-453b7d7b2a56','org-kCGUIqctbW9OWiHPCbugsJFY','proj_kLNaId1xm93nYuV5lNmPpZLF','train.jsonl','chat',NULL,1224,12,'f2b043a004f73c51780fcdb973a09af08bb8928a67ab76bb84fce65960585ea6',1796047539789,NULL,NULL,1);
CREATE TABLE fine_tuned_models (
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
INSERT INTO "fine_tuned_models" VALUES('870aa96d-3385-317b-97aa-d881adf38d40','org-kCGUIqctbW9OWiHPCbugsJFY','proj_kLNaId1xm93nYuV5lNmPpZLF','ft:luthier-tiny:8dc713e9:20261130:4c6a0e10','ft:luthier-tiny:kCGUIqctbW9OWiHPCbugsJFY::hQYJYEb7','luthier-tiny','luthier-tiny','4c6a0e10-c37e-4b3b-a51a-0d9afecc70bc','a3b5c9a514a137dada6e61a3c037e987bf872652981fcbd7ddacb1c65d0909ab',0,NULL,NULL,1796047549563);
CREATE TABLE "flyway_schema_history" (
    "installed_rank" INT NOT NULL PRIMARY KEY,
    "version" VARCHAR(50),
    "description" VARCHAR(200) NOT NULL,
    "type" VARCHAR(20) NOT NULL,
    "script" VARCHAR(1000) NOT NULL,
    "checksum" INT,
    "installed_by" VARCHAR(100) NOT NULL,
    "installed_on" TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now')),
    "execution_time" INT NOT NULL,
    "success" BOOLEAN NOT NULL
);
INSERT INTO "flyway_schema_history" VALUES(1,'1','keys and files','SQL','V1__keys_and_files.sql',96261445,'','2026-11-30 14:05:38.420',10,1);
INSERT INTO "flyway_schema_history" VALUES(2,'2','jobs','SQL','V2__jobs.sql',-1301451391,'','2026-11-30 14:05:38.433',1,1);
INSERT INTO "flyway_schema_history" VALUES(3,'3','models','SQL','V3__models.sql',-588294286,'','2026-11-30 14:05:38.440',0,1);
CREATE TABLE job_events (
    job_id     text not null references jobs (id) on delete cascade,
    sequence   integer not null,
    created_at bigint not null,
    state      text,
    level      text not null,
    message    text not null,
    data       text not null,
    primary key (job_id, sequence)
);
INSERT INTO "job_events" VALUES('4c6a0e10-c37e-4b3b-a51a-0d9afecc70bc',1,1796047539903,'RECEIVED','INFO','Created fine-tuning job: 4c6a0e10-c37e-4b3b-a51a-0d9afecc70bc','{}');
INSERT INTO "job_events" VALUES('4c6a0e10-c37e-4b3b-a51a-0d9afecc70bc',2,1796047539942,'VALIDATING','INFO','Validating training file: 3b31b4f3-e179-4305-b818-453b7d7b2a56','{}');
INSERT INTO "job_events" VALUES('a922c10b-957e-4eb8-a32f-f29fcaf47e5b',1,1796047549591,'RECEIVED','INFO','Created fine-tuning job: a922c10b-957e-4eb8-a32f-f29fcaf47e5b','{}');
INSERT INTO "job_events" VALUES('a922c10b-957e-4eb8-a32f-f29fcaf47e5b',2,1796047549595,'VALIDATING','INFO','Validating training file: 3b31b4f3-e179-4305-b818-453b7d7b2a56','{}');
INSERT INTO "job_events" VALUES('c696435e-dd14-4cfe-8b0f-a4c6871f8069',1,1796047558273,'RECEIVED','INFO','Created fine-tuning job: c696435e-dd14-4cfe-8b0f-a4c6871f8069','{}');
INSERT INTO "job_events" VALUES('c696435e-dd14-4cfe-8b0f-a4c6871f8069',2,1796047558288,'VALIDATING','INFO','Validating training file: 3b31b4f3-e179-4305-b818-453b7d7b2a56','{}');
CREATE TABLE job_metrics (
    job_id         text not null references jobs (id) on delete cascade,
    step           integer not null,
    train_loss     double precision not null,
    valid_loss     double precision,
    valid_accuracy double precision,
    created_at     bigint not null,
    primary key (job_id, step)
);
CREATE TABLE job_snapshots (
    job_id     text not null references jobs (id) on delete cascade,
    step       integer not null,
    epoch      integer not null,
    directory  text not null,
    created_at bigint not null,
    primary key (job_id, step)
);
INSERT INTO "job_snapshots" VALUES('4c6a0e10-c37e-4b3b-a51a-0d9afecc70bc',1,1,'snapshots/step-000001',1796047548431);
INSERT INTO "job_snapshots" VALUES('4c6a0e10-c37e-4b3b-a51a-0d9afecc70bc',2,2,'snapshots/step-000002',1796047548727);
INSERT INTO "job_snapshots" VALUES('4c6a0e10-c37e-4b3b-a51a-0d9afecc70bc',3,3,'snapshots/step-000003',1796047548973);
INSERT INTO "job_snapshots" VALUES('a922c10b-957e-4eb8-a32f-f29fcaf47e5b',1,1,'snapshots/step-000001',1796047557661);
INSERT INTO "job_snapshots" VALUES('a922c10b-957e-4eb8-a32f-f29fcaf47e5b',2,2,'snapshots/step-000002',1796047557914);
INSERT INTO "job_snapshots" VALUES('a922c10b-957e-4eb8-a32f-f29fcaf47e5b',3,3,'snapshots/step-000003',1796047558173);
INSERT INTO "job_snapshots" VALUES('a922c10b-957e-4eb8-a32f-f29fcaf47e5b',4,4,'snapshots/step-000004',1796047558443);
INSERT INTO "job_snapshots" VALUES('a922c10b-957e-4eb8-a32f-f29fcaf47e5b',5,5,'snapshots/step-000005',1796047558778);
CREATE TABLE jobs (
    id                 text primary key,
    organization_id    text not null,
    project_id         text not null,
    created_by         text not null,
    dialect            text not null,
    state              text not null,
    auto_start         integer not null,
    model              text not null,
    base_model         text not null,
    suffix             text,
    wandb_project      text,
    wandb_name         text,
    request            text not null,
    plan               text,
    problem            text,
    attempt            integer not null default 0,
    fruitless_attempts integer not null default 0,
    not_before         bigint not null default 0,
    process            text,
    progress           text,
    progress_offset    bigint not null default 0,
    trained_tokens     bigint,
    fine_tuned_model   text,
    created_at         bigint not null,
    modified_at        bigint not null,
    queued_at          bigint,
    finished_at        bigint
);
INSERT INTO "jobs" VALUES('4c6a0e10-c37e-4b3b-a51a-0d9afecc70bc','org-kCGUIqctbW9OWiHPCbugsJFY','proj_kLNaId1xm93nYuV5lNmPpZLF','ac5fe211-5470-4458-910e-6e27be8dcad4','mistral','SUCCEEDED',1,'luthier-tiny','luthier-tiny',NULL,NULL,NULL,'{"dialect":"mistral","model":"luthier-tiny","baseModel":"luthier-tiny","trainingFiles":[{"id":"3b31b4f3-e179-4305-b818-453b7d7b2a56","weight":1.0,"sha256":"f2b043a004f73c51780fcdb973a09af08bb8928a67ab76bb84fce65960585ea6"}],"validationFiles":[],"hyperparameters":{"steps":3,"epochs":null,"learningRate":0.002,"weightDecay":0.1,"warmupFraction":0.05,"maxSampleTokens":null,"samplesPerStep":null},"suffix":null,"autoStart":true,"skipInvalidShare":0.0,"integrations":[],"seed":42}','{"steps":3,"epochs":3.0,"samplesPerStep":12,"maxSampleTokens":1024,"microBatchTokens":2048,"trainingSamples":12,"validationSamples":0,"skippedSamples":0,"dataTokens":228,"tokensPerStep":228,"trainTokens":684,"longestSample":20,"expectedSeconds":null}',NULL,1,0,0,NULL,'{"started":true,"step":3,"totalSteps":3,"loss":2.7704278156107565,"validLoss":null,"tokens":684,"tokensPerSecond":1314.7998530930297,"secondsLeft":0.0,"attemptStartMillis":1796047548159,"attemptFirstStep":1}',1504,684,'ft:luthier-tiny:8dc713e9:20261130:4c6a0e10',1796047539903,1796047549564,1796047540527,1796047549564);
INSERT INTO "jobs" VALUES('a922c10b-957e-4eb8-a32f-f29fcaf47e5b','org-kCGUIqctbW9OWiHPCbugsJFY','proj_kLNaId1xm93nYuV5lNmPpZLF','ac5fe211-5470-4458-910e-6e27be8dcad4','mistral','WAITING',1,'luthier-tiny','luthier-tiny',NULL,NULL,NULL,'{"dialect":"mistral","model":"luthier-tiny","baseModel":"luthier-tiny","trainingFiles":[{"id":"3b31b4f3-e179-4305-b818-453b7d7b2a56","weight":1.0,"sha256":"f2b043a004f73c51780fcdb973a09af08bb8928a67ab76bb84fce65960585ea6"}],"validationFiles":[],"hyperparameters":{"steps":40,"epochs":null,"learningRate":0.002,"weightDecay":0.1,"warmupFraction":0.05,"maxSampleTokens":null,"samplesPerStep":null},"suffix":null,"autoStart":true,"skipInvalidShare":0.0,"integrations":[],"seed":42}','{"steps":40,"epochs":3000.0,"samplesPerStep":12,"maxSampleTokens":1024,"microBatchTokens":2048,"trainingSamples":12,"validationSamples":0,"skippedSamples":0,"dataTokens":228,"tokensPerStep":228,"trainTokens":684000,"longestSample":20,"expectedSeconds":null}',NULL,1,0,0,NULL,'{"started":true,"step":5,"totalSteps":40,"loss":6.667507848225632,"validLoss":null,"tokens":1140,"tokensPerSecond":911.78147151116,"secondsLeft":912.72625,"attemptStartMillis":1796047557509,"attemptFirstStep":1}',2203,NULL,NULL,1796047549591,1796047559832,1796047549999,NULL);
INSERT INTO "jobs" VALUES('c696435e-dd14-4cfe-8b0f-a4c6871f8069','org-kCGUIqctbW9OWiHPCbugsJFY','proj_kLNaId1xm93nYuV5lNmPpZLF','ac5fe211-5470-4458-910e-6e27be8dcad4','mistral','WAITING',1,'luthier-tiny','luthier-tiny',NULL,NULL,NULL,'{"dialect":"mistral","model":"luthier-tiny","baseModel":"luthier-tiny","trainingFiles":[{"id":"3b31b4f3-e179-4305-b818-453b7d7b2a56","weight":1.0,"sha256":"f2b043a004f73c51780fcdb973a09af08bb8928a67ab76bb84fce65960585ea6"}],"validationFiles":[],"hyperparameters":{"steps":20,"epochs":null,"learningRate":0.002,"weightDecay":0.1,"warmupFraction":0.05,"maxSampleTokens":null,"samplesPerStep":null},"suffix":null,"autoStart":true,"skipInvalidShare":0.0,"integrations":[],"seed":42}','{"steps":20,"epochs":20.0,"samplesPerStep":12,"maxSampleTokens":1024,"microBatchTokens":2048,"trainingSamples":12,"validationSamples":0,"skippedSamples":0,"dataTokens":228,"tokensPerStep":228,"trainTokens":4560,"longestSample":20,"expectedSeconds":null}',NULL,0,0,0,NULL,NULL,0,NULL,NULL,1796047558273,1796047558447,1796047558447,NULL);
CREATE TABLE organizations (
    id         varchar(40) primary key,   -- org-...
    name       varchar(100) not null unique,
    created_at bigint not null
);
INSERT INTO "organizations" VALUES('org-kCGUIqctbW9OWiHPCbugsJFY','default',1796047539299);
CREATE TABLE probe_results (
    probe_key  text primary key,
    result     text not null,
    created_at bigint not null
);
CREATE TABLE projects (
    id              varchar(40) primary key,   -- proj_...
    organization_id varchar(40) not null references organizations (id),
    name            varchar(100) not null,
    created_at      bigint not null,
    unique (organization_id, name)
);
INSERT INTO "projects" VALUES('proj_kLNaId1xm93nYuV5lNmPpZLF','org-kCGUIqctbW9OWiHPCbugsJFY','default',1796047539299);
CREATE INDEX "flyway_schema_history_s_idx" ON "flyway_schema_history" ("success");
CREATE INDEX files_by_organization on files (organization_id, created_at);
CREATE INDEX file_uses_by_job on file_uses (job_id);
CREATE INDEX jobs_by_organization on jobs (organization_id, created_at);
CREATE INDEX jobs_by_state on jobs (state, queued_at);
CREATE INDEX fine_tuned_models_by_organization on fine_tuned_models (organization_id, created_at);
COMMIT;
