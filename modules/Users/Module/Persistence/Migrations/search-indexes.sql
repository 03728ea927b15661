-- Indexes of expressions, which EF Core has no form for. A whole address shares its domain with everybody's: what is before its @, read
-- backwards, finds its few. Users with more than one @ are few as well. The first index has deleted users too, as the planner learns nothing
-- about values from an index of a part.
create index ix_users_before_at on users.users (reverse(split_part(search_text, '@', 1)) text_pattern_ops);
create index ix_users_several_ats on users.users (id) where not deleted and search_text like '%@%@%';
