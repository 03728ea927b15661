using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Modular.Users.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class ListsAtSize : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_users_username_key",
                schema: "users",
                table: "users");

            migrationBuilder.AlterDatabase()
                .Annotation("Npgsql:PostgresExtension:pg_trgm", ",,");

            migrationBuilder.AlterColumn<string>(
                name: "search_text",
                schema: "users",
                table: "users",
                type: "text",
                nullable: false,
                computedColumnSql: "lower(username || E'\\n' || email || E'\\n' || name)",
                stored: true,
                oldClrType: typeof(string),
                oldType: "text",
                oldComputedColumnSql: "lower(username || ' ' || email || ' ' || name)",
                oldStored: true);

            migrationBuilder.CreateIndex(
                name: "ix_users_created_at",
                schema: "users",
                table: "users",
                column: "created_at",
                filter: "not deleted");

            migrationBuilder.CreateIndex(
                name: "ix_users_last_seen_at",
                schema: "users",
                table: "users",
                column: "last_seen_at",
                filter: "not deleted");

            migrationBuilder.CreateIndex(
                name: "ix_users_login_type_username_key",
                schema: "users",
                table: "users",
                columns: new[] { "login_type", "username_key" },
                filter: "not deleted");

            migrationBuilder.CreateIndex(
                name: "ix_users_rbac_roles",
                schema: "users",
                table: "users",
                column: "rbac_roles",
                filter: "not deleted")
                .Annotation("Npgsql:IndexMethod", "gin");

            migrationBuilder.CreateIndex(
                name: "ix_users_search_text",
                schema: "users",
                table: "users",
                column: "search_text",
                filter: "not deleted")
                .Annotation("Npgsql:IndexMethod", "gin")
                .Annotation("Npgsql:IndexOperators", new[] { "gin_trgm_ops" });

            migrationBuilder.CreateIndex(
                name: "ix_users_service_accounts",
                schema: "users",
                table: "users",
                column: "username_key",
                filter: "not deleted and is_service_account");

            migrationBuilder.CreateIndex(
                name: "ix_users_status_username_key",
                schema: "users",
                table: "users",
                columns: new[] { "status", "username_key" },
                filter: "not deleted");

            migrationBuilder.CreateIndex(
                name: "ix_users_username_key",
                schema: "users",
                table: "users",
                column: "username_key",
                unique: true,
                filter: "not deleted")
                .Annotation("Npgsql:IndexInclude", new[] { "id" });

            // Users that are not deleted, in sixteen rows by connection. A trigger counts, so that no way of writing can forget to.
            migrationBuilder.Sql(
                """
                create table users.user_counts (shard integer primary key, users bigint not null) with (fillfactor = 50);
                insert into users.user_counts select shard, 0 from generate_series(0, 15) shard;
                update users.user_counts set users = (select count(*) from users.users where not deleted) where shard = 0;

                create function users.count_users() returns trigger language plpgsql as
                $$
                declare difference bigint;
                begin
                    if tg_op = 'INSERT' then
                        select count(*) filter (where not deleted) into difference from changed;
                    elsif tg_op = 'DELETE' then
                        select -count(*) filter (where not deleted) into difference from changed;
                    else
                        difference := case when new.deleted then -1 else 1 end;
                    end if;
                    if difference <> 0 then
                        update users.user_counts set users = users + difference where shard = pg_backend_pid() % 16;
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
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                drop trigger count_inserted on users.users;
                drop trigger count_removed on users.users;
                drop trigger count_marked on users.users;
                drop function users.count_users;
                drop table users.user_counts;
                """);

            migrationBuilder.DropIndex(
                name: "ix_users_created_at",
                schema: "users",
                table: "users");

            migrationBuilder.DropIndex(
                name: "ix_users_last_seen_at",
                schema: "users",
                table: "users");

            migrationBuilder.DropIndex(
                name: "ix_users_login_type_username_key",
                schema: "users",
                table: "users");

            migrationBuilder.DropIndex(
                name: "ix_users_rbac_roles",
                schema: "users",
                table: "users");

            migrationBuilder.DropIndex(
                name: "ix_users_search_text",
                schema: "users",
                table: "users");

            migrationBuilder.DropIndex(
                name: "ix_users_service_accounts",
                schema: "users",
                table: "users");

            migrationBuilder.DropIndex(
                name: "ix_users_status_username_key",
                schema: "users",
                table: "users");

            migrationBuilder.DropIndex(
                name: "ix_users_username_key",
                schema: "users",
                table: "users");

            migrationBuilder.AlterDatabase()
                .OldAnnotation("Npgsql:PostgresExtension:pg_trgm", ",,");

            migrationBuilder.AlterColumn<string>(
                name: "search_text",
                schema: "users",
                table: "users",
                type: "text",
                nullable: false,
                computedColumnSql: "lower(username || ' ' || email || ' ' || name)",
                stored: true,
                oldClrType: typeof(string),
                oldType: "text",
                oldComputedColumnSql: "lower(username || E'\\n' || email || E'\\n' || name)",
                oldStored: true);

            migrationBuilder.CreateIndex(
                name: "ix_users_username_key",
                schema: "users",
                table: "users",
                column: "username_key",
                unique: true,
                filter: "not deleted");
        }
    }
}
