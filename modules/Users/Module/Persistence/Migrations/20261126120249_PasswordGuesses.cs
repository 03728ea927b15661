using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Modular.Users.Persistence.Migrations
{
    /// <summary>What slows guessing at passwords down. Written by statements of their own, so no entity stands for the tables.</summary>
    public partial class PasswordGuesses : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
            """
            create table users.secrets (name text primary key, value bytea not null);

            -- 244 random bits, made here and read nowhere but below.
            insert into users.secrets values ('address_hash', decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));

            -- Addresses that strangers type are not kept as text. Keyed, so that tables of hashed addresses are of no use.
            create function users.hashed_address(address text) returns bytea language sql stable as
            $$ select sha256(value || sha256(value || convert_to(address, 'UTF8'))) from users.secrets where name = 'address_hash' $$;

            create table users.password_failures (
                account bytea primary key,
                failures integer not null,
                last_at timestamptz not null,
                waits_until timestamptz not null,
                admitted boolean not null);
            create index ix_password_failures_last_at on users.password_failures (last_at);

            create table users.known_networks (
                account bytea,
                network text collate "C",
                last_login_at timestamptz not null,
                primary key (account, network));
            """);

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
            """
            drop table users.known_networks;
            drop table users.password_failures;
            drop function users.hashed_address;
            drop table users.secrets;
            """);
    }
}
