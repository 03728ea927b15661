using System;
using System.Net;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Modular.Audit.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "audit");

            migrationBuilder.CreateTable(
                name: "entries",
                schema: "audit",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: true),
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    ip = table.Column<IPAddress>(type: "inet", nullable: true),
                    user_agent = table.Column<string>(type: "text", nullable: false),
                    resource_type = table.Column<string>(type: "text", nullable: false),
                    resource_id = table.Column<Guid>(type: "uuid", nullable: false),
                    resource_target = table.Column<string>(type: "text", nullable: false),
                    action = table.Column<string>(type: "text", nullable: false),
                    diff = table.Column<string>(type: "jsonb", nullable: false),
                    status_code = table.Column<int>(type: "integer", nullable: false),
                    request_id = table.Column<Guid>(type: "uuid", nullable: false),
                    additional_fields = table.Column<string>(type: "jsonb", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_entries", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_entries_request_id",
                schema: "audit",
                table: "entries",
                column: "request_id");

            migrationBuilder.CreateIndex(
                name: "ix_entries_resource_id_time",
                schema: "audit",
                table: "entries",
                columns: new[] { "resource_id", "time" },
                descending: new[] { false, true });

            migrationBuilder.CreateIndex(
                name: "ix_entries_resource_type_time",
                schema: "audit",
                table: "entries",
                columns: new[] { "resource_type", "time" },
                descending: new[] { false, true });

            migrationBuilder.CreateIndex(
                name: "ix_entries_time_id",
                schema: "audit",
                table: "entries",
                columns: new[] { "time", "id" },
                descending: new bool[0]);

            migrationBuilder.CreateIndex(
                name: "ix_entries_user_id_time",
                schema: "audit",
                table: "entries",
                columns: new[] { "user_id", "time" },
                descending: new[] { false, true });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "entries",
                schema: "audit");
        }
    }
}
