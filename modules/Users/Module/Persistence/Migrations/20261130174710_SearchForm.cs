using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Modular.Users.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class SearchForm : Migration
    {
        /// <summary>The form as nearly as SQL can make it, for rows that are there already. From now on the server writes it.</summary>
        internal static string InSql(string text, string collation) =>
            $"normalize(replace(replace(replace(replace(lower(upper(normalize({text}, NFKD){collation})), 'ß', 'ss'), 'ς', 'σ'), 'ı', 'i'), 'i' || chr(775), 'i'), NFKC)";

        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // PostgreSQL's ICU knows every script; the locale of the database may know no more than ASCII. Dropping the expression keeps the
            // column, and so its indexes.
            const string icu = " collate \"und-x-icu\"";
            migrationBuilder.Sql(
                $"""
                alter table users.users alter column search_text drop expression;
                alter table users.users add column search_name text not null default '';
                drop index users.ix_users_name;
                do $do$
                begin
                    if exists (select from pg_collation where collname = 'und-x-icu') then
                        update users.users set
                            search_name = {InSql("name", icu)},
                            search_text = {InSql(@"username || E'\n' || email || E'\n' || name", icu)};
                    else
                        update users.users set
                            search_name = {InSql("name", "")},
                            search_text = {InSql(@"username || E'\n' || email || E'\n' || name", "")};
                    end if;
                end
                $do$;
                alter table users.users alter column search_name drop default;
                """);

            migrationBuilder.CreateIndex(
                name: "ix_users_search_name",
                schema: "users",
                table: "users",
                column: "search_name",
                filter: "not deleted")
                .Annotation("Npgsql:IndexMethod", "gin")
                .Annotation("Npgsql:IndexOperators", new[] { "gin_trgm_ops" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                alter table users.users drop column search_name, drop column search_text;
                alter table users.users add column search_text text not null
                    generated always as (lower(username || E'\n' || email || E'\n' || name)) stored;
                create index ix_users_search_text on users.users using gin (search_text gin_trgm_ops) where not deleted;
                create index ix_users_name on users.users using gin (name gin_trgm_ops) where not deleted;
                create index ix_users_before_at on users.users (reverse(split_part(search_text, '@', 1)) text_pattern_ops);
                create index ix_users_several_ats on users.users (id) where not deleted and search_text like '%@%@%';
                """);
        }
    }
}
