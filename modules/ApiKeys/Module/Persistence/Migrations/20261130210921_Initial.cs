using System;
using System.Collections.Generic;
using System.Net;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Modular.ApiKeys.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "api_keys");

            migrationBuilder.CreateTable(
                name: "owners",
                schema: "api_keys",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    username = table.Column<string>(type: "text", nullable: false, defaultValue: ""),
                    status = table.Column<string>(type: "text", nullable: false, defaultValue: ""),
                    roles = table.Column<List<string>>(type: "text[]", nullable: false, defaultValueSql: "array[]::text[]"),
                    organization_roles = table.Column<List<string>>(type: "text[]", nullable: false, defaultValueSql: "array[]::text[]"),
                    epoch = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    deleted = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_owners", x => x.user_id);
                });

            migrationBuilder.CreateTable(
                name: "keys",
                schema: "api_keys",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    hashed_secret = table.Column<byte[]>(type: "bytea", nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    last_used = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    ends_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    login_type = table.Column<string>(type: "text", nullable: false),
                    lifetime_seconds = table.Column<long>(type: "bigint", nullable: false),
                    ip_address = table.Column<IPAddress>(type: "inet", nullable: false),
                    token_name = table.Column<string>(type: "text", nullable: false),
                    scopes = table.Column<List<string>>(type: "text[]", nullable: false),
                    allow_list = table.Column<List<string>>(type: "text[]", nullable: false),
                    user_agent = table.Column<string>(type: "text", nullable: false),
                    revoked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    former_hash = table.Column<byte[]>(type: "bytea", nullable: true),
                    former_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    former_use_told_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    noticed_days = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_keys", x => x.id);
                    table.CheckConstraint("ck_keys_allow_list", "cardinality(allow_list) > 0");
                    table.ForeignKey(
                        name: "fk_keys_owners_user_id",
                        column: x => x.user_id,
                        principalSchema: "api_keys",
                        principalTable: "owners",
                        principalColumn: "user_id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_keys_created_at_id",
                schema: "api_keys",
                table: "keys",
                columns: new[] { "created_at", "id" },
                filter: "login_type = 'token'");

            migrationBuilder.CreateIndex(
                name: "ix_keys_expires_at",
                schema: "api_keys",
                table: "keys",
                column: "expires_at");

            migrationBuilder.CreateIndex(
                name: "ix_keys_revoked_at",
                schema: "api_keys",
                table: "keys",
                column: "revoked_at",
                filter: "revoked_at is not null");

            migrationBuilder.CreateIndex(
                name: "ix_keys_token_name",
                schema: "api_keys",
                table: "keys",
                columns: new[] { "user_id", "token_name" },
                unique: true,
                filter: "login_type = 'token' and revoked_at is null");

            migrationBuilder.CreateIndex(
                name: "ix_keys_user_id",
                schema: "api_keys",
                table: "keys",
                column: "user_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "keys",
                schema: "api_keys");

            migrationBuilder.DropTable(
                name: "owners",
                schema: "api_keys");
        }
    }
}
