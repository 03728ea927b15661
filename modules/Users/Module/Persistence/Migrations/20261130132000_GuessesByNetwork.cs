using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Modular.Users.Persistence.Migrations
{
    /// <summary>
    /// Counts wrong passwords of an account by network where there was a login from it, and of all other networks together, which
    /// the empty text stands for. What was counted before is of all networks.
    /// </summary>
    public partial class GuessesByNetwork : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
            """
            alter table users.password_failures add column network text collate "C" not null default '';
            alter table users.password_failures alter column network drop default;
            alter table users.password_failures drop constraint password_failures_pkey, add primary key (account, network);

            -- Who has logged in from where says nothing any more, only that somebody has.
            create table users.networks as
                select network, max(last_login_at) as last_login_at from users.known_networks where network <> '' group by network;
            drop table users.known_networks;
            alter table users.networks rename to known_networks;
            alter table users.known_networks add primary key (network), alter column last_login_at set not null;
            create index ix_known_networks_last_login_at on users.known_networks (last_login_at);
            """);

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
            """
            drop table users.known_networks;
            create table users.known_networks (
                account bytea,
                network text collate "C",
                last_login_at timestamptz not null,
                primary key (account, network));
            delete from users.password_failures where network <> '';
            alter table users.password_failures drop constraint password_failures_pkey, add primary key (account);
            alter table users.password_failures drop column network;
            """);
    }
}
