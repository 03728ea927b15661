using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Modular.ApiKeys.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class OwnersDefaults : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterColumn<string>(
                name: "username",
                schema: "api_keys",
                table: "owners",
                type: "text",
                nullable: false,
                defaultValue: "",
                oldClrType: typeof(string),
                oldType: "text");

            migrationBuilder.AlterColumn<string>(
                name: "status",
                schema: "api_keys",
                table: "owners",
                type: "text",
                nullable: false,
                defaultValue: "",
                oldClrType: typeof(string),
                oldType: "text");

            migrationBuilder.AlterColumn<List<string>>(
                name: "roles",
                schema: "api_keys",
                table: "owners",
                type: "text[]",
                nullable: false,
                defaultValueSql: "array[]::text[]",
                oldClrType: typeof(List<string>),
                oldType: "text[]");

            migrationBuilder.AlterColumn<List<string>>(
                name: "organization_roles",
                schema: "api_keys",
                table: "owners",
                type: "text[]",
                nullable: false,
                defaultValueSql: "array[]::text[]",
                oldClrType: typeof(List<string>),
                oldType: "text[]");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterColumn<string>(
                name: "username",
                schema: "api_keys",
                table: "owners",
                type: "text",
                nullable: false,
                oldClrType: typeof(string),
                oldType: "text",
                oldDefaultValue: "");

            migrationBuilder.AlterColumn<string>(
                name: "status",
                schema: "api_keys",
                table: "owners",
                type: "text",
                nullable: false,
                oldClrType: typeof(string),
                oldType: "text",
                oldDefaultValue: "");

            migrationBuilder.AlterColumn<List<string>>(
                name: "roles",
                schema: "api_keys",
                table: "owners",
                type: "text[]",
                nullable: false,
                oldClrType: typeof(List<string>),
                oldType: "text[]",
                oldDefaultValueSql: "array[]::text[]");

            migrationBuilder.AlterColumn<List<string>>(
                name: "organization_roles",
                schema: "api_keys",
                table: "owners",
                type: "text[]",
                nullable: false,
                oldClrType: typeof(List<string>),
                oldType: "text[]",
                oldDefaultValueSql: "array[]::text[]");
        }
    }
}
