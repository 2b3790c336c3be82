-- Answers to POST requests that a client may send again, kept until they expire. Times are epoch milliseconds.

create table idempotent_answers (
    key_id       text not null,     -- the API key that asked
    name         text not null,     -- what names the request: the client's own key, or the request's hash
    request_hash text not null,     -- SHA-256 of method, address and body
    status       integer not null,
    headers      text not null,     -- JSON object
    body         blob not null,
    expires_at   bigint not null,
    primary key (key_id, name)
);
create index idempotent_answers_by_expiry on idempotent_answers (expires_at);
