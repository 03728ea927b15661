using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Modular.UserSkills.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Versions : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
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

            // Skills that are there already begin with the content that they have.
            migrationBuilder.Sql(
                """
                insert into user_skills.skill_versions (skill_id, version, content, description, content_sha256, created_at, created_by)
                select id, 1, content, description, encode(sha256(convert_to(content, 'UTF8')), 'hex'), updated_at, user_id
                from user_skills.skills;
                """);

            // What no constraint can say of a table. The owner first: a write that waits for a deletion, or for another create, must
            // look again at what that has committed.
            migrationBuilder.Sql(
                """
                create function user_skills.guard_skill() returns trigger language plpgsql as $$
                begin
                    perform 1 from user_skills.owners where user_id = new.user_id for no key update;
                    if exists (select 1 from user_skills.owners where user_id = new.user_id and deleted) then
                        raise check_violation using message = 'The user of this skill has been deleted.', constraint = 'user_skill_user_deleted';
                    end if;
                    if tg_op = 'INSERT' and (select count(*) from user_skills.skills where user_id = new.user_id) >= 100 then
                        raise check_violation using message = 'The user has 100 skills already.', constraint = 'skills_per_user_limit';
                    end if;
                    return new;
                end
                $$;

                create trigger skills_guard before insert or update on user_skills.skills
                    for each row execute function user_skills.guard_skill();
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                drop trigger skills_guard on user_skills.skills;
                drop function user_skills.guard_skill();
                """);

            migrationBuilder.DropTable(
                name: "skill_versions",
                schema: "user_skills");
        }
    }
}
