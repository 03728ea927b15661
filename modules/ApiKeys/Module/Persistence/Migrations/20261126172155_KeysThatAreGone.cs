using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Modular.ApiKeys.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class KeysThatAreGone : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_keys_token_name",
                schema: "api_keys",
                table: "keys");

            migrationBuilder.AddColumn<byte[]>(
                name: "former_hash",
                schema: "api_keys",
                table: "keys",
                type: "bytea",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "former_until",
                schema: "api_keys",
                table: "keys",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "former_use_told_at",
                schema: "api_keys",
                table: "keys",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "noticed_days",
                schema: "api_keys",
                table: "keys",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "revoked_at",
                schema: "api_keys",
                table: "keys",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "user_agent",
                schema: "api_keys",
                table: "keys",
                type: "text",
                nullable: false,
                defaultValue: "");

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
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_keys_expires_at",
                schema: "api_keys",
                table: "keys");

            migrationBuilder.DropIndex(
                name: "ix_keys_revoked_at",
                schema: "api_keys",
                table: "keys");

            migrationBuilder.DropIndex(
                name: "ix_keys_token_name",
                schema: "api_keys",
                table: "keys");

            migrationBuilder.DropColumn(
                name: "former_hash",
                schema: "api_keys",
                table: "keys");

            migrationBuilder.DropColumn(
                name: "former_until",
                schema: "api_keys",
                table: "keys");

            migrationBuilder.DropColumn(
                name: "former_use_told_at",
                schema: "api_keys",
                table: "keys");

            migrationBuilder.DropColumn(
                name: "noticed_days",
                schema: "api_keys",
                table: "keys");

            migrationBuilder.DropColumn(
                name: "revoked_at",
                schema: "api_keys",
                table: "keys");

            migrationBuilder.DropColumn(
                name: "user_agent",
                schema: "api_keys",
                table: "keys");

            migrationBuilder.CreateIndex(
                name: "ix_keys_token_name",
                schema: "api_keys",
                table: "keys",
                columns: new[] { "user_id", "token_name" },
                unique: true,
                filter: "login_type = 'token'");
        }
    }
}
