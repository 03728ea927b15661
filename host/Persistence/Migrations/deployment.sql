-- One row: tells this deployment from others, over restarts and for all of its servers. The second column keeps it the only one.
alter table host.deployment
    add constraint deployment_singleton_key unique (singleton),
    add constraint deployment_singleton_check check (singleton);
insert into host.deployment (id) values (gen_random_uuid());
