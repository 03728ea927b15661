using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Modular.ApiKeys.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class OrganizationRoles : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<List<string>>(
                name: "organization_roles",
                schema: "api_keys",
                table: "owners",
                type: "text[]",
                nullable: false,
                defaultValueSql: "array[]::text[]");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "organization_roles",
                schema: "api_keys",
                table: "owners");
        }
    }
}
