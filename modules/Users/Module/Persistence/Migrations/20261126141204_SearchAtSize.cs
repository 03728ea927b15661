using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Modular.Users.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class SearchAtSize : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "ix_users_name",
                schema: "users",
                table: "users",
                column: "name",
                filter: "not deleted")
                .Annotation("Npgsql:IndexMethod", "gin")
                .Annotation("Npgsql:IndexOperators", new[] { "gin_trgm_ops" });

            // A whole address shares its domain with everybody's. What is before its @, read backwards, finds its few; users with more
            // than one @ are few as well. The first has deleted users too: the planner learns nothing about values from an index of a part.
            migrationBuilder.Sql(
                """
                create index ix_users_before_at on users.users (reverse(split_part(search_text, '@', 1)) text_pattern_ops);
                create index ix_users_several_ats on users.users (id) where not deleted and search_text like '%@%@%';
                """);

            // Whoever comes takes a row that nobody holds, and waits only where sixteen others are at it.
            migrationBuilder.Sql(
                """
                create or replace function users.count_users() returns trigger language plpgsql as
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

                create trigger count_truncated after truncate on users.users for each statement execute function users.count_users();
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            // The function's new body is right for the tables of before, too.
            migrationBuilder.Sql(
                """
                drop trigger count_truncated on users.users;
                drop index users.ix_users_before_at, users.ix_users_several_ats;
                """);

            migrationBuilder.DropIndex(
                name: "ix_users_name",
                schema: "users",
                table: "users");
        }
    }
}
