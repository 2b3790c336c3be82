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
INSERT INTO "file_uses" VALUES('dbb0ca53-0612-4724-b728-04192b7c98d1','9c34d26a-31d5-4771-a971-715195239a41');
INSERT INTO "file_uses" VALUES('dbb0ca53-0612-4724-b728-04192b7c98d1','eed51e7f-387b-4c20-beb0-20bafac2fc69');
INSERT INTO "file_uses" VALUES('dbb0ca53-0612-4724-b728-04192b7c98d1','c79a5f5a-7ea0-4ffa-b02c-c2901a1ebf8b');
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
INSERT INTO "files" VALUES('dbb0ca53-0612-4724-b728-04192b7c98d1','org-vjlELMLPJxVNvxcB68n18iES','proj_xWjIJsAGBMzZhyNFUOOKwzaZ','train.jsonl','fine_tune','chat',NULL,1224,12,'f2b043a004f73c51780fcdb973a09af08bb8928a67ab76bb84fce65960585ea6',1796047580015,NULL,NULL,1);
INSERT INTO "files" VALUES('b43090ff-d371-4401-85e7-6d809b7002a0','org-vjlELMLPJxVNvxcB68n18iES','proj_xWjIJsAGBMzZhyNFUOOKwzaZ','step_metrics.csv','fine_tune_results',NULL,NULL,128,4,'b0020eca63c6b9600ff583744f26dbf625dac1b9d4bfa440095b8ce2f67064be',1796047597204,NULL,NULL,1);
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
INSERT INTO "fine_tuned_models" VALUES('66b849f8-cb75-3a7c-b7ee-4c686e506b46','org-vjlELMLPJxVNvxcB68n18iES','proj_xWjIJsAGBMzZhyNFUOOKwzaZ','ft:luthier-tiny:d03b9c87:20261130:70bc2aa8:ckpt-step-1','ft:luthier-tiny:vjlELMLPJxVNvxcB68n18iES::yVZ2fjY0:ckpt-step-1','luthier-tiny','luthier-tiny','70bc2aa8-8794-437d-bdb8-885ef75f4ad7',1,'db37e140dae9d11cf2a5753496dc87cbe95cc2229233e8abeb1168494515ef8d',0,NULL,NULL,1796047595693);
INSERT INTO "fine_tuned_models" VALUES('6bcfd458-9ef9-374a-b6f9-b8bb093c2749','org-vjlELMLPJxVNvxcB68n18iES','proj_xWjIJsAGBMzZhyNFUOOKwzaZ','ft:luthier-tiny:d03b9c87:20261130:70bc2aa8:ckpt-step-2','ft:luthier-tiny:vjlELMLPJxVNvxcB68n18iES::yVZ2fjY0:ckpt-step-2','luthier-tiny','luthier-tiny','70bc2aa8-8794-437d-bdb8-885ef75f4ad7',2,'282e28e977bb46266760c4ff0e59b86d77637481583489bef20d1f0912d2b0fb',0,NULL,NULL,1796047596123);
INSERT INTO "fine_tuned_models" VALUES('2bd950db-79e7-3fee-85ce-6d325d6f5834','org-vjlELMLPJxVNvxcB68n18iES','proj_xWjIJsAGBMzZhyNFUOOKwzaZ','ft:luthier-tiny:d03b9c87:20261130:70bc2aa8:ckpt-step-3','ft:luthier-tiny:vjlELMLPJxVNvxcB68n18iES::yVZ2fjY0:ckpt-step-3','luthier-tiny','luthier-tiny','70bc2aa8-8794-437d-bdb8-885ef75f4ad7',3,'a3b5c9a514a137dada6e61a3c037e987bf872652981fcbd7ddacb1c65d0909ab',0,NULL,NULL,1796047596418);
INSERT INTO "fine_tuned_models" VALUES('f562b79d-cca7-3187-bf57-fa23c5331739','org-vjlELMLPJxVNvxcB68n18iES','proj_xWjIJsAGBMzZhyNFUOOKwzaZ','ft:luthier-tiny:d03b9c87:20261130:70bc2aa8','ft:luthier-tiny:vjlELMLPJxVNvxcB68n18iES::yVZ2fjY0','luthier-tiny','luthier-tiny','70bc2aa8-8794-437d-bdb8-885ef75f4ad7',NULL,'a3b5c9a514a137dada6e61a3c037e987bf872652981fcbd7ddacb1c65d0909ab',0,NULL,NULL,1796047597171);
INSERT INTO "fine_tuned_models" VALUES('aec0447b-8bea-3d8f-876b-473e4c9d94fe','org-vjlELMLPJxVNvxcB68n18iES','proj_xWjIJsAGBMzZhyNFUOOKwzaZ','ft:luthier-tiny:d03b9c87:20261130:9c34d26a:ckpt-step-2','ft:luthier-tiny:vjlELMLPJxVNvxcB68n18iES::61LFJdd4:ckpt-step-2','luthier-tiny','luthier-tiny','9c34d26a-31d5-4771-a971-715195239a41',2,'235c7c5d4ded3f7eb41ae7824bb8f83b6d71ffbdb051c5f8d90cfdfc68751ef1',0,NULL,NULL,1796047610636);
INSERT INTO "fine_tuned_models" VALUES('8b77b634-df9b-32ac-bd47-32be50160f9a','org-vjlELMLPJxVNvxcB68n18iES','proj_xWjIJsAGBMzZhyNFUOOKwzaZ','ft:luthier-tiny:d03b9c87:20261130:9c34d26a:ckpt-step-3','ft:luthier-tiny:vjlELMLPJxVNvxcB68n18iES::61LFJdd4:ckpt-step-3','luthier-tiny','luthier-tiny','9c34d26a-31d5-4771-a971-715195239a41',3,'a2f50cf307082b4058bf871e0cb4f5a2597d82bf6338f304443bd8176dfd7966',0,NULL,NULL,1796047610862);
INSERT INTO "fine_tuned_models" VALUES('01e10be9-cf8b-3484-a592-d042a35e5709','org-vjlELMLPJxVNvxcB68n18iES','proj_xWjIJsAGBMzZhyNFUOOKwzaZ','ft:luthier-tiny:d03b9c87:20261130:9c34d26a:ckpt-step-4','ft:luthier-tiny:vjlELMLPJxVNvxcB68n18iES::61LFJdd4:ckpt-step-4','luthier-tiny','luthier-tiny','9c34d26a-31d5-4771-a971-715195239a41',4,'88202a9ae6f01694eee238e9ca2a2cf4601355e2712125e4c01309f9d49badd1',0,NULL,NULL,1796047611236);
INSERT INTO "fine_tuned_models" VALUES('e5509fcc-5503-3d52-b822-a816fdb554cd','org-vjlELMLPJxVNvxcB68n18iES','proj_xWjIJsAGBMzZhyNFUOOKwzaZ','ft:luthier-tiny:d03b9c87:20261130:eed51e7f:ckpt-step-3','ft:luthier-tiny:vjlELMLPJxVNvxcB68n18iES::FfpQtF3U:ckpt-step-3','luthier-tiny','luthier-tiny','eed51e7f-387b-4c20-beb0-20bafac2fc69',3,'a2f50cf307082b4058bf871e0cb4f5a2597d82bf6338f304443bd8176dfd7966',0,NULL,NULL,1796047624161);
INSERT INTO "fine_tuned_models" VALUES('cd850e34-8f9a-3f11-b3b0-e11fd785ec0c','org-vjlELMLPJxVNvxcB68n18iES','proj_xWjIJsAGBMzZhyNFUOOKwzaZ','ft:luthier-tiny:d03b9c87:20261130:eed51e7f:ckpt-step-4','ft:luthier-tiny:vjlELMLPJxVNvxcB68n18iES::FfpQtF3U:ckpt-step-4','luthier-tiny','luthier-tiny','eed51e7f-387b-4c20-beb0-20bafac2fc69',4,'88202a9ae6f01694eee238e9ca2a2cf4601355e2712125e4c01309f9d49badd1',0,NULL,NULL,1796047624538);
INSERT INTO "fine_tuned_models" VALUES('1fe381a6-181f-3dec-801c-f85b0c3ebfcf','org-vjlELMLPJxVNvxcB68n18iES','proj_xWjIJsAGBMzZhyNFUOOKwzaZ','ft:luthier-tiny:d03b9c87:20261130:eed51e7f:ckpt-step-5','ft:luthier-tiny:vjlELMLPJxVNvxcB68n18iES::FfpQtF3U:ckpt-step-5','luthier-tiny','luthier-tiny','eed51e7f-387b-4c20-beb0-20bafac2fc69',5,'3536fb94133f9d6a9acd10bf7164d04514acbddaebde624c4c097646d95b90ba',0,NULL,NULL,1796047625022);
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
INSERT INTO "flyway_schema_history" VALUES(1,'1','keys and files','SQL','V1__keys_and_files.sql',96261445,'','2026-11-30 14:06:14.064',2,1);
INSERT INTO "flyway_schema_history" VALUES(2,'2','jobs','SQL','V2__jobs.sql',-1301451391,'','2026-11-30 14:06:14.082',1,1);
INSERT INTO "flyway_schema_history" VALUES(3,'3','models','SQL','V3__models.sql',-588294286,'','2026-11-30 14:06:14.090',0,1);
INSERT INTO "flyway_schema_history" VALUES(4,'4','openai jobs','SQL','V4__openai_jobs.sql',1030376453,'','2026-11-30 14:06:14.101',2,1);
INSERT INTO "flyway_schema_history" VALUES(5,'5','snapshots','SQL','V5__snapshots.sql',-947432971,'','2026-11-30 14:06:14.114',3,1);
INSERT INTO "flyway_schema_history" VALUES(6,'6','file purposes and uploads','SQL','V6__file_purposes_and_uploads.sql',988077177,'','2026-11-30 14:06:14.123',2,1);
INSERT INTO "flyway_schema_history" VALUES(7,'7','idempotent answers','SQL','V7__idempotent_answers.sql',-132276793,'','2026-11-30 14:06:14.134',0,1);
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
INSERT INTO "job_events" VALUES('70bc2aa8-8794-437d-bdb8-885ef75f4ad7',1,1796047580908,'RECEIVED','INFO','Created fine-tuning job: 70bc2aa8-8794-437d-bdb8-885ef75f4ad7','{}','message');
INSERT INTO "job_events" VALUES('70bc2aa8-8794-437d-bdb8-885ef75f4ad7',2,1796047582141,'VALIDATING','INFO','Validating training file: dbb0ca53-0612-4724-b728-04192b7c98d1','{}','message');
INSERT INTO "job_events" VALUES('70bc2aa8-8794-437d-bdb8-885ef75f4ad7',14,1796047597208,'SUCCEEDED','INFO','The job has successfully completed','{"fine_tuned_model":"ft:luthier-tiny:d03b9c87:20261130:70bc2aa8","trained_tokens":684,"train_seconds":1.1848351369999999}','message');
INSERT INTO "job_events" VALUES('9c34d26a-31d5-4771-a971-715195239a41',1,1796047597345,'RECEIVED','INFO','Created fine-tuning job: 9c34d26a-31d5-4771-a971-715195239a41','{}','message');
INSERT INTO "job_events" VALUES('9c34d26a-31d5-4771-a971-715195239a41',2,1796047597392,'VALIDATING','INFO','Validating training file: dbb0ca53-0612-4724-b728-04192b7c98d1','{}','message');
INSERT INTO "job_events" VALUES('eed51e7f-387b-4c20-beb0-20bafac2fc69',1,1796047612233,'RECEIVED','INFO','Created fine-tuning job: eed51e7f-387b-4c20-beb0-20bafac2fc69','{}','message');
INSERT INTO "job_events" VALUES('eed51e7f-387b-4c20-beb0-20bafac2fc69',2,1796047612245,'VALIDATING','INFO','Validating training file: dbb0ca53-0612-4724-b728-04192b7c98d1','{}','message');
INSERT INTO "job_events" VALUES('c79a5f5a-7ea0-4ffa-b02c-c2901a1ebf8b',1,1796047624211,'RECEIVED','INFO','Created fine-tuning job: c79a5f5a-7ea0-4ffa-b02c-c2901a1ebf8b','{}','message');
INSERT INTO "job_events" VALUES('c79a5f5a-7ea0-4ffa-b02c-c2901a1ebf8b',2,1796047624234,'VALIDATING','INFO','Validating training file: dbb0ca53-0612-4724-b728-04192b7c98d1','{}','message');
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
INSERT INTO "job_snapshots" VALUES('70bc2aa8-8794-437d-bdb8-885ef75f4ad7',1,1,'snapshots/step-000001',1796047595693);
INSERT INTO "job_snapshots" VALUES('70bc2aa8-8794-437d-bdb8-885ef75f4ad7',2,2,'snapshots/step-000002',1796047596123);
INSERT INTO "job_snapshots" VALUES('70bc2aa8-8794-437d-bdb8-885ef75f4ad7',3,3,'snapshots/step-000003',1796047596418);
INSERT INTO "job_snapshots" VALUES('9c34d26a-31d5-4771-a971-715195239a41',1,1,'snapshots/step-000001',1796047610281);
INSERT INTO "job_snapshots" VALUES('9c34d26a-31d5-4771-a971-715195239a41',2,2,'snapshots/step-000002',1796047610636);
INSERT INTO "job_snapshots" VALUES('9c34d26a-31d5-4771-a971-715195239a41',3,3,'snapshots/step-000003',1796047610862);
INSERT INTO "job_snapshots" VALUES('9c34d26a-31d5-4771-a971-715195239a41',4,4,'snapshots/step-000004',1796047611236);
INSERT INTO "job_snapshots" VALUES('eed51e7f-387b-4c20-beb0-20bafac2fc69',1,1,'snapshots/step-000001',1796047623673);
INSERT INTO "job_snapshots" VALUES('eed51e7f-387b-4c20-beb0-20bafac2fc69',2,2,'snapshots/step-000002',1796047623766);
INSERT INTO "job_snapshots" VALUES('eed51e7f-387b-4c20-beb0-20bafac2fc69',3,3,'snapshots/step-000003',1796047624161);
INSERT INTO "job_snapshots" VALUES('eed51e7f-387b-4c20-beb0-20bafac2fc69',4,4,'snapshots/step-000004',1796047624538);
INSERT INTO "job_snapshots" VALUES('eed51e7f-387b-4c20-beb0-20bafac2fc69',5,5,'snapshots/step-000005',1796047625022);
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
INSERT INTO "jobs" VALUES('70bc2aa8-8794-437d-bdb8-885ef75f4ad7','org-vjlELMLPJxVNvxcB68n18iES','proj_xWjIJsAGBMzZhyNFUOOKwzaZ','1ed80021-faef-41dc-a719-61a7519dda58','mistral','SUCCEEDED',1,'luthier-tiny','luthier-tiny',NULL,NULL,NULL,'{"dialect":"mistral","model":"luthier-tiny","baseModel":"luthier-tiny","trainingFiles":[{"id":"dbb0ca53-0612-4724-b728-04192b7c98d1","weight":1.0,"sha256":"f2b043a004f73c51780fcdb973a09af08bb8928a67ab76bb84fce65960585ea6"}],"validationFiles":[],"hyperparameters":{"steps":3,"epochs":null,"learningRate":0.002,"weightDecay":0.1,"warmupFraction":0.05,"maxSampleTokens":null,"samplesPerStep":null},"suffix":null,"autoStart":true,"skipInvalidShare":0.0,"integrations":[],"seed":42,"startModel":null,"metadata":null}','{"steps":3,"epochs":3.0,"samplesPerStep":12,"maxSampleTokens":1024,"microBatchTokens":2048,"learningRate":0.002,"trainingSamples":12,"validationSamples":0,"skippedSamples":0,"dataTokens":228,"tokensPerStep":228,"trainTokens":684,"longestSample":20,"expectedSeconds":null}',NULL,1,0,0,NULL,'{"started":true,"step":3,"totalSteps":3,"loss":2.7704278156107565,"validLoss":null,"tokens":684,"tokensPerSecond":1035.1743433818767,"secondsLeft":0.0,"attemptStartMillis":1796047595236,"attemptFirstStep":1}',1829,684,'ft:luthier-tiny:d03b9c87:20261130:70bc2aa8',1796047580908,1796047597208,1796047584111,1796047597208,'ft:luthier-tiny:vjlELMLPJxVNvxcB68n18iES::yVZ2fjY0','b43090ff-d371-4401-85e7-6d809b7002a0');
INSERT INTO "jobs" VALUES('9c34d26a-31d5-4771-a971-715195239a41','org-vjlELMLPJxVNvxcB68n18iES','proj_xWjIJsAGBMzZhyNFUOOKwzaZ','1ed80021-faef-41dc-a719-61a7519dda58','mistral','PAUSED',1,'luthier-tiny','luthier-tiny',NULL,NULL,NULL,'{"dialect":"mistral","model":"luthier-tiny","baseModel":"luthier-tiny","trainingFiles":[{"id":"dbb0ca53-0612-4724-b728-04192b7c98d1","weight":1.0,"sha256":"f2b043a004f73c51780fcdb973a09af08bb8928a67ab76bb84fce65960585ea6"}],"validationFiles":[],"hyperparameters":{"steps":40,"epochs":null,"learningRate":0.002,"weightDecay":0.1,"warmupFraction":0.05,"maxSampleTokens":null,"samplesPerStep":null},"suffix":null,"autoStart":true,"skipInvalidShare":0.0,"integrations":[],"seed":42,"startModel":null,"metadata":null}','{"steps":40,"epochs":3000.0,"samplesPerStep":12,"maxSampleTokens":1024,"microBatchTokens":2048,"learningRate":0.002,"trainingSamples":12,"validationSamples":0,"skippedSamples":0,"dataTokens":228,"tokensPerStep":228,"trainTokens":684000,"longestSample":20,"expectedSeconds":null}',NULL,1,0,0,NULL,'{"started":true,"step":4,"totalSteps":40,"loss":6.719000215476884,"validLoss":null,"tokens":912,"tokensPerSecond":737.9977245199634,"secondsLeft":1341.2093333333332,"attemptStartMillis":1796047609829,"attemptFirstStep":1}',2428,NULL,NULL,1796047597345,1796047612197,1796047598179,NULL,NULL,NULL);
INSERT INTO "jobs" VALUES('eed51e7f-387b-4c20-beb0-20bafac2fc69','org-vjlELMLPJxVNvxcB68n18iES','proj_xWjIJsAGBMzZhyNFUOOKwzaZ','1ed80021-faef-41dc-a719-61a7519dda58','mistral','WAITING',1,'luthier-tiny','luthier-tiny',NULL,NULL,NULL,'{"dialect":"mistral","model":"luthier-tiny","baseModel":"luthier-tiny","trainingFiles":[{"id":"dbb0ca53-0612-4724-b728-04192b7c98d1","weight":1.0,"sha256":"f2b043a004f73c51780fcdb973a09af08bb8928a67ab76bb84fce65960585ea6"}],"validationFiles":[],"hyperparameters":{"steps":40,"epochs":null,"learningRate":0.002,"weightDecay":0.1,"warmupFraction":0.05,"maxSampleTokens":null,"samplesPerStep":null},"suffix":null,"autoStart":true,"skipInvalidShare":0.0,"integrations":[],"seed":42,"startModel":null,"metadata":null}','{"steps":40,"epochs":3000.0,"samplesPerStep":12,"maxSampleTokens":1024,"microBatchTokens":2048,"learningRate":0.002,"trainingSamples":12,"validationSamples":0,"skippedSamples":0,"dataTokens":228,"tokensPerStep":228,"trainTokens":684000,"longestSample":20,"expectedSeconds":null}',NULL,1,0,0,NULL,'{"started":true,"step":5,"totalSteps":40,"loss":6.667507848225632,"validLoss":null,"tokens":1140,"tokensPerSecond":556.2428366809625,"secondsLeft":1129.115,"attemptStartMillis":1796047623485,"attemptFirstStep":1}',2994,NULL,NULL,1796047612233,1796047626212,1796047612577,NULL,NULL,NULL);
INSERT INTO "jobs" VALUES('c79a5f5a-7ea0-4ffa-b02c-c2901a1ebf8b','org-vjlELMLPJxVNvxcB68n18iES','proj_xWjIJsAGBMzZhyNFUOOKwzaZ','1ed80021-faef-41dc-a719-61a7519dda58','mistral','WAITING',1,'luthier-tiny','luthier-tiny',NULL,NULL,NULL,'{"dialect":"mistral","model":"luthier-tiny","baseModel":"luthier-tiny","trainingFiles":[{"id":"dbb0ca53-0612-4724-b728-04192b7c98d1","weight":1.0,"sha256":"f2b043a004f73c51780fcdb973a09af08bb8928a67ab76bb84fce65960585ea6"}],"validationFiles":[],"hyperparameters":{"steps":20,"epochs":null,"learningRate":0.002,"weightDecay":0.1,"warmupFraction":0.05,"maxSampleTokens":null,"samplesPerStep":null},"suffix":null,"autoStart":true,"skipInvalidShare":0.0,"integrations":[],"seed":42,"startModel":null,"metadata":null}','{"steps":20,"epochs":20.0,"samplesPerStep":12,"maxSampleTokens":1024,"microBatchTokens":2048,"learningRate":0.002,"trainingSamples":12,"validationSamples":0,"skippedSamples":0,"dataTokens":228,"tokensPerStep":228,"trainTokens":4560,"longestSample":20,"expectedSeconds":null}',NULL,0,0,0,NULL,NULL,0,NULL,NULL,1796047624211,1796047624471,1796047624471,NULL,NULL,NULL);
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
INSERT INTO "organizations" VALUES('org-vjlELMLPJxVNvxcB68n18iES','default',1796047579401);
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
INSERT INTO "projects" VALUES('proj_xWjIJsAGBMzZhyNFUOOKwzaZ','org-vjlELMLPJxVNvxcB68n18iES','default',1796047579401);
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
