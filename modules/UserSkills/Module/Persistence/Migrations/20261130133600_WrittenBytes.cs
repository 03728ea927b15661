using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Modular.UserSkills.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class WrittenBytes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "written_bytes",
                schema: "user_skills",
                table: "owners",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<DateOnly>(
                name: "written_on",
                schema: "user_skills",
                table: "owners",
                type: "date",
                nullable: false,
                defaultValueSql: "'-infinity'::date");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "written_bytes",
                schema: "user_skills",
                table: "owners");

            migrationBuilder.DropColumn(
                name: "written_on",
                schema: "user_skills",
                table: "owners");
        }
    }
}
