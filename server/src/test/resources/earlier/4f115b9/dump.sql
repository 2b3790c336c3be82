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
CREATE TABLE "file_uses" (
    file_id varchar(36) not null references "files" (id),
    job_id  varchar(36) not null,
    primary key (file_id, job_id)
);
INSERT INTO "file_uses" VALUES('1c089900-c875-4dd1-b6cd-7e4603718ccc','a8b6a7d6-983c-48f7-8452-3396b342224e');
INSERT INTO "file_uses" VALUES('1c089900-c875-4dd1-b6cd-7e4603718ccc','51b52394-144e-4d89-801b-d5c14b0ca255');
INSERT INTO "file_uses" VALUES('1c089900-c875-4dd1-b6cd-7e4603718ccc','eb34d78a-5b1b-4d71-b0c8-8f9b6239c57b');
CREATE TABLE "files" (
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
INSERT INTO "files" VALUES('1c089900-c875-4dd1-b6cd-7e4603718ccc','org-1SVZ9_tly7H9Qg0TlhSg-ian','proj_F9e1MSM3cvjd4aSLWUDqredB','train.jsonl','fine_tune','chat',NULL,1224,12,'f2b043a004f73c51780fcdb973a09af08bb8928a67ab76bb84fce65960585ea6',1796047770387,NULL,NULL,1);
INSERT INTO "files" VALUES('66d819de-49ee-41fb-8e3f-ff287019592f','org-1SVZ9_tly7H9Qg0TlhSg-ian','proj_F9e1MSM3cvjd4aSLWUDqredB','step_metrics.csv','fine_tune_results',NULL,NULL,128,4,'808ddafac79c8492895c488dea9bb66f2367537a2fb486076a6af5f804e56c6e',1796047785951,NULL,NULL,1);
CREATE TABLE "fine_tuned_models" (
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
INSERT INTO "fine_tuned_models" VALUES('808c771b-2a69-304e-858f-9b2d6fe467cb','org-1SVZ9_tly7H9Qg0TlhSg-ian','proj_F9e1MSM3cvjd4aSLWUDqredB','ft:luthier-tiny:aaf9340d:20261130:5e13be0f:ckpt-step-1','ft:luthier-tiny:1SVZ9_tly7H9Qg0TlhSg-ian::Fa1gWbyr:ckpt-step-1','luthier-tiny','luthier-tiny','5e13be0f-1566-4032-a657-6087d847e869',1,'92c6280a2e4fd1e8dcb2150e08b69a6314d6836252732fb5f1427a389d288e22',0,NULL,NULL,1796047784337);
INSERT INTO "fine_tuned_models" VALUES('3b6f5285-b3be-3bc0-9c27-0a20e8619a0a','org-1SVZ9_tly7H9Qg0TlhSg-ian','proj_F9e1MSM3cvjd4aSLWUDqredB','ft:luthier-tiny:aaf9340d:20261130:5e13be0f:ckpt-step-2','ft:luthier-tiny:1SVZ9_tly7H9Qg0TlhSg-ian::Fa1gWbyr:ckpt-step-2','luthier-tiny','luthier-tiny','5e13be0f-1566-4032-a657-6087d847e869',2,'5140d5e1dcee10db4f90b9db00ffff09c8fac17a001737955914e08c3e270d93',0,NULL,NULL,1796047784774);
INSERT INTO "fine_tuned_models" VALUES('779b1681-8336-3787-8960-7450dd8c0ead','org-1SVZ9_tly7H9Qg0TlhSg-ian','proj_F9e1MSM3cvjd4aSLWUDqredB','ft:luthier-tiny:aaf9340d:20261130:5e13be0f:ckpt-step-3','ft:luthier-tiny:1SVZ9_tly7H9Qg0TlhSg-ian::Fa1gWbyr:ckpt-step-3','luthier-tiny','luthier-tiny','5e13be0f-1566-4032-a657-6087d847e869',3,'46595ec4245974c12b92ee68b924232a0c9dda7c8ad998056b14fa23280d392c',0,NULL,NULL,1796047785059);
INSERT INTO "fine_tuned_models" VALUES('d4da8a76-851a-393c-97f1-3084ca656a42','org-1SVZ9_tly7H9Qg0TlhSg-ian','proj_F9e1MSM3cvjd4aSLWUDqredB','ft:luthier-tiny:aaf9340d:20261130:5e13be0f','ft:luthier-tiny:1SVZ9_tly7H9Qg0TlhSg-ian::Fa1gWbyr','luthier-tiny','luthier-tiny','5e13be0f-1566-4032-a657-6087d847e869',NULL,'46595ec4245974c12b92ee68b924232a0c9dda7c8ad998056b14fa23280d392c',0,NULL,NULL,1796047785880);
INSERT INTO "fine_tuned_models" VALUES('59145e41-d1dd-3cd5-bc80-647bb2e27b20','org-1SVZ9_tly7H9Qg0TlhSg-ian','proj_F9e1MSM3cvjd4aSLWUDqredB','ft:luthier-tiny:aaf9340d:20261130:a8b6a7d6:ckpt-step-2','ft:luthier-tiny:1SVZ9_tly7H9Qg0TlhSg-ian::BNNUPtmk:ckpt-step-2','luthier-tiny','luthier-tiny','a8b6a7d6-983c-48f7-8452-3396b342224e',2,'2bf88f4c4a0538a57cc9959fd2b695a215728fdea84a6deada9828221ac95d87',0,NULL,NULL,1796047802412);
INSERT INTO "fine_tuned_models" VALUES('6d1ef612-9768-3a2b-9d63-7ed6c92d4abc','org-1SVZ9_tly7H9Qg0TlhSg-ian','proj_F9e1MSM3cvjd4aSLWUDqredB','ft:luthier-tiny:aaf9340d:20261130:a8b6a7d6:ckpt-step-3','ft:luthier-tiny:1SVZ9_tly7H9Qg0TlhSg-ian::BNNUPtmk:ckpt-step-3','luthier-tiny','luthier-tiny','a8b6a7d6-983c-48f7-8452-3396b342224e',3,'52c1c94f7a54ebd09d4d76b945c379bc77b29e8d81acd98c8a04df94a69e037b',0,NULL,NULL,1796047802770);
INSERT INTO "fine_tuned_models" VALUES('e41df13a-9062-3285-bc51-f982eb8f32ef','org-1SVZ9_tly7H9Qg0TlhSg-ian','proj_F9e1MSM3cvjd4aSLWUDqredB','ft:luthier-tiny:aaf9340d:20261130:a8b6a7d6:ckpt-step-4','ft:luthier-tiny:1SVZ9_tly7H9Qg0TlhSg-ian::BNNUPtmk:ckpt-step-4','luthier-tiny','luthier-tiny','a8b6a7d6-983c-48f7-8452-3396b342224e',4,'632b09aa3eab523dd23e1e3e63acea8d2fed9286f4a23ed036152d361d9a8c73',0,NULL,NULL,1796047803110);
INSERT INTO "fine_tuned_models" VALUES('efaa2d43-ea45-382c-84e3-4f4a1ffa8521','org-1SVZ9_tly7H9Qg0TlhSg-ian','proj_F9e1MSM3cvjd4aSLWUDqredB','ft:luthier-tiny:aaf9340d:20261130:51b52394:ckpt-step-2','ft:luthier-tiny:1SVZ9_tly7H9Qg0TlhSg-ian::gBqdDDPg:ckpt-step-2','luthier-tiny','luthier-tiny','51b52394-144e-4d89-801b-d5c14b0ca255',2,'2bf88f4c4a0538a57cc9959fd2b695a215728fdea84a6deada9828221ac95d87',0,NULL,NULL,1796047817350);
INSERT INTO "fine_tuned_models" VALUES('0824e8ef-0c5e-3374-92a7-e9b646f572c7','org-1SVZ9_tly7H9Qg0TlhSg-ian','proj_F9e1MSM3cvjd4aSLWUDqredB','ft:luthier-tiny:aaf9340d:20261130:51b52394:ckpt-step-3','ft:luthier-tiny:1SVZ9_tly7H9Qg0TlhSg-ian::gBqdDDPg:ckpt-step-3','luthier-tiny','luthier-tiny','51b52394-144e-4d89-801b-d5c14b0ca255',3,'52c1c94f7a54ebd09d4d76b945c379bc77b29e8d81acd98c8a04df94a69e037b',0,NULL,NULL,1796047817942);
INSERT INTO "fine_tuned_models" VALUES('2ecdf504-5ec8-399c-853a-544ae80cc764','org-1SVZ9_tly7H9Qg0TlhSg-ian','proj_F9e1MSM3cvjd4aSLWUDqredB','ft:luthier-tiny:aaf9340d:20261130:51b52394:ckpt-step-4','ft:luthier-tiny:1SVZ9_tly7H9Qg0TlhSg-ian::gBqdDDPg:ckpt-step-4','luthier-tiny','luthier-tiny','51b52394-144e-4d89-801b-d5c14b0ca255',4,'632b09aa3eab523dd23e1e3e63acea8d2fed9286f4a23ed036152d361d9a8c73',0,NULL,NULL,1796047818439);
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
INSERT INTO "flyway_schema_history" VALUES(1,'1','keys and files','SQL','V1__keys_and_files.sql',96261445,'','2026-11-30 14:09:24.123',26,1);
INSERT INTO "flyway_schema_history" VALUES(2,'2','jobs','SQL','V2__jobs.sql',-1301451391,'','2026-11-30 14:09:24.141',1,1);
INSERT INTO "flyway_schema_history" VALUES(3,'3','models','SQL','V3__models.sql',-588294286,'','2026-11-30 14:09:24.175',0,1);
INSERT INTO "flyway_schema_history" VALUES(4,'4','openai jobs','SQL','V4__openai_jobs.sql',1030376453,'','2026-11-30 14:09:24.214',17,1);
INSERT INTO "flyway_schema_history" VALUES(5,'5','snapshots','SQL','V5__snapshots.sql',-947432971,'','2026-11-30 14:09:24.291',53,1);
INSERT INTO "flyway_schema_history" VALUES(6,'6','file purposes and uploads','SQL','V6__file_purposes_and_uploads.sql',988077177,'','2026-11-30 14:09:24.376',3,1);
INSERT INTO "flyway_schema_history" VALUES(7,'7','idempotent answers','SQL','V7__idempotent_answers.sql',-132276793,'','2026-11-30 14:09:24.389',0,1);
CREATE TABLE idempotent_answers (
    key_id       text not null,     -- the API key that asked
    name         text not null,     -- what names the request: the client's own key, or the request's hash
    request_hash text not null,     -- SHA-256 of method, address and body
    status       integer not null,
    headers      text not null,     -- JSON object
    body         blob not null,
    expires_at   bigint not null,
    primary key (key_id, name)
);
CREATE TABLE job_events (
    job_id     text not null references jobs (id) on delete cascade,
    sequence   integer not null,
    created_at bigint not null,
    state      text,
    level      text not null,
    message    text not null,
    data       text not null, type text not null default 'message',
    primary key (job_id, sequence)
);
INSERT INTO "job_events" VALUES('5e13be0f-1566-4032-a657-6087d847e869',1,1796047770985,'RECEIVED','INFO','Created fine-tuning job: 5e13be0f-1566-4032-a657-6087d847e869','{}','message');
INSERT INTO "job_events" VALUES('5e13be0f-1566-4032-a657-6087d847e869',2,1796047771438,'VALIDATING','INFO','Validating training file: 1c089900-c875-4dd1-b6cd-7e4603718ccc','{}','message');
INSERT INTO "job_events" VALUES('5e13be0f-1566-4032-a657-6087d847e869',14,1796047785958,'SUCCEEDED','INFO','The job has successfully completed','{"fine_tuned_model":"ft:luthier-tiny:aaf9340d:20261130:5e13be0f","trained_tokens":684,"train_seconds":1.227551962}','message');
INSERT INTO "job_events" VALUES('a8b6a7d6-983c-48f7-8452-3396b342224e',1,1796047786009,'RECEIVED','INFO','Created fine-tuning job: a8b6a7d6-983c-48f7-8452-3396b342224e','{}','message');
INSERT INTO "job_events" VALUES('a8b6a7d6-983c-48f7-8452-3396b342224e',2,1796047786019,'VALIDATING','INFO','Validating training file: 1c089900-c875-4dd1-b6cd-7e4603718ccc','{}','message');
INSERT INTO "job_events" VALUES('51b52394-144e-4d89-801b-d5c14b0ca255',1,1796047803922,'RECEIVED','INFO','Created fine-tuning job: 51b52394-144e-4d89-801b-d5c14b0ca255','{}','message');
INSERT INTO "job_events" VALUES('51b52394-144e-4d89-801b-d5c14b0ca255',2,1796047803938,'VALIDATING','INFO','Validating training file: 1c089900-c875-4dd1-b6cd-7e4603718ccc','{}','message');
INSERT INTO "job_events" VALUES('eb34d78a-5b1b-4d71-b0c8-8f9b6239c57b',1,1796047817800,'RECEIVED','INFO','Created fine-tuning job: eb34d78a-5b1b-4d71-b0c8-8f9b6239c57b','{}','message');
INSERT INTO "job_events" VALUES('eb34d78a-5b1b-4d71-b0c8-8f9b6239c57b',2,1796047817803,'VALIDATING','INFO','Validating training file: 1c089900-c875-4dd1-b6cd-7e4603718ccc','{}','message');
CREATE TABLE job_metadata (
    job_id text not null references jobs (id) on delete cascade,
    key    text not null,
    value  text not null,
    primary key (job_id, key)
);
CREATE TABLE job_metrics (
    job_id         text not null references jobs (id) on delete cascade,
    step           integer not null,
    train_loss     double precision not null,
    valid_loss     double precision,
    valid_accuracy double precision,
    created_at     bigint not null, epoch integer, step_loss double precision, step_accuracy double precision,
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
INSERT INTO "job_snapshots" VALUES('5e13be0f-1566-4032-a657-6087d847e869',1,1,'snapshots/step-000001',1796047784337);
INSERT INTO "job_snapshots" VALUES('5e13be0f-1566-4032-a657-6087d847e869',2,2,'snapshots/step-000002',1796047784774);
INSERT INTO "job_snapshots" VALUES('5e13be0f-1566-4032-a657-6087d847e869',3,3,'snapshots/step-000003',1796047785059);
INSERT INTO "job_snapshots" VALUES('a8b6a7d6-983c-48f7-8452-3396b342224e',1,1,'snapshots/step-000001',1796047802025);
INSERT INTO "job_snapshots" VALUES('a8b6a7d6-983c-48f7-8452-3396b342224e',2,2,'snapshots/step-000002',1796047802412);
INSERT INTO "job_snapshots" VALUES('a8b6a7d6-983c-48f7-8452-3396b342224e',3,3,'snapshots/step-000003',1796047802770);
INSERT INTO "job_snapshots" VALUES('a8b6a7d6-983c-48f7-8452-3396b342224e',4,4,'snapshots/step-000004',1796047803110);
INSERT INTO "job_snapshots" VALUES('51b52394-144e-4d89-801b-d5c14b0ca255',1,1,'snapshots/step-000001',1796047816911);
INSERT INTO "job_snapshots" VALUES('51b52394-144e-4d89-801b-d5c14b0ca255',2,2,'snapshots/step-000002',1796047817350);
INSERT INTO "job_snapshots" VALUES('51b52394-144e-4d89-801b-d5c14b0ca255',3,3,'snapshots/step-000003',1796047817942);
INSERT INTO "job_snapshots" VALUES('51b52394-144e-4d89-801b-d5c14b0ca255',4,4,'snapshots/step-000004',1796047818439);
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
, openai_model text, result_file text);
INSERT INTO "jobs" VALUES('5e13be0f-1566-4032-a657-6087d847e869','org-1SVZ9_tly7H9Qg0TlhSg-ian','proj_F9e1MSM3cvjd4aSLWUDqredB','0b1e728f-da94-4faf-b76a-417ccbbe990e','mistral','SUCCEEDED',1,'luthier-tiny','luthier-tiny',NULL,NULL,NULL,'{"dialect":"mistral","model":"luthier-tiny","baseModel":"luthier-tiny","trainingFiles":[{"id":"1c089900-c875-4dd1-b6cd-7e4603718ccc","weight":1.0,"sha256":"f2b043a004f73c51780fcdb973a09af08bb8928a67ab76bb84fce65960585ea6"}],"validationFiles":[],"hyperparameters":{"steps":3,"epochs":null,"learningRate":0.002,"weightDecay":0.1,"warmupFraction":0.05,"maxSampleTokens":null,"samplesPerStep":null},"suffix":null,"autoStart":true,"skipInvalidShare":0.0,"integrations":[],"seed":42,"startModel":null,"metadata":null,"training":{"lora":{"rank":16,"alpha":32.0,"targets":["q_proj","k_proj","v_proj","o_proj","gate_proj","up_proj","down_proj"],"rsLora":false,"dora":false,"topLayers":0},"baseType":"bf16","quantization":"none","packTokens":2048,"samplesPerStep":16,"batchTokens":0,"maxSampleTokens":0,"memoryTier":null,"recipe":null}}','{"steps":3,"epochs":3.0,"samplesPerStep":12,"maxSampleTokens":1024,"microBatchTokens":2048,"learningRate":0.002,"trainingSamples":12,"validationSamples":0,"skippedSamples":0,"dataTokens":228,"tokensPerStep":228,"trainTokens":684,"longestSample":20,"expectedSeconds":null,"memoryTier":"keep","expectedPeakBytes":397829760,"expectedStepSeconds":null,"work":{"steps":{"all":{"tokens":684,"targets":210.0,"pairs":13008.0},"prepared":{"tokens":0,"targets":0.0,"pairs":0.0}},"evaluation":{"all":{"tokens":0,"targets":0.0,"pairs":0.0},"prepared":{"tokens":0,"targets":0.0,"pairs":0.0}},"prepared":{"tokens":0,"targets":0.0,"pairs":0.0}}}',NULL,1,0,0,NULL,'{"started":true,"step":3,"totalSteps":3,"loss":2.7705269322889445,"validLoss":null,"tokens":684,"tokensPerSecond":980.6878560106603,"secondsLeft":0.0,"attemptStartMillis":1796047783972,"attemptFirstStep":1}',1829,684,'ft:luthier-tiny:aaf9340d:20261130:5e13be0f',1796047770985,1796047785958,1796047773617,1796047785958,'ft:luthier-tiny:1SVZ9_tly7H9Qg0TlhSg-ian::Fa1gWbyr','66d819de-49ee-41fb-8e3f-ff287019592f');
INSERT INTO "jobs" VALUES('a8b6a7d6-983c-48f7-8452-3396b342224e','org-1SVZ9_tly7H9Qg0TlhSg-ian','proj_F9e1MSM3cvjd4aSLWUDqredB','0b1e728f-da94-4faf-b76a-417ccbbe990e','mistral','PAUSED',1,'luthier-tiny','luthier-tiny',NULL,NULL,NULL,'{"dialect":"mistral","model":"luthier-tiny","baseModel":"luthier-tiny","trainingFiles":[{"id":"1c089900-c875-4dd1-b6cd-7e4603718ccc","weight":1.0,"sha256":"f2b043a004f73c51780fcdb973a09af08bb8928a67ab76bb84fce65960585ea6"}],"validationFiles":[],"hyperparameters":{"steps":40,"epochs":null,"learningRate":0.002,"weightDecay":0.1,"warmupFraction":0.05,"maxSampleTokens":null,"samplesPerStep":null},"suffix":null,"autoStart":true,"skipInvalidShare":0.0,"integrations":[],"seed":42,"startModel":null,"metadata":null,"training":{"lora":{"rank":16,"alpha":32.0,"targets":["q_proj","k_proj","v_proj","o_proj","gate_proj","up_proj","down_proj"],"rsLora":false,"dora":false,"topLayers":0},"baseType":"bf16","quantization":"none","packTokens":2048,"samplesPerStep":16,"batchTokens":0,"maxSampleTokens":0,"memoryTier":null,"recipe":null}}','{"steps":40,"epochs":3000.0,"samplesPerStep":12,"maxSampleTokens":1024,"microBatchTokens":2048,"learningRate":0.002,"trainingSamples":12,"validationSamples":0,"skippedSamples":0,"dataTokens":228,"tokensPerStep":228,"trainTokens":684000,"longestSample":20,"expectedSeconds":null,"memoryTier":"keep","expectedPeakBytes":397829760,"expectedStepSeconds":null,"work":{"steps":{"all":{"tokens":684000,"targets":210000.0,"pairs":1.3008E7},"prepared":{"tokens":0,"targets":0.0,"pairs":0.0}},"evaluation":{"all":{"tokens":0,"targets":0.0,"pairs":0.0},"prepared":{"tokens":0,"targets":0.0,"pairs":0.0}},"prepared":{"tokens":0,"targets":0.0,"pairs":0.0}}}',NULL,1,0,0,NULL,'{"started":true,"step":4,"totalSteps":40,"loss":6.72001159834666,"validLoss":null,"tokens":912,"tokensPerSecond":855.7442268482462,"secondsLeft":1331.2226666666666,"attemptStartMillis":1796047801704,"attemptFirstStep":1}',2423,NULL,NULL,1796047786009,1796047803877,1796047787621,NULL,NULL,NULL);
INSERT INTO "jobs" VALUES('51b52394-144e-4d89-801b-d5c14b0ca255','org-1SVZ9_tly7H9Qg0TlhSg-ian','proj_F9e1MSM3cvjd4aSLWUDqredB','0b1e728f-da94-4faf-b76a-417ccbbe990e','mistral','WAITING',1,'luthier-tiny','luthier-tiny',NULL,NULL,NULL,'{"dialect":"mistral","model":"luthier-tiny","baseModel":"luthier-tiny","trainingFiles":[{"id":"1c089900-c875-4dd1-b6cd-7e4603718ccc","weight":1.0,"sha256":"f2b043a004f73c51780fcdb973a09af08bb8928a67ab76bb84fce65960585ea6"}],"validationFiles":[],"hyperparameters":{"steps":40,"epochs":null,"learningRate":0.002,"weightDecay":0.1,"warmupFraction":0.05,"maxSampleTokens":null,"samplesPerStep":null},"suffix":null,"autoStart":true,"skipInvalidShare":0.0,"integrations":[],"seed":42,"startModel":null,"metadata":null,"training":{"lora":{"rank":16,"alpha":32.0,"targets":["q_proj","k_proj","v_proj","o_proj","gate_proj","up_proj","down_proj"],"rsLora":false,"dora":false,"topLayers":0},"baseType":"bf16","quantization":"none","packTokens":2048,"samplesPerStep":16,"batchTokens":0,"maxSampleTokens":0,"memoryTier":null,"recipe":null}}','{"steps":40,"epochs":3000.0,"samplesPerStep":12,"maxSampleTokens":1024,"microBatchTokens":2048,"learningRate":0.002,"trainingSamples":12,"validationSamples":0,"skippedSamples":0,"dataTokens":228,"tokensPerStep":228,"trainTokens":684000,"longestSample":20,"expectedSeconds":null,"memoryTier":"keep","expectedPeakBytes":397829760,"expectedStepSeconds":null,"work":{"steps":{"all":{"tokens":684000,"targets":210000.0,"pairs":1.3008E7},"prepared":{"tokens":0,"targets":0.0,"pairs":0.0}},"evaluation":{"all":{"tokens":0,"targets":0.0,"pairs":0.0},"prepared":{"tokens":0,"targets":0.0,"pairs":0.0}},"prepared":{"tokens":0,"targets":0.0,"pairs":0.0}}}',NULL,1,0,0,NULL,'{"started":true,"step":4,"totalSteps":40,"loss":6.72001159834666,"validLoss":null,"tokens":912,"tokensPerSecond":627.1138136318084,"secondsLeft":2006.3213333333333,"attemptStartMillis":1796047816298,"attemptFirstStep":1}',2422,NULL,NULL,1796047803922,1796047819307,1796047804621,NULL,NULL,NULL);
INSERT INTO "jobs" VALUES('eb34d78a-5b1b-4d71-b0c8-8f9b6239c57b','org-1SVZ9_tly7H9Qg0TlhSg-ian','proj_F9e1MSM3cvjd4aSLWUDqredB','0b1e728f-da94-4faf-b76a-417ccbbe990e','mistral','WAITING',1,'luthier-tiny','luthier-tiny',NULL,NULL,NULL,'{"dialect":"mistral","model":"luthier-tiny","baseModel":"luthier-tiny","trainingFiles":[{"id":"1c089900-c875-4dd1-b6cd-7e4603718ccc","weight":1.0,"sha256":"f2b043a004f73c51780fcdb973a09af08bb8928a67ab76bb84fce65960585ea6"}],"validationFiles":[],"hyperparameters":{"steps":20,"epochs":null,"learningRate":0.002,"weightDecay":0.1,"warmupFraction":0.05,"maxSampleTokens":null,"samplesPerStep":null},"suffix":null,"autoStart":true,"skipInvalidShare":0.0,"integrations":[],"seed":42,"startModel":null,"metadata":null,"training":{"lora":{"rank":16,"alpha":32.0,"targets":["q_proj","k_proj","v_proj","o_proj","gate_proj","up_proj","down_proj"],"rsLora":false,"dora":false,"topLayers":0},"baseType":"bf16","quantization":"none","packTokens":2048,"samplesPerStep":16,"batchTokens":0,"maxSampleTokens":0,"memoryTier":null,"recipe":null}}','{"steps":20,"epochs":20.0,"samplesPerStep":12,"maxSampleTokens":1024,"microBatchTokens":2048,"learningRate":0.002,"trainingSamples":12,"validationSamples":0,"skippedSamples":0,"dataTokens":228,"tokensPerStep":228,"trainTokens":4560,"longestSample":20,"expectedSeconds":null,"memoryTier":"keep","expectedPeakBytes":397829760,"expectedStepSeconds":null,"work":{"steps":{"all":{"tokens":4560,"targets":1400.0,"pairs":86720.0},"prepared":{"tokens":0,"targets":0.0,"pairs":0.0}},"evaluation":{"all":{"tokens":0,"targets":0.0,"pairs":0.0},"prepared":{"tokens":0,"targets":0.0,"pairs":0.0}},"prepared":{"tokens":0,"targets":0.0,"pairs":0.0}}}',NULL,0,0,0,NULL,NULL,0,NULL,NULL,1796047817800,1796047817890,1796047817890,NULL,NULL,NULL);
CREATE TABLE model_permissions (
    id         text primary key,
    model_id   text not null references fine_tuned_models (id) on delete cascade,
    project_id text not null references projects (id),
    created_at bigint not null,
    unique (model_id, project_id)
);
CREATE TABLE organizations (
    id         varchar(40) primary key,   -- org-...
    name       varchar(100) not null unique,
    created_at bigint not null
);
INSERT INTO "organizations" VALUES('org-1SVZ9_tly7H9Qg0TlhSg-ian','default',1796047769573);
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
INSERT INTO "projects" VALUES('proj_F9e1MSM3cvjd4aSLWUDqredB','org-1SVZ9_tly7H9Qg0TlhSg-ian','default',1796047769573);
CREATE TABLE upload_parts (
    id         varchar(36) primary key,
    upload_id  varchar(36) not null references uploads (id),
    size_bytes bigint not null,
    created_at bigint not null
);
CREATE TABLE uploads (
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
CREATE INDEX "flyway_schema_history_s_idx" ON "flyway_schema_history" ("success");
CREATE INDEX jobs_by_state on jobs (state, queued_at);
CREATE INDEX jobs_by_age on jobs (organization_id, created_at desc, id desc);
CREATE INDEX job_messages on job_events (job_id, sequence desc) where type = 'message';
CREATE INDEX job_metadata_by_value on job_metadata (key, value, job_id);
CREATE INDEX fine_tuned_models_by_organization on fine_tuned_models (organization_id, created_at);
CREATE UNIQUE INDEX fine_tuned_models_by_job on fine_tuned_models (job_id, (coalesce(step, 0)));
CREATE INDEX model_permissions_by_project on model_permissions (project_id);
CREATE INDEX files_by_organization on files (organization_id, created_at, id) where deleted_at is null;
CREATE INDEX files_that_end on files (id)
    where bytes_kept = 1 and (deleted_at is not null or expires_at is not null);
CREATE INDEX file_uses_by_job on file_uses (job_id);
CREATE INDEX upload_parts_by_upload on upload_parts (upload_id);
CREATE INDEX idempotent_answers_by_expiry on idempotent_answers (expires_at);
COMMIT;
