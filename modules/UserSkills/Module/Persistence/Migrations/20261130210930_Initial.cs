using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Modular.SharedKernel.Persistence;

#nullable disable

namespace Modular.UserSkills.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "user_skills");

            migrationBuilder.CreateTable(
                name: "owners",
                schema: "user_skills",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    written_on = table.Column<DateOnly>(type: "date", nullable: true),
                    written_bytes = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    deleted = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_owners", x => x.user_id);
                });

            migrationBuilder.CreateTable(
                name: "skills",
                schema: "user_skills",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    description = table.Column<string>(type: "text", nullable: false),
                    content = table.Column<string>(type: "text", nullable: false),
                    enabled = table.Column<bool>(type: "boolean", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_skills", x => x.id);
                    table.CheckConstraint("skills_content_size", "octet_length(content) <= 65536");
                    table.CheckConstraint("skills_description_size", "octet_length(description) <= 4096");
                    table.CheckConstraint("skills_name_format", "name ~ '^[a-z0-9]+(-[a-z0-9]+)*$'");
                    table.CheckConstraint("skills_name_size", "octet_length(name) <= 256");
                    table.ForeignKey(
                        name: "fk_skills_owners_user_id",
                        column: x => x.user_id,
                        principalSchema: "user_skills",
                        principalTable: "owners",
                        principalColumn: "user_id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "skill_versions",
                schema: "user_skills",
                columns: table => new
                {
                    skill_id = table.Column<Guid>(type: "uuid", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    content = table.Column<string>(type: "text", nullable: false),
                    description = table.Column<string>(type: "text", nullable: false),
                    content_sha256 = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    created_by = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_skill_versions", x => new { x.skill_id, x.version });
                    table.CheckConstraint("skill_versions_content_size", "octet_length(content) <= 65536");
                    table.CheckConstraint("skill_versions_description_size", "octet_length(description) <= 4096");
                    table.ForeignKey(
                        name: "fk_skill_versions_skills_skill_id",
                        column: x => x.skill_id,
                        principalSchema: "user_skills",
                        principalTable: "skills",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_skills_user_id_name",
                schema: "user_skills",
                table: "skills",
                columns: new[] { "user_id", "name" },
                unique: true);

            migrationBuilder.Script<Initial>("skills-guard.sql");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "skill_versions",
                schema: "user_skills");

            migrationBuilder.DropTable(
                name: "skills",
                schema: "user_skills");

            migrationBuilder.DropTable(
                name: "owners",
                schema: "user_skills");

            migrationBuilder.Sql("drop function user_skills.guard_skill;");
        }
    }
}
