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
INSERT INTO "file_uses" VALUES('56e6fe63-c89a-455b-863a-eacd990f02e9','07ca2803-2204-453c-896c-9634b203a9d5');
INSERT INTO "file_uses" VALUES('56e6fe63-c89a-455b-863a-eacd990f02e9','7791aba6-0a33-459e-b533-d2df0d32c6b8');
INSERT INTO "file_uses" VALUES('56e6fe63-c89a-455b-863a-eacd990f02e9','0c1f3b90-9f27-44c2-9802-06964bceed46');
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
INSERT INTO "files" VALUES('56e6fe63-c89a-455b-863a-eacd990f02e9','org-vm8lz19XdmYHyFDYAYSycoHh','proj_RxxILofoDPecfgwG9WNVl2A3','train.jsonl','fine_tune','chat',NULL,1224,12,'f2b043a004f73c51780fcdb973a09af08bb8928a67ab76bb84fce65960585ea6',1796047698880,NULL,NULL,1);
INSERT INTO "files" VALUES('d0107a29-7e2f-44cd-bb0d-20fa5e66acb4','org-vm8lz19XdmYHyFDYAYSycoHh','proj_RxxILofoDPecfgwG9WNVl2A3','step_metrics.csv','fine_tune_results',NULL,NULL,128,4,'b0020eca63c6b9600ff583744f26dbf625dac1b9d4bfa440095b8ce2f67064be',1796047716594,NULL,NULL,1);
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
INSERT INTO "fine_tuned_models" VALUES('74d28e6b-98a5-32c0-b893-e948e05261d9','org-vm8lz19XdmYHyFDYAYSycoHh','proj_RxxILofoDPecfgwG9WNVl2A3','ft:luthier-tiny:52595eeb:20261130:88865e2d:ckpt-step-1','ft:luthier-tiny:vm8lz19XdmYHyFDYAYSycoHh::hcjuPEXv:ckpt-step-1','luthier-tiny','luthier-tiny','88865e2d-9587-47f6-993f-97fa09e4e015',1,'db37e140dae9d11cf2a5753496dc87cbe95cc2229233e8abeb1168494515ef8d',0,NULL,NULL,1796047714742);
INSERT INTO "fine_tuned_models" VALUES('d3db8e54-9252-39f4-b1db-e742ca3247b1','org-vm8lz19XdmYHyFDYAYSycoHh','proj_RxxILofoDPecfgwG9WNVl2A3','ft:luthier-tiny:52595eeb:20261130:88865e2d:ckpt-step-2','ft:luthier-tiny:vm8lz19XdmYHyFDYAYSycoHh::hcjuPEXv:ckpt-step-2','luthier-tiny','luthier-tiny','88865e2d-9587-47f6-993f-97fa09e4e015',2,'282e28e977bb46266760c4ff0e59b86d77637481583489bef20d1f0912d2b0fb',0,NULL,NULL,1796047715278);
INSERT INTO "fine_tuned_models" VALUES('3ba740d2-2865-3eb2-bcad-f568e8a43f42','org-vm8lz19XdmYHyFDYAYSycoHh','proj_RxxILofoDPecfgwG9WNVl2A3','ft:luthier-tiny:52595eeb:20261130:88865e2d:ckpt-step-3','ft:luthier-tiny:vm8lz19XdmYHyFDYAYSycoHh::hcjuPEXv:ckpt-step-3','luthier-tiny','luthier-tiny','88865e2d-9587-47f6-993f-97fa09e4e015',3,'a3b5c9a514a137dada6e61a3c037e987bf872652981fcbd7ddacb1c65d0909ab',0,NULL,NULL,1796047715684);
INSERT INTO "fine_tuned_models" VALUES('4ee496f4-bf83-322b-a3e8-3b4711a2f362','org-vm8lz19XdmYHyFDYAYSycoHh','proj_RxxILofoDPecfgwG9WNVl2A3','ft:luthier-tiny:52595eeb:20261130:88865e2d','ft:luthier-tiny:vm8lz19XdmYHyFDYAYSycoHh::hcjuPEXv','luthier-tiny','luthier-tiny','88865e2d-9587-47f6-993f-97fa09e4e015',NULL,'a3b5c9a514a137dada6e61a3c037e987bf872652981fcbd7ddacb1c65d0909ab',0,NULL,NULL,1796047716587);
INSERT INTO "fine_tuned_models" VALUES('54c6d18f-d781-321e-91c6-7aec8171e1fd','org-vm8lz19XdmYHyFDYAYSycoHh','proj_RxxILofoDPecfgwG9WNVl2A3','ft:luthier-tiny:52595eeb:20261130:07ca2803:ckpt-step-2','ft:luthier-tiny:vm8lz19XdmYHyFDYAYSycoHh::DYE5BBVR:ckpt-step-2','luthier-tiny','luthier-tiny','07ca2803-2204-453c-896c-9634b203a9d5',2,'235c7c5d4ded3f7eb41ae7824bb8f83b6d71ffbdb051c5f8d90cfdfc68751ef1',0,NULL,NULL,1796047731462);
INSERT INTO "fine_tuned_models" VALUES('f7b6bd18-024b-39db-a00a-2899902bbe8c','org-vm8lz19XdmYHyFDYAYSycoHh','proj_RxxILofoDPecfgwG9WNVl2A3','ft:luthier-tiny:52595eeb:20261130:07ca2803:ckpt-step-3','ft:luthier-tiny:vm8lz19XdmYHyFDYAYSycoHh::DYE5BBVR:ckpt-step-3','luthier-tiny','luthier-tiny','07ca2803-2204-453c-896c-9634b203a9d5',3,'a2f50cf307082b4058bf871e0cb4f5a2597d82bf6338f304443bd8176dfd7966',0,NULL,NULL,1796047731758);
INSERT INTO "fine_tuned_models" VALUES('13450ace-0f43-3323-8ed1-8eafde05156c','org-vm8lz19XdmYHyFDYAYSycoHh','proj_RxxILofoDPecfgwG9WNVl2A3','ft:luthier-tiny:52595eeb:20261130:07ca2803:ckpt-step-4','ft:luthier-tiny:vm8lz19XdmYHyFDYAYSycoHh::DYE5BBVR:ckpt-step-4','luthier-tiny','luthier-tiny','07ca2803-2204-453c-896c-9634b203a9d5',4,'88202a9ae6f01694eee238e9ca2a2cf4601355e2712125e4c01309f9d49badd1',0,NULL,NULL,1796047732176);
INSERT INTO "fine_tuned_models" VALUES('54dbb64b-74ef-3141-9bb9-f080c9def497','org-vm8lz19XdmYHyFDYAYSycoHh','proj_RxxILofoDPecfgwG9WNVl2A3','ft:luthier-tiny:52595eeb:20261130:7791aba6:ckpt-step-3','ft:luthier-tiny:vm8lz19XdmYHyFDYAYSycoHh::mT028eSD:ckpt-step-3','luthier-tiny','luthier-tiny','7791aba6-0a33-459e-b533-d2df0d32c6b8',3,'a2f50cf307082b4058bf871e0cb4f5a2597d82bf6338f304443bd8176dfd7966',0,NULL,NULL,1796047748699);
INSERT INTO "fine_tuned_models" VALUES('12a449bd-2aa6-3125-b2ae-9b6dae9e0da3','org-vm8lz19XdmYHyFDYAYSycoHh','proj_RxxILofoDPecfgwG9WNVl2A3','ft:luthier-tiny:52595eeb:20261130:7791aba6:ckpt-step-4','ft:luthier-tiny:vm8lz19XdmYHyFDYAYSycoHh::mT028eSD:ckpt-step-4','luthier-tiny','luthier-tiny','7791aba6-0a33-459e-b533-d2df0d32c6b8',4,'88202a9ae6f01694eee238e9ca2a2cf4601355e2712125e4c01309f9d49badd1',0,NULL,NULL,1796047749182);
INSERT INTO "fine_tuned_models" VALUES('768f140b-3f92-3951-8450-3800378bf0e0','org-vm8lz19XdmYHyFDYAYSycoHh','proj_RxxILofoDPecfgwG9WNVl2A3','ft:luthier-tiny:52595eeb:20261130:7791aba6:ckpt-step-5','ft:luthier-tiny:vm8lz19XdmYHyFDYAYSycoHh::mT028eSD:ckpt-step-5','luthier-tiny','luthier-tiny','7791aba6-0a33-459e-b533-d2df0d32c6b8',5,'3536fb94133f9d6a9acd10bf7164d04514acbddaebde624c4c097646d95b90ba',0,NULL,NULL,1796047749674);
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
INSERT INTO "flyway_schema_history" VALUES(1,'1','keys and files','SQL','V1__keys_and_files.sql',96261445,'','2026-11-30 14:08:12.436',65,1);
INSERT INTO "flyway_schema_history" VALUES(2,'2','jobs','SQL','V2__jobs.sql',-1301451391,'','2026-11-30 14:08:12.576',1,1);
INSERT INTO "flyway_schema_history" VALUES(3,'3','models','SQL','V3__models.sql',-588294286,'','2026-11-30 14:08:12.619',0,1);
INSERT INTO "flyway_schema_history" VALUES(4,'4','openai jobs','SQL','V4__openai_jobs.sql',1030376453,'','2026-11-30 14:08:12.673',1,1);
INSERT INTO "flyway_schema_history" VALUES(5,'5','snapshots','SQL','V5__snapshots.sql',-947432971,'','2026-11-30 14:08:12.772',38,1);
INSERT INTO "flyway_schema_history" VALUES(6,'6','file purposes and uploads','SQL','V6__file_purposes_and_uploads.sql',988077177,'','2026-11-30 14:08:12.832',2,1);
INSERT INTO "flyway_schema_history" VALUES(7,'7','idempotent answers','SQL','V7__idempotent_answers.sql',-132276793,'','2026-11-30 14:08:12.877',0,1);
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
INSERT INTO "job_events" VALUES('88865e2d-9587-47f6-993f-97fa09e4e015',1,1796047699816,'RECEIVED','INFO','Created fine-tuning job: 88865e2d-9587-47f6-993f-97fa09e4e015','{}','message');
INSERT INTO "job_events" VALUES('88865e2d-9587-47f6-993f-97fa09e4e015',2,1796047700581,'VALIDATING','INFO','Validating training file: 56e6fe63-c89a-455b-863a-eacd990f02e9','{}','message');
INSERT INTO "job_events" VALUES('88865e2d-9587-47f6-993f-97fa09e4e015',14,1796047716600,'SUCCEEDED','INFO','The job has successfully completed','{"fine_tuned_model":"ft:luthier-tiny:52595eeb:20261130:88865e2d","trained_tokens":684,"train_seconds":1.518739919}','message');
INSERT INTO "job_events" VALUES('07ca2803-2204-453c-896c-9634b203a9d5',1,1796047716766,'RECEIVED','INFO','Created fine-tuning job: 07ca2803-2204-453c-896c-9634b203a9d5','{}','message');
INSERT INTO "job_events" VALUES('07ca2803-2204-453c-896c-9634b203a9d5',2,1796047716841,'VALIDATING','INFO','Validating training file: 56e6fe63-c89a-455b-863a-eacd990f02e9','{}','message');
INSERT INTO "job_events" VALUES('7791aba6-0a33-459e-b533-d2df0d32c6b8',1,1796047733120,'RECEIVED','INFO','Created fine-tuning job: 7791aba6-0a33-459e-b533-d2df0d32c6b8','{}','message');
INSERT INTO "job_events" VALUES('7791aba6-0a33-459e-b533-d2df0d32c6b8',2,1796047733138,'VALIDATING','INFO','Validating training file: 56e6fe63-c89a-455b-863a-eacd990f02e9','{}','message');
INSERT INTO "job_events" VALUES('0c1f3b90-9f27-44c2-9802-06964bceed46',1,1796047748744,'RECEIVED','INFO','Created fine-tuning job: 0c1f3b90-9f27-44c2-9802-06964bceed46','{}','message');
INSERT INTO "job_events" VALUES('0c1f3b90-9f27-44c2-9802-06964bceed46',2,1796047748826,'VALIDATING','INFO','Validating training file: 56e6fe63-c89a-455b-863a-eacd990f02e9','{}','message');
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
INSERT INTO "job_snapshots" VALUES('88865e2d-9587-47f6-993f-97fa09e4e015',1,1,'snapshots/step-000001',1796047714742);
INSERT INTO "job_snapshots" VALUES('88865e2d-9587-47f6-993f-97fa09e4e015',2,2,'snapshots/step-000002',1796047715278);
INSERT INTO "job_snapshots" VALUES('88865e2d-9587-47f6-993f-97fa09e4e015',3,3,'snapshots/step-000003',1796047715684);
INSERT INTO "job_snapshots" VALUES('07ca2803-2204-453c-896c-9634b203a9d5',1,1,'snapshots/step-000001',1796047731180);
INSERT INTO "job_snapshots" VALUES('07ca2803-2204-453c-896c-9634b203a9d5',2,2,'snapshots/step-000002',1796047731462);
INSERT INTO "job_snapshots" VALUES('07ca2803-2204-453c-896c-9634b203a9d5',3,3,'snapshots/step-000003',1796047731758);
INSERT INTO "job_snapshots" VALUES('07ca2803-2204-453c-896c-9634b203a9d5',4,4,'snapshots/step-000004',1796047732176);
INSERT INTO "job_snapshots" VALUES('7791aba6-0a33-459e-b533-d2df0d32c6b8',1,1,'snapshots/step-000001',1796047747779);
INSERT INTO "job_snapshots" VALUES('7791aba6-0a33-459e-b533-d2df0d32c6b8',2,2,'snapshots/step-000002',1796047748274);
INSERT INTO "job_snapshots" VALUES('7791aba6-0a33-459e-b533-d2df0d32c6b8',3,3,'snapshots/step-000003',1796047748699);
INSERT INTO "job_snapshots" VALUES('7791aba6-0a33-459e-b533-d2df0d32c6b8',4,4,'snapshots/step-000004',1796047749182);
INSERT INTO "job_snapshots" VALUES('7791aba6-0a33-459e-b533-d2df0d32c6b8',5,5,'snapshots/step-000005',1796047749674);
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
INSERT INTO "jobs" VALUES('88865e2d-9587-47f6-993f-97fa09e4e015','org-vm8lz19XdmYHyFDYAYSycoHh','proj_RxxILofoDPecfgwG9WNVl2A3','101646c2-5119-4e72-85e9-9cd3053e6e2c','mistral','SUCCEEDED',1,'luthier-tiny','luthier-tiny',NULL,NULL,NULL,'{"dialect":"mistral","model":"luthier-tiny","baseModel":"luthier-tiny","trainingFiles":[{"id":"56e6fe63-c89a-455b-863a-eacd990f02e9","weight":1.0,"sha256":"f2b043a004f73c51780fcdb973a09af08bb8928a67ab76bb84fce65960585ea6"}],"validationFiles":[],"hyperparameters":{"steps":3,"epochs":null,"learningRate":0.002,"weightDecay":0.1,"warmupFraction":0.05,"maxSampleTokens":null,"samplesPerStep":null},"suffix":null,"autoStart":true,"skipInvalidShare":0.0,"integrations":[],"seed":42,"startModel":null,"metadata":null,"training":{"lora":{"rank":16,"alpha":32.0,"targets":["q_proj","k_proj","v_proj","o_proj","gate_proj","up_proj","down_proj"],"rsLora":false,"dora":false,"topLayers":0},"baseType":"bf16","quantization":"none","packTokens":2048,"samplesPerStep":16,"batchTokens":0,"maxSampleTokens":0,"memoryTier":null,"recipe":null}}','{"steps":3,"epochs":3.0,"samplesPerStep":12,"maxSampleTokens":1024,"microBatchTokens":2048,"learningRate":0.002,"trainingSamples":12,"validationSamples":0,"skippedSamples":0,"dataTokens":228,"tokensPerStep":228,"trainTokens":684,"longestSample":20,"expectedSeconds":null,"memoryTier":"keep"}',NULL,1,0,0,NULL,'{"started":true,"step":3,"totalSteps":3,"loss":2.7704278156107565,"validLoss":null,"tokens":684,"tokensPerSecond":648.7418423060751,"secondsLeft":0.0,"attemptStartMillis":1796047714267,"attemptFirstStep":1}',1829,684,'ft:luthier-tiny:52595eeb:20261130:88865e2d',1796047699816,1796047716600,1796047703018,1796047716600,'ft:luthier-tiny:vm8lz19XdmYHyFDYAYSycoHh::hcjuPEXv','d0107a29-7e2f-44cd-bb0d-20fa5e66acb4');
INSERT INTO "jobs" VALUES('07ca2803-2204-453c-896c-9634b203a9d5','org-vm8lz19XdmYHyFDYAYSycoHh','proj_RxxILofoDPecfgwG9WNVl2A3','101646c2-5119-4e72-85e9-9cd3053e6e2c','mistral','PAUSED',1,'luthier-tiny','luthier-tiny',NULL,NULL,NULL,'{"dialect":"mistral","model":"luthier-tiny","baseModel":"luthier-tiny","trainingFiles":[{"id":"56e6fe63-c89a-455b-863a-eacd990f02e9","weight":1.0,"sha256":"f2b043a004f73c51780fcdb973a09af08bb8928a67ab76bb84fce65960585ea6"}],"validationFiles":[],"hyperparameters":{"steps":40,"epochs":null,"learningRate":0.002,"weightDecay":0.1,"warmupFraction":0.05,"maxSampleTokens":null,"samplesPerStep":null},"suffix":null,"autoStart":true,"skipInvalidShare":0.0,"integrations":[],"seed":42,"startModel":null,"metadata":null,"training":{"lora":{"rank":16,"alpha":32.0,"targets":["q_proj","k_proj","v_proj","o_proj","gate_proj","up_proj","down_proj"],"rsLora":false,"dora":false,"topLayers":0},"baseType":"bf16","quantization":"none","packTokens":2048,"samplesPerStep":16,"batchTokens":0,"maxSampleTokens":0,"memoryTier":null,"recipe":null}}','{"steps":40,"epochs":3000.0,"samplesPerStep":12,"maxSampleTokens":1024,"microBatchTokens":2048,"learningRate":0.002,"trainingSamples":12,"validationSamples":0,"skippedSamples":0,"dataTokens":228,"tokensPerStep":228,"trainTokens":684000,"longestSample":20,"expectedSeconds":null,"memoryTier":"keep"}',NULL,1,0,0,NULL,'{"started":true,"step":4,"totalSteps":40,"loss":6.719000215476884,"validLoss":null,"tokens":912,"tokensPerSecond":715.5840217808712,"secondsLeft":1386.1493333333333,"attemptStartMillis":1796047730705,"attemptFirstStep":1}',2426,NULL,NULL,1796047716766,1796047733032,1796047718106,NULL,NULL,NULL);
INSERT INTO "jobs" VALUES('7791aba6-0a33-459e-b533-d2df0d32c6b8','org-vm8lz19XdmYHyFDYAYSycoHh','proj_RxxILofoDPecfgwG9WNVl2A3','101646c2-5119-4e72-85e9-9cd3053e6e2c','mistral','WAITING',1,'luthier-tiny','luthier-tiny',NULL,NULL,NULL,'{"dialect":"mistral","model":"luthier-tiny","baseModel":"luthier-tiny","trainingFiles":[{"id":"56e6fe63-c89a-455b-863a-eacd990f02e9","weight":1.0,"sha256":"f2b043a004f73c51780fcdb973a09af08bb8928a67ab76bb84fce65960585ea6"}],"validationFiles":[],"hyperparameters":{"steps":40,"epochs":null,"learningRate":0.002,"weightDecay":0.1,"warmupFraction":0.05,"maxSampleTokens":null,"samplesPerStep":null},"suffix":null,"autoStart":true,"skipInvalidShare":0.0,"integrations":[],"seed":42,"startModel":null,"metadata":null,"training":{"lora":{"rank":16,"alpha":32.0,"targets":["q_proj","k_proj","v_proj","o_proj","gate_proj","up_proj","down_proj"],"rsLora":false,"dora":false,"topLayers":0},"baseType":"bf16","quantization":"none","packTokens":2048,"samplesPerStep":16,"batchTokens":0,"maxSampleTokens":0,"memoryTier":null,"recipe":null}}','{"steps":40,"epochs":3000.0,"samplesPerStep":12,"maxSampleTokens":1024,"microBatchTokens":2048,"learningRate":0.002,"trainingSamples":12,"validationSamples":0,"skippedSamples":0,"dataTokens":228,"tokensPerStep":228,"trainTokens":684000,"longestSample":20,"expectedSeconds":null,"memoryTier":"keep"}',NULL,1,0,0,NULL,'{"started":true,"step":5,"totalSteps":40,"loss":6.667507848225632,"validLoss":null,"tokens":1140,"tokensPerSecond":603.2495226159767,"secondsLeft":1659.97875,"attemptStartMillis":1796047747378,"attemptFirstStep":1}',2991,NULL,NULL,1796047733120,1796047750629,1796047733792,NULL,NULL,NULL);
INSERT INTO "jobs" VALUES('0c1f3b90-9f27-44c2-9802-06964bceed46','org-vm8lz19XdmYHyFDYAYSycoHh','proj_RxxILofoDPecfgwG9WNVl2A3','101646c2-5119-4e72-85e9-9cd3053e6e2c','mistral','WAITING',1,'luthier-tiny','luthier-tiny',NULL,NULL,NULL,'{"dialect":"mistral","model":"luthier-tiny","baseModel":"luthier-tiny","trainingFiles":[{"id":"56e6fe63-c89a-455b-863a-eacd990f02e9","weight":1.0,"sha256":"f2b043a004f73c51780fcdb973a09af08bb8928a67ab76bb84fce65960585ea6"}],"validationFiles":[],"hyperparameters":{"steps":20,"epochs":null,"learningRate":0.002,"weightDecay":0.1,"warmupFraction":0.05,"maxSampleTokens":null,"samplesPerStep":null},"suffix":null,"autoStart":true,"skipInvalidShare":0.0,"integrations":[],"seed":42,"startModel":null,"metadata":null,"training":{"lora":{"rank":16,"alpha":32.0,"targets":["q_proj","k_proj","v_proj","o_proj","gate_proj","up_proj","down_proj"],"rsLora":false,"dora":false,"topLayers":0},"baseType":"bf16","quantization":"none","packTokens":2048,"samplesPerStep":16,"batchTokens":0,"maxSampleTokens":0,"memoryTier":null,"recipe":null}}','{"steps":20,"epochs":20.0,"samplesPerStep":12,"maxSampleTokens":1024,"microBatchTokens":2048,"learningRate":0.002,"trainingSamples":12,"validationSamples":0,"skippedSamples":0,"dataTokens":228,"tokensPerStep":228,"trainTokens":4560,"longestSample":20,"expectedSeconds":null,"memoryTier":"keep"}',NULL,0,0,0,NULL,NULL,0,NULL,NULL,1796047748744,1796047748993,1796047748993,NULL,NULL,NULL);
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
INSERT INTO "organizations" VALUES('org-vm8lz19XdmYHyFDYAYSycoHh','default',1796047697425);
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
INSERT INTO "projects" VALUES('proj_RxxILofoDPecfgwG9WNVl2A3','org-vm8lz19XdmYHyFDYAYSycoHh','default',1796047697425);
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
