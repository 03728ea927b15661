-- The organization that everybody can be put into; it is never deleted.
insert into users.organizations (id, name, display_name, description, icon, is_default, created_at, updated_at)
values (gen_random_uuid(), 'default', 'Default', '', '', true, now(), now());
