using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Modular.UserSkills.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class NeverIsNull : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterColumn<DateOnly>(
                name: "written_on",
                schema: "user_skills",
                table: "owners",
                type: "date",
                nullable: true,
                oldClrType: typeof(DateOnly),
                oldType: "date",
                oldDefaultValueSql: "'-infinity'::date");

            migrationBuilder.Sql("update user_skills.owners set written_on = null where written_on = '-infinity';");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("update user_skills.owners set written_on = '-infinity' where written_on is null;");

            migrationBuilder.AlterColumn<DateOnly>(
                name: "written_on",
                schema: "user_skills",
                table: "owners",
                type: "date",
                nullable: false,
                defaultValueSql: "'-infinity'::date",
                oldClrType: typeof(DateOnly),
                oldType: "date",
                oldNullable: true);
        }
    }
}
