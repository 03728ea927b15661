-- How many users are not deleted, in sixteen rows. A trigger counts, so that no way of writing can forget to. It takes a row that is not
-- locked, and waits only where sixteen others are at it.
insert into users.user_counts (shard, users) select shard, 0 from generate_series(0, 15) shard;

create function users.count_users() returns trigger language plpgsql as
$$
declare difference bigint;
begin
    if tg_op = 'INSERT' then
        select count(*) filter (where not deleted) into difference from changed;
    elsif tg_op = 'DELETE' then
        select -count(*) filter (where not deleted) into difference from changed;
    elsif tg_op = 'TRUNCATE' then
        update users.user_counts set users = 0;
        return null;
    else
        difference := case when new.deleted then -1 else 1 end;
    end if;
    if difference <> 0 then
        update users.user_counts set users = users + difference
        where shard = coalesce((select shard from users.user_counts limit 1 for update skip locked), pg_backend_pid() % 16);
    end if;
    return null;
end
$$;

create trigger count_inserted after insert on users.users
    referencing new table as changed for each statement execute function users.count_users();
create trigger count_removed after delete on users.users
    referencing old table as changed for each statement execute function users.count_users();
create trigger count_marked after update of deleted on users.users
    for each row when (old.deleted <> new.deleted) execute function users.count_users();
create trigger count_truncated after truncate on users.users
    for each statement execute function users.count_users();
