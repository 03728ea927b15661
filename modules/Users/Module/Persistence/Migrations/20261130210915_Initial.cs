using System;
using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;
using Modular.SharedKernel.Persistence;

#nullable disable

namespace Modular.Users.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "users");

            migrationBuilder.AlterDatabase()
                .Annotation("Npgsql:PostgresExtension:pg_trgm", ",,");

            migrationBuilder.CreateTable(
                name: "known_networks",
                schema: "users",
                columns: table => new
                {
                    network = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    last_login_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_known_networks", x => x.network);
                });

            migrationBuilder.CreateTable(
                name: "mails",
                schema: "users",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    recipient_id = table.Column<Guid>(type: "uuid", nullable: false),
                    address = table.Column<string>(type: "text", nullable: false),
                    content = table.Column<string>(type: "jsonb", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_mails", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "organizations",
                schema: "users",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    display_name = table.Column<string>(type: "text", nullable: false),
                    description = table.Column<string>(type: "text", nullable: false),
                    icon = table.Column<string>(type: "text", nullable: false),
                    is_default = table.Column<bool>(type: "boolean", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_organizations", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "passcodes",
                schema: "users",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    hash = table.Column<string>(type: "text", nullable: true),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    made_at = table.Column<List<DateTimeOffset>>(type: "timestamp with time zone[]", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_passcodes", x => x.user_id);
                });

            migrationBuilder.CreateTable(
                name: "password_failures",
                schema: "users",
                columns: table => new
                {
                    account = table.Column<byte[]>(type: "bytea", nullable: false),
                    network = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    failures = table.Column<int>(type: "integer", nullable: false),
                    last_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    waits_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    admitted = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_password_failures", x => new { x.account, x.network });
                });

            migrationBuilder.CreateTable(
                name: "secrets",
                schema: "users",
                columns: table => new
                {
                    name = table.Column<string>(type: "text", nullable: false),
                    value = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_secrets", x => x.name);
                });

            migrationBuilder.CreateTable(
                name: "user_counts",
                schema: "users",
                columns: table => new
                {
                    shard = table.Column<int>(type: "integer", nullable: false),
                    users = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_user_counts", x => x.shard);
                })
                .Annotation("Npgsql:StorageParameter:fillfactor", 50);

            migrationBuilder.CreateTable(
                name: "users",
                schema: "users",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    username = table.Column<string>(type: "text", nullable: false),
                    username_key = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    email = table.Column<string>(type: "text", nullable: false),
                    email_key = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    name = table.Column<string>(type: "text", nullable: false),
                    avatar_url = table.Column<string>(type: "text", nullable: false),
                    status = table.Column<string>(type: "text", nullable: false),
                    login_type = table.Column<string>(type: "text", nullable: false),
                    hashed_password = table.Column<string>(type: "text", nullable: true),
                    external_id = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    rbac_roles = table.Column<List<string>>(type: "text[]", nullable: false),
                    is_service_account = table.Column<bool>(type: "boolean", nullable: false),
                    deleted = table.Column<bool>(type: "boolean", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    last_seen_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    search_name = table.Column<string>(type: "text", nullable: false),
                    search_text = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_users", x => x.id);
                    table.CheckConstraint("ck_users_login_type", "login_type in ('password', 'github', 'oidc', 'token', 'none')");
                    table.CheckConstraint("ck_users_status", "status in ('active', 'dormant', 'suspended')");
                });

            migrationBuilder.CreateTable(
                name: "organization_members",
                schema: "users",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    roles = table.Column<List<string>>(type: "text[]", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_organization_members", x => new { x.user_id, x.organization_id });
                    table.ForeignKey(
                        name: "fk_organization_members_organizations_organization_id",
                        column: x => x.organization_id,
                        principalSchema: "users",
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_organization_members_users_user_id",
                        column: x => x.user_id,
                        principalSchema: "users",
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_known_networks_last_login_at",
                schema: "users",
                table: "known_networks",
                column: "last_login_at");

            migrationBuilder.CreateIndex(
                name: "ix_mails_due_at",
                schema: "users",
                table: "mails",
                column: "due_at");

            migrationBuilder.CreateIndex(
                name: "ix_mails_recipient_id",
                schema: "users",
                table: "mails",
                column: "recipient_id");

            migrationBuilder.CreateIndex(
                name: "ix_organization_members_organization_id",
                schema: "users",
                table: "organization_members",
                column: "organization_id");

            migrationBuilder.CreateIndex(
                name: "ix_organizations_is_default",
                schema: "users",
                table: "organizations",
                column: "is_default",
                unique: true,
                filter: "is_default");

            migrationBuilder.CreateIndex(
                name: "ix_organizations_name",
                schema: "users",
                table: "organizations",
                column: "name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_password_failures_last_at",
                schema: "users",
                table: "password_failures",
                column: "last_at");

            migrationBuilder.CreateIndex(
                name: "ix_users_administrators",
                schema: "users",
                table: "users",
                column: "id",
                filter: "not deleted and rbac_roles && array['owner', 'user-admin']");

            migrationBuilder.CreateIndex(
                name: "ix_users_created_at",
                schema: "users",
                table: "users",
                column: "created_at",
                filter: "not deleted");

            migrationBuilder.CreateIndex(
                name: "ix_users_deleted_email_key",
                schema: "users",
                table: "users",
                column: "email_key",
                filter: "deleted and email_key <> ''");

            migrationBuilder.CreateIndex(
                name: "ix_users_email_key",
                schema: "users",
                table: "users",
                column: "email_key",
                unique: true,
                filter: "not deleted and email_key <> ''");

            migrationBuilder.CreateIndex(
                name: "ix_users_external_id",
                schema: "users",
                table: "users",
                column: "external_id",
                unique: true,
                filter: "not deleted and external_id is not null");

            migrationBuilder.CreateIndex(
                name: "ix_users_last_seen_at",
                schema: "users",
                table: "users",
                column: "last_seen_at",
                filter: "not deleted");

            migrationBuilder.CreateIndex(
                name: "ix_users_login_type_username_key",
                schema: "users",
                table: "users",
                columns: new[] { "login_type", "username_key" },
                filter: "not deleted");

            migrationBuilder.CreateIndex(
                name: "ix_users_rbac_roles",
                schema: "users",
                table: "users",
                column: "rbac_roles",
                filter: "not deleted")
                .Annotation("Npgsql:IndexMethod", "gin");

            migrationBuilder.CreateIndex(
                name: "ix_users_search_name",
                schema: "users",
                table: "users",
                column: "search_name",
                filter: "not deleted")
                .Annotation("Npgsql:IndexMethod", "gin")
                .Annotation("Npgsql:IndexOperators", new[] { "gin_trgm_ops" });

            migrationBuilder.CreateIndex(
                name: "ix_users_search_text",
                schema: "users",
                table: "users",
                column: "search_text",
                filter: "not deleted")
                .Annotation("Npgsql:IndexMethod", "gin")
                .Annotation("Npgsql:IndexOperators", new[] { "gin_trgm_ops" });

            migrationBuilder.CreateIndex(
                name: "ix_users_service_accounts",
                schema: "users",
                table: "users",
                column: "username_key",
                filter: "not deleted and is_service_account");

            migrationBuilder.CreateIndex(
                name: "ix_users_status_username_key",
                schema: "users",
                table: "users",
                columns: new[] { "status", "username_key" },
                filter: "not deleted");

            migrationBuilder.CreateIndex(
                name: "ix_users_username_key",
                schema: "users",
                table: "users",
                column: "username_key",
                unique: true,
                filter: "not deleted")
                .Annotation("Npgsql:IndexInclude", new[] { "id" });

            migrationBuilder.Script<Initial>("default-organization.sql");
            migrationBuilder.Script<Initial>("hashed-addresses.sql");
            migrationBuilder.Script<Initial>("search-indexes.sql");
            migrationBuilder.Script<Initial>("user-counts.sql");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "known_networks",
                schema: "users");

            migrationBuilder.DropTable(
                name: "mails",
                schema: "users");

            migrationBuilder.DropTable(
                name: "organization_members",
                schema: "users");

            migrationBuilder.DropTable(
                name: "passcodes",
                schema: "users");

            migrationBuilder.DropTable(
                name: "password_failures",
                schema: "users");

            migrationBuilder.DropTable(
                name: "secrets",
                schema: "users");

            migrationBuilder.DropTable(
                name: "user_counts",
                schema: "users");

            migrationBuilder.DropTable(
                name: "organizations",
                schema: "users");

            migrationBuilder.DropTable(
                name: "users",
                schema: "users");

            migrationBuilder.Sql("drop function users.count_users, users.hashed_address;");
        }
    }
}
