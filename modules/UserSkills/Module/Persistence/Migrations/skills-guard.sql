-- What no constraint of a table can say: a deleted user has no skills, and no user more than 100. The names are those of constraints to the
-- program, which knows what they mean to a client. The owner first: a write that waits for a deletion, or for another create, must look
-- again at what that has committed.
create function user_skills.guard_skill() returns trigger language plpgsql as $$
begin
    perform 1 from user_skills.owners where user_id = new.user_id for no key update;
    if exists (select 1 from user_skills.owners where user_id = new.user_id and deleted) then
        raise check_violation using message = 'The user of this skill has been deleted.', constraint = 'user_skill_user_deleted';
    end if;
    if tg_op = 'INSERT' and (select count(*) from user_skills.skills where user_id = new.user_id) >= 100 then
        raise check_violation using message = 'The user has 100 skills already.', constraint = 'skills_per_user_limit';
    end if;
    return new;
end
$$;

create trigger skills_guard before insert or update on user_skills.skills
    for each row execute function user_skills.guard_skill();
