-- Addresses that strangers type at the sign-in are not kept as text. They are hashed with a key, so that tables of hashed addresses are of
-- no use. The key is 244 random bits, made here and read nowhere but in the function.
insert into users.secrets (name, value)
values ('address_hash', decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));

create function users.hashed_address(address text) returns bytea language sql stable as
$$ select sha256(value || sha256(value || convert_to(address, 'UTF8'))) from users.secrets where name = 'address_hash' $$;
