using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Modular.Host.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Plugins : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // What became of each plug-in when a server last started, and what of the database is its own.
            migrationBuilder.Sql(
                """
                create table host.plugins (
                    name text primary key,
                    version text not null,
                    schema text unique,
                    flag text unique,
                    left_off text,
                    seen_at timestamptz not null
                );
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("drop table host.plugins;");
        }
    }
}
