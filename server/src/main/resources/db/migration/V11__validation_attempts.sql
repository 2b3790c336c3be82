-- How often the data of a job was begun to be checked; a check that ends its process counts, so that it ends some day.
alter table jobs add column validation_attempts integer not null default 0;
