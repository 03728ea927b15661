using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Modular.Preferences.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class UnsaidIsNull : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterColumn<string>(
                name: "theme_preference",
                schema: "preferences",
                table: "appearances",
                type: "text",
                nullable: true,
                oldClrType: typeof(string),
                oldType: "text");

            migrationBuilder.AlterColumn<string>(
                name: "theme_mode",
                schema: "preferences",
                table: "appearances",
                type: "text",
                nullable: true,
                oldClrType: typeof(string),
                oldType: "text");

            migrationBuilder.AlterColumn<string>(
                name: "theme_light",
                schema: "preferences",
                table: "appearances",
                type: "text",
                nullable: true,
                oldClrType: typeof(string),
                oldType: "text");

            migrationBuilder.AlterColumn<string>(
                name: "theme_dark",
                schema: "preferences",
                table: "appearances",
                type: "text",
                nullable: true,
                oldClrType: typeof(string),
                oldType: "text");

            migrationBuilder.AlterColumn<string>(
                name: "terminal_font",
                schema: "preferences",
                table: "appearances",
                type: "text",
                nullable: true,
                oldClrType: typeof(string),
                oldType: "text");

            migrationBuilder.Sql(
                """
                update preferences.appearances set
                    theme_preference = nullif(theme_preference, ''), theme_mode = nullif(theme_mode, ''), theme_light = nullif(theme_light, ''),
                    theme_dark = nullif(theme_dark, ''), terminal_font = nullif(terminal_font, '');
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterColumn<string>(
                name: "theme_preference",
                schema: "preferences",
                table: "appearances",
                type: "text",
                nullable: false,
                defaultValue: "",
                oldClrType: typeof(string),
                oldType: "text",
                oldNullable: true);

            migrationBuilder.AlterColumn<string>(
                name: "theme_mode",
                schema: "preferences",
                table: "appearances",
                type: "text",
                nullable: false,
                defaultValue: "",
                oldClrType: typeof(string),
                oldType: "text",
                oldNullable: true);

            migrationBuilder.AlterColumn<string>(
                name: "theme_light",
                schema: "preferences",
                table: "appearances",
                type: "text",
                nullable: false,
                defaultValue: "",
                oldClrType: typeof(string),
                oldType: "text",
                oldNullable: true);

            migrationBuilder.AlterColumn<string>(
                name: "theme_dark",
                schema: "preferences",
                table: "appearances",
                type: "text",
                nullable: false,
                defaultValue: "",
                oldClrType: typeof(string),
                oldType: "text",
                oldNullable: true);

            migrationBuilder.AlterColumn<string>(
                name: "terminal_font",
                schema: "preferences",
                table: "appearances",
                type: "text",
                nullable: false,
                defaultValue: "",
                oldClrType: typeof(string),
                oldType: "text",
                oldNullable: true);
        }
    }
}
