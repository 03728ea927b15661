-- No two plug-ins own the same schema or flag. A start checks it first and says it in words; this keeps the promise. Requests never write
-- the table, so that no error of theirs belongs to it, and the model does not name it.
alter table host.plugins
    add constraint plugins_schema_key unique (schema),
    add constraint plugins_flag_key unique (flag);
