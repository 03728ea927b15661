using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Modular.Preferences.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "preferences");

            migrationBuilder.CreateTable(
                name: "owners",
                schema: "preferences",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    deleted = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_owners", x => x.user_id);
                });

            migrationBuilder.CreateTable(
                name: "appearances",
                schema: "preferences",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    theme_preference = table.Column<string>(type: "text", nullable: false),
                    theme_mode = table.Column<string>(type: "text", nullable: false),
                    theme_light = table.Column<string>(type: "text", nullable: false),
                    theme_dark = table.Column<string>(type: "text", nullable: false),
                    terminal_font = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_appearances", x => x.user_id);
                    table.ForeignKey(
                        name: "fk_appearances_owners_user_id",
                        column: x => x.user_id,
                        principalSchema: "preferences",
                        principalTable: "owners",
                        principalColumn: "user_id",
                        onDelete: ReferentialAction.Cascade);
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "appearances",
                schema: "preferences");

            migrationBuilder.DropTable(
                name: "owners",
                schema: "preferences");
        }
    }
}
