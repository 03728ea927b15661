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
                    terminal_font = table.Column<string>(type: "text", nullable: true),
                    theme_dark = table.Column<string>(type: "text", nullable: true),
                    theme_light = table.Column<string>(type: "text", nullable: true),
                    theme_mode = table.Column<string>(type: "text", nullable: true),
                    theme_preference = table.Column<string>(type: "text", nullable: true)
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

            migrationBuilder.CreateTable(
                name: "autofill_values",
                schema: "preferences",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    template_id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    value = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_autofill_values", x => new { x.user_id, x.template_id, x.name });
                    table.ForeignKey(
                        name: "fk_autofill_values_owners_user_id",
                        column: x => x.user_id,
                        principalSchema: "preferences",
                        principalTable: "owners",
                        principalColumn: "user_id",
                        onDelete: ReferentialAction.Cascade);
                });

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

            migrationBuilder.CreateTable(
                name: "preferences",
                schema: "preferences",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    agent_chat_send_shortcut = table.Column<string>(type: "text", nullable: true),
                    code_diff_display_mode = table.Column<string>(type: "text", nullable: true),
                    shell_tool_display_mode = table.Column<string>(type: "text", nullable: true),
                    task_notification_alert_dismissed = table.Column<bool>(type: "boolean", nullable: true),
                    thinking_display_mode = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_preferences", x => x.user_id);
                    table.ForeignKey(
                        name: "fk_preferences_owners_user_id",
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
                name: "autofill_values",
                schema: "preferences");

            migrationBuilder.DropTable(
                name: "git_ssh_keys",
                schema: "preferences");

            migrationBuilder.DropTable(
                name: "preferences",
                schema: "preferences");

            migrationBuilder.DropTable(
                name: "owners",
                schema: "preferences");
        }
    }
}
