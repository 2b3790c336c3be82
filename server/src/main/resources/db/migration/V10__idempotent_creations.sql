-- What a request has created that a client may send again. Written in the transaction of the created object, so that a
-- repetition finds it also when the server was killed before the answer was kept. Times are epoch milliseconds.

create table idempotent_creations (
    key_id       text not null,     -- as in idempotent_answers
    name         text not null,
    request_hash text not null,
    object_id    text not null,
    expires_at   bigint not null,
    primary key (key_id, name)
);
create index idempotent_creations_by_expiry on idempotent_creations (expires_at);
