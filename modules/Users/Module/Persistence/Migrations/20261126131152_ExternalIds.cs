using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Modular.Users.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class ExternalIds : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "external_id",
                schema: "users",
                table: "users",
                type: "text",
                nullable: true,
                collation: "C");

            migrationBuilder.CreateIndex(
                name: "ix_users_external_id",
                schema: "users",
                table: "users",
                column: "external_id",
                unique: true,
                filter: "not deleted and external_id is not null");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_users_external_id",
                schema: "users",
                table: "users");

            migrationBuilder.DropColumn(
                name: "external_id",
                schema: "users",
                table: "users");
        }
    }
}
