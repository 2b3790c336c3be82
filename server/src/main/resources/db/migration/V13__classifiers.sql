-- A fine-tuned model may be a classifier: then what it tells, as JSON. Null: it writes text.
alter table fine_tuned_models add column classifier text;
