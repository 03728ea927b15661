using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Modular.Preferences.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class AddGitSshKeys : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "git_ssh_keys",
                schema: "preferences",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    public_key = table.Column<string>(type: "text", nullable: false),
                    private_key = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_git_ssh_keys", x => x.user_id);
                    table.ForeignKey(
                        name: "fk_git_ssh_keys_owners_user_id",
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
                name: "git_ssh_keys",
                schema: "preferences");
        }
    }
}
