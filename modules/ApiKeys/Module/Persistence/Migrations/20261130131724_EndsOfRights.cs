using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Modular.ApiKeys.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class EndsOfRights : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "epoch",
                schema: "api_keys",
                table: "owners",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "epoch",
                schema: "api_keys",
                table: "owners");
        }
    }
}
