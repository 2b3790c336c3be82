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
INSERT INTO "file_uses" VALUES('02fffc49-bb2d-445e-b27d-9bd338dcf82c','640d5f66-cc1b-4bae-b367-159d1c8c1416');
INSERT INTO "file_uses" VALUES('02fffc49-bb2d-445e-b27d-9bd338dcf82c','19b1c9d3-6401-4e63-970a-eb0c59e4e53b');
INSERT INTO "file_uses" VALUES('02fffc49-bb2d-445e-b27d-9bd338dcf82c','f7c3e781-90a4-4374-9087-041f689cd16b');
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
INSERT INTO "files" VALUES('02fffc49-bb2d-445e-b27d-9bd338dcf82c','org-IeALo3K5WjI3xrvsO7gqHEPQ','proj__0K6AlsQGUr8EcExuSGOyyeC','train.jsonl','fine_tune','chat',NULL,1224,12,'f2b043a004f73c51780fcdb973a09af08bb8928a67ab76bb84fce65960585ea6',1796047646115,NULL,NULL,1);
INSERT INTO "files" VALUES('fd037a3f-7eef-46f4-b88c-5d02641559b4','org-IeALo3K5WjI3xrvsO7gqHEPQ','proj__0K6AlsQGUr8EcExuSGOyyeC','step_metrics.csv','fine_tune_results',NULL,NULL,128,4,'808ddafac79c8492895c488dea9bb66f2367537a2fb486076a6af5f804e56c6e',1796047661980,NULL,NULL,1);
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
INSERT INTO "fine_tuned_models" VALUES('7baabf80-9326-3e37-b243-e5992be3f331','org-IeALo3K5WjI3xrvsO7gqHEPQ','proj__0K6AlsQGUr8EcExuSGOyyeC','ft:luthier-tiny:14ac3136:20261130:58b9da60:ckpt-step-1','ft:luthier-tiny:IeALo3K5WjI3xrvsO7gqHEPQ::nfrHA4Iz:ckpt-step-1','luthier-tiny','luthier-tiny','58b9da60-abbf-465c-949c-e279bbc51cd7',1,'92c6280a2e4fd1e8dcb2150e08b69a6314d6836252732fb5f1427a389d288e22',0,NULL,NULL,1796047660511);
INSERT INTO "fine_tuned_models" VALUES('8cd31d77-f5cd-3616-99f1-f71084e6d726','org-IeALo3K5WjI3xrvsO7gqHEPQ','proj__0K6AlsQGUr8EcExuSGOyyeC','ft:luthier-tiny:14ac3136:20261130:58b9da60:ckpt-step-2','ft:luthier-tiny:IeALo3K5WjI3xrvsO7gqHEPQ::nfrHA4Iz:ckpt-step-2','luthier-tiny','luthier-tiny','58b9da60-abbf-465c-949c-e279bbc51cd7',2,'5140d5e1dcee10db4f90b9db00ffff09c8fac17a001737955914e08c3e270d93',0,NULL,NULL,1796047660998);
INSERT INTO "fine_tuned_models" VALUES('29fbb7e2-fb34-3578-a5f4-ab2815db3471','org-IeALo3K5WjI3xrvsO7gqHEPQ','proj__0K6AlsQGUr8EcExuSGOyyeC','ft:luthier-tiny:14ac3136:20261130:58b9da60:ckpt-step-3','ft:luthier-tiny:IeALo3K5WjI3xrvsO7gqHEPQ::nfrHA4Iz:ckpt-step-3','luthier-tiny','luthier-tiny','58b9da60-abbf-465c-949c-e279bbc51cd7',3,'46595ec4245974c12b92ee68b924232a0c9dda7c8ad998056b14fa23280d392c',0,NULL,NULL,1796047661127);
INSERT INTO "fine_tuned_models" VALUES('6fd0da7a-a30f-3edd-9c06-a5e7011a3288','org-IeALo3K5WjI3xrvsO7gqHEPQ','proj__0K6AlsQGUr8EcExuSGOyyeC','ft:luthier-tiny:14ac3136:20261130:58b9da60','ft:luthier-tiny:IeALo3K5WjI3xrvsO7gqHEPQ::nfrHA4Iz','luthier-tiny','luthier-tiny','58b9da60-abbf-465c-949c-e279bbc51cd7',NULL,'46595ec4245974c12b92ee68b924232a0c9dda7c8ad998056b14fa23280d392c',0,NULL,NULL,1796047661943);
INSERT INTO "fine_tuned_models" VALUES('da8dd3fb-b4a9-3df2-b6f5-175e27a282c7','org-IeALo3K5WjI3xrvsO7gqHEPQ','proj__0K6AlsQGUr8EcExuSGOyyeC','ft:luthier-tiny:14ac3136:20261130:640d5f66:ckpt-step-2','ft:luthier-tiny:IeALo3K5WjI3xrvsO7gqHEPQ::m8uN9jwI:ckpt-step-2','luthier-tiny','luthier-tiny','640d5f66-cc1b-4bae-b367-159d1c8c1416',2,'2bf88f4c4a0538a57cc9959fd2b695a215728fdea84a6deada9828221ac95d87',0,NULL,NULL,1796047672208);
INSERT INTO "fine_tuned_models" VALUES('c9e6714c-d541-3073-a1df-debe484af119','org-IeALo3K5WjI3xrvsO7gqHEPQ','proj__0K6AlsQGUr8EcExuSGOyyeC','ft:luthier-tiny:14ac3136:20261130:640d5f66:ckpt-step-3','ft:luthier-tiny:IeALo3K5WjI3xrvsO7gqHEPQ::m8uN9jwI:ckpt-step-3','luthier-tiny','luthier-tiny','640d5f66-cc1b-4bae-b367-159d1c8c1416',3,'52c1c94f7a54ebd09d4d76b945c379bc77b29e8d81acd98c8a04df94a69e037b',0,NULL,NULL,1796047672422);
INSERT INTO "fine_tuned_models" VALUES('96ce4013-2acc-3d42-a036-ffbc60cbc02a','org-IeALo3K5WjI3xrvsO7gqHEPQ','proj__0K6AlsQGUr8EcExuSGOyyeC','ft:luthier-tiny:14ac3136:20261130:640d5f66:ckpt-step-4','ft:luthier-tiny:IeALo3K5WjI3xrvsO7gqHEPQ::m8uN9jwI:ckpt-step-4','luthier-tiny','luthier-tiny','640d5f66-cc1b-4bae-b367-159d1c8c1416',4,'632b09aa3eab523dd23e1e3e63acea8d2fed9286f4a23ed036152d361d9a8c73',0,NULL,NULL,1796047672711);
INSERT INTO "fine_tuned_models" VALUES('f2b4e083-52d7-34e8-8b7c-1b5c5f288d1d','org-IeALo3K5WjI3xrvsO7gqHEPQ','proj__0K6AlsQGUr8EcExuSGOyyeC','ft:luthier-tiny:14ac3136:20261130:19b1c9d3:ckpt-step-3','ft:luthier-tiny:IeALo3K5WjI3xrvsO7gqHEPQ::GgrHf6Uj:ckpt-step-3','luthier-tiny','luthier-tiny','19b1c9d3-6401-4e63-970a-eb0c59e4e53b',3,'52c1c94f7a54ebd09d4d76b945c379bc77b29e8d81acd98c8a04df94a69e037b',0,NULL,NULL,1796047682032);
INSERT INTO "fine_tuned_models" VALUES('d6005301-9cad-387e-b519-dda7460239ed','org-IeALo3K5WjI3xrvsO7gqHEPQ','proj__0K6AlsQGUr8EcExuSGOyyeC','ft:luthier-tiny:14ac3136:20261130:19b1c9d3:ckpt-step-4','ft:luthier-tiny:IeALo3K5WjI3xrvsO7gqHEPQ::GgrHf6Uj:ckpt-step-4','luthier-tiny','luthier-tiny','19b1c9d3-6401-4e63-970a-eb0c59e4e53b',4,'632b09aa3eab523dd23e1e3e63acea8d2fed9286f4a23ed036152d361d9a8c73',0,NULL,NULL,1796047682259);
INSERT INTO "fine_tuned_models" VALUES('1dd19434-2c43-32bb-9773-39b8b6fb7f77','org-IeALo3K5WjI3xrvsO7gqHEPQ','proj__0K6AlsQGUr8EcExuSGOyyeC','ft:luthier-tiny:14ac3136:20261130:19b1c9d3:ckpt-step-5','ft:luthier-tiny:IeALo3K5WjI3xrvsO7gqHEPQ::GgrHf6Uj:ckpt-step-5','luthier-tiny','luthier-tiny','19b1c9d3-6401-4e63-970a-eb0c59e4e53b',5,'0cb7a43ab594fc27ed9a863ea1888d4b44d868b3a20c4898460e38339ce429ad',0,NULL,NULL,1796047682499);
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
INSERT INTO "flyway_schema_history" VALUES(1,'1','keys and files','SQL','V1__keys_and_files.sql',96261445,'','2026-11-30 14:07:18.430',31,1);
INSERT INTO "flyway_schema_history" VALUES(2,'2','jobs','SQL','V2__jobs.sql',-1301451391,'','2026-11-30 14:07:18.670',1,1);
INSERT INTO "flyway_schema_history" VALUES(3,'3','models','SQL','V3__models.sql',-588294286,'','2026-11-30 14:07:18.713',0,1);
INSERT INTO "flyway_schema_history" VALUES(4,'4','openai jobs','SQL','V4__openai_jobs.sql',1030376453,'','2026-11-30 14:07:18.805',1,1);
INSERT INTO "flyway_schema_history" VALUES(5,'5','snapshots','SQL','V5__snapshots.sql',-947432971,'','2026-11-30 14:07:18.925',12,1);
INSERT INTO "flyway_schema_history" VALUES(6,'6','file purposes and uploads','SQL','V6__file_purposes_and_uploads.sql',988077177,'','2026-11-30 14:07:18.999',27,1);
INSERT INTO "flyway_schema_history" VALUES(7,'7','idempotent answers','SQL','V7__idempotent_answers.sql',-132276793,'','2026-11-30 14:07:19.057',0,1);
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
INSERT INTO "job_events" VALUES('58b9da60-abbf-465c-949c-e279bbc51cd7',1,1796047646834,'RECEIVED','INFO','Created fine-tuning job: 58b9da60-abbf-465c-949c-e279bbc51cd7','{}','message');
INSERT INTO "job_events" VALUES('58b9da60-abbf-465c-949c-e279bbc51cd7',2,1796047647582,'VALIDATING','INFO','Validating training file: 02fffc49-bb2d-445e-b27d-9bd338dcf82c','{}','message');
INSERT INTO "job_events" VALUES('58b9da60-abbf-465c-949c-e279bbc51cd7',14,1796047662002,'SUCCEEDED','INFO','The job has successfully completed','{"fine_tuned_model":"ft:luthier-tiny:14ac3136:20261130:58b9da60","trained_tokens":684,"train_seconds":0.898468098}','message');
INSERT INTO "job_events" VALUES('640d5f66-cc1b-4bae-b367-159d1c8c1416',1,1796047662045,'RECEIVED','INFO','Created fine-tuning job: 640d5f66-cc1b-4bae-b367-159d1c8c1416','{}','message');
INSERT INTO "job_events" VALUES('640d5f66-cc1b-4bae-b367-159d1c8c1416',2,1796047662069,'VALIDATING','INFO','Validating training file: 02fffc49-bb2d-445e-b27d-9bd338dcf82c','{}','message');
INSERT INTO "job_events" VALUES('19b1c9d3-6401-4e63-970a-eb0c59e4e53b',1,1796047673400,'RECEIVED','INFO','Created fine-tuning job: 19b1c9d3-6401-4e63-970a-eb0c59e4e53b','{}','message');
INSERT INTO "job_events" VALUES('19b1c9d3-6401-4e63-970a-eb0c59e4e53b',2,1796047673450,'VALIDATING','INFO','Validating training file: 02fffc49-bb2d-445e-b27d-9bd338dcf82c','{}','message');
INSERT INTO "job_events" VALUES('f7c3e781-90a4-4374-9087-041f689cd16b',1,1796047682052,'RECEIVED','INFO','Created fine-tuning job: f7c3e781-90a4-4374-9087-041f689cd16b','{}','message');
INSERT INTO "job_events" VALUES('f7c3e781-90a4-4374-9087-041f689cd16b',2,1796047682068,'VALIDATING','INFO','Validating training file: 02fffc49-bb2d-445e-b27d-9bd338dcf82c','{}','message');
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
INSERT INTO "job_snapshots" VALUES('58b9da60-abbf-465c-949c-e279bbc51cd7',1,1,'snapshots/step-000001',1796047660511);
INSERT INTO "job_snapshots" VALUES('58b9da60-abbf-465c-949c-e279bbc51cd7',2,2,'snapshots/step-000002',1796047660998);
INSERT INTO "job_snapshots" VALUES('58b9da60-abbf-465c-949c-e279bbc51cd7',3,3,'snapshots/step-000003',1796047661127);
INSERT INTO "job_snapshots" VALUES('640d5f66-cc1b-4bae-b367-159d1c8c1416',1,1,'snapshots/step-000001',1796047671956);
INSERT INTO "job_snapshots" VALUES('640d5f66-cc1b-4bae-b367-159d1c8c1416',2,2,'snapshots/step-000002',1796047672208);
INSERT INTO "job_snapshots" VALUES('640d5f66-cc1b-4bae-b367-159d1c8c1416',3,3,'snapshots/step-000003',1796047672422);
INSERT INTO "job_snapshots" VALUES('640d5f66-cc1b-4bae-b367-159d1c8c1416',4,4,'snapshots/step-000004',1796047672711);
INSERT INTO "job_snapshots" VALUES('19b1c9d3-6401-4e63-970a-eb0c59e4e53b',1,1,'snapshots/step-000001',1796047681497);
INSERT INTO "job_snapshots" VALUES('19b1c9d3-6401-4e63-970a-eb0c59e4e53b',2,2,'snapshots/step-000002',1796047681733);
INSERT INTO "job_snapshots" VALUES('19b1c9d3-6401-4e63-970a-eb0c59e4e53b',3,3,'snapshots/step-000003',1796047682032);
INSERT INTO "job_snapshots" VALUES('19b1c9d3-6401-4e63-970a-eb0c59e4e53b',4,4,'snapshots/step-000004',1796047682259);
INSERT INTO "job_snapshots" VALUES('19b1c9d3-6401-4e63-970a-eb0c59e4e53b',5,5,'snapshots/step-000005',1796047682499);
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
INSERT INTO "jobs" VALUES('58b9da60-abbf-465c-949c-e279bbc51cd7','org-IeALo3K5WjI3xrvsO7gqHEPQ','proj__0K6AlsQGUr8EcExuSGOyyeC','a5d3a4af-8ec2-4ffb-8cf5-d8d556f582e1','mistral','SUCCEEDED',1,'luthier-tiny','luthier-tiny',NULL,NULL,NULL,'{"dialect":"mistral","model":"luthier-tiny","baseModel":"luthier-tiny","trainingFiles":[{"id":"02fffc49-bb2d-445e-b27d-9bd338dcf82c","weight":1.0,"sha256":"f2b043a004f73c51780fcdb973a09af08bb8928a67ab76bb84fce65960585ea6"}],"validationFiles":[],"hyperparameters":{"steps":3,"epochs":null,"learningRate":0.002,"weightDecay":0.1,"warmupFraction":0.05,"maxSampleTokens":null,"samplesPerStep":null},"suffix":null,"autoStart":true,"skipInvalidShare":0.0,"integrations":[],"seed":42,"startModel":null,"metadata":null,"training":{"lora":{"rank":16,"alpha":32.0,"targets":["q_proj","k_proj","v_proj","o_proj","gate_proj","up_proj","down_proj"],"rsLora":false,"dora":false,"topLayers":0},"baseType":"bf16","quantization":"none","packTokens":2048,"samplesPerStep":16,"batchTokens":0,"maxSampleTokens":0,"memoryTier":null,"recipe":null}}','{"steps":3,"epochs":3.0,"samplesPerStep":12,"maxSampleTokens":1024,"microBatchTokens":2048,"learningRate":0.002,"trainingSamples":12,"validationSamples":0,"skippedSamples":0,"dataTokens":228,"tokensPerStep":228,"trainTokens":684,"longestSample":20,"expectedSeconds":null,"memoryTier":"keep","expectedPeakBytes":387384960,"expectedStepSeconds":null,"work":{"tokens":684,"targets":210.0,"pairs":13008.0}}',NULL,1,0,0,NULL,'{"started":true,"step":3,"totalSteps":3,"loss":2.7705269322889445,"validLoss":null,"tokens":684,"tokensPerSecond":2312.8067239458946,"secondsLeft":0.0,"attemptStartMillis":1796047660165,"attemptFirstStep":1}',1830,684,'ft:luthier-tiny:14ac3136:20261130:58b9da60',1796047646834,1796047662002,1796047649505,1796047662002,'ft:luthier-tiny:IeALo3K5WjI3xrvsO7gqHEPQ::nfrHA4Iz','fd037a3f-7eef-46f4-b88c-5d02641559b4');
INSERT INTO "jobs" VALUES('640d5f66-cc1b-4bae-b367-159d1c8c1416','org-IeALo3K5WjI3xrvsO7gqHEPQ','proj__0K6AlsQGUr8EcExuSGOyyeC','a5d3a4af-8ec2-4ffb-8cf5-d8d556f582e1','mistral','PAUSED',1,'luthier-tiny','luthier-tiny',NULL,NULL,NULL,'{"dialect":"mistral","model":"luthier-tiny","baseModel":"luthier-tiny","trainingFiles":[{"id":"02fffc49-bb2d-445e-b27d-9bd338dcf82c","weight":1.0,"sha256":"f2b043a004f73c51780fcdb973a09af08bb8928a67ab76bb84fce65960585ea6"}],"validationFiles":[],"hyperparameters":{"steps":40,"epochs":null,"learningRate":0.002,"weightDecay":0.1,"warmupFraction":0.05,"maxSampleTokens":null,"samplesPerStep":null},"suffix":null,"autoStart":true,"skipInvalidShare":0.0,"integrations":[],"seed":42,"startModel":null,"metadata":null,"training":{"lora":{"rank":16,"alpha":32.0,"targets":["q_proj","k_proj","v_proj","o_proj","gate_proj","up_proj","down_proj"],"rsLora":false,"dora":false,"topLayers":0},"baseType":"bf16","quantization":"none","packTokens":2048,"samplesPerStep":16,"batchTokens":0,"maxSampleTokens":0,"memoryTier":null,"recipe":null}}','{"steps":40,"epochs":3000.0,"samplesPerStep":12,"maxSampleTokens":1024,"microBatchTokens":2048,"learningRate":0.002,"trainingSamples":12,"validationSamples":0,"skippedSamples":0,"dataTokens":228,"tokensPerStep":228,"trainTokens":684000,"longestSample":20,"expectedSeconds":null,"memoryTier":"keep","expectedPeakBytes":387384960,"expectedStepSeconds":null,"work":{"tokens":684000,"targets":210000.0,"pairs":1.3008E7}}',NULL,1,0,0,NULL,'{"started":true,"step":4,"totalSteps":40,"loss":6.72001159834666,"validLoss":null,"tokens":912,"tokensPerSecond":1096.9531927811377,"secondsLeft":1053.5933333333332,"attemptStartMillis":1796047671576,"attemptFirstStep":1}',2425,NULL,NULL,1796047662045,1796047673353,1796047662863,NULL,NULL,NULL);
INSERT INTO "jobs" VALUES('19b1c9d3-6401-4e63-970a-eb0c59e4e53b','org-IeALo3K5WjI3xrvsO7gqHEPQ','proj__0K6AlsQGUr8EcExuSGOyyeC','a5d3a4af-8ec2-4ffb-8cf5-d8d556f582e1','mistral','WAITING',1,'luthier-tiny','luthier-tiny',NULL,NULL,NULL,'{"dialect":"mistral","model":"luthier-tiny","baseModel":"luthier-tiny","trainingFiles":[{"id":"02fffc49-bb2d-445e-b27d-9bd338dcf82c","weight":1.0,"sha256":"f2b043a004f73c51780fcdb973a09af08bb8928a67ab76bb84fce65960585ea6"}],"validationFiles":[],"hyperparameters":{"steps":40,"epochs":null,"learningRate":0.002,"weightDecay":0.1,"warmupFraction":0.05,"maxSampleTokens":null,"samplesPerStep":null},"suffix":null,"autoStart":true,"skipInvalidShare":0.0,"integrations":[],"seed":42,"startModel":null,"metadata":null,"training":{"lora":{"rank":16,"alpha":32.0,"targets":["q_proj","k_proj","v_proj","o_proj","gate_proj","up_proj","down_proj"],"rsLora":false,"dora":false,"topLayers":0},"baseType":"bf16","quantization":"none","packTokens":2048,"samplesPerStep":16,"batchTokens":0,"maxSampleTokens":0,"memoryTier":null,"recipe":null}}','{"steps":40,"epochs":3000.0,"samplesPerStep":12,"maxSampleTokens":1024,"microBatchTokens":2048,"learningRate":0.002,"trainingSamples":12,"validationSamples":0,"skippedSamples":0,"dataTokens":228,"tokensPerStep":228,"trainTokens":684000,"longestSample":20,"expectedSeconds":null,"memoryTier":"keep","expectedPeakBytes":387384960,"expectedStepSeconds":null,"work":{"tokens":684000,"targets":210000.0,"pairs":1.3008E7}}',NULL,1,0,0,NULL,'{"started":true,"step":5,"totalSteps":40,"loss":6.668827102238054,"validLoss":null,"tokens":1140,"tokensPerSecond":1349.93079562014,"secondsLeft":774.2075,"attemptStartMillis":1796047681408,"attemptFirstStep":1}',2992,NULL,NULL,1796047673400,1796047683012,1796047673884,NULL,NULL,NULL);
INSERT INTO "jobs" VALUES('f7c3e781-90a4-4374-9087-041f689cd16b','org-IeALo3K5WjI3xrvsO7gqHEPQ','proj__0K6AlsQGUr8EcExuSGOyyeC','a5d3a4af-8ec2-4ffb-8cf5-d8d556f582e1','mistral','WAITING',1,'luthier-tiny','luthier-tiny',NULL,NULL,NULL,'{"dialect":"mistral","model":"luthier-tiny","baseModel":"luthier-tiny","trainingFiles":[{"id":"02fffc49-bb2d-445e-b27d-9bd338dcf82c","weight":1.0,"sha256":"f2b043a004f73c51780fcdb973a09af08bb8928a67ab76bb84fce65960585ea6"}],"validationFiles":[],"hyperparameters":{"steps":20,"epochs":null,"learningRate":0.002,"weightDecay":0.1,"warmupFraction":0.05,"maxSampleTokens":null,"samplesPerStep":null},"suffix":null,"autoStart":true,"skipInvalidShare":0.0,"integrations":[],"seed":42,"startModel":null,"metadata":null,"training":{"lora":{"rank":16,"alpha":32.0,"targets":["q_proj","k_proj","v_proj","o_proj","gate_proj","up_proj","down_proj"],"rsLora":false,"dora":false,"topLayers":0},"baseType":"bf16","quantization":"none","packTokens":2048,"samplesPerStep":16,"batchTokens":0,"maxSampleTokens":0,"memoryTier":null,"recipe":null}}','{"steps":20,"epochs":20.0,"samplesPerStep":12,"maxSampleTokens":1024,"microBatchTokens":2048,"learningRate":0.002,"trainingSamples":12,"validationSamples":0,"skippedSamples":0,"dataTokens":228,"tokensPerStep":228,"trainTokens":4560,"longestSample":20,"expectedSeconds":null,"memoryTier":"keep","expectedPeakBytes":387384960,"expectedStepSeconds":null,"work":{"tokens":4560,"targets":1400.0,"pairs":86720.0}}',NULL,0,0,0,NULL,NULL,0,NULL,NULL,1796047682052,1796047682270,1796047682253,NULL,NULL,NULL);
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
INSERT INTO "organizations" VALUES('org-IeALo3K5WjI3xrvsO7gqHEPQ','default',1796047644640);
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
INSERT INTO "projects" VALUES('proj__0K6AlsQGUr8EcExuSGOyyeC','org-IeALo3K5WjI3xrvsO7gqHEPQ','default',1796047644640);
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
