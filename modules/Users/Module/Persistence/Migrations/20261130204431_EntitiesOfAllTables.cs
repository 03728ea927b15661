using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Modular.Users.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class EntitiesOfAllTables : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
            """
            alter table users.known_networks rename constraint known_networks_pkey to pk_known_networks;
            alter table users.password_failures rename constraint password_failures_pkey to pk_password_failures;
            alter table users.secrets rename constraint secrets_pkey to pk_secrets;
            alter table users.user_counts rename constraint user_counts_pkey to pk_user_counts;
            """);

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
            """
            alter table users.known_networks rename constraint pk_known_networks to known_networks_pkey;
            alter table users.password_failures rename constraint pk_password_failures to password_failures_pkey;
            alter table users.secrets rename constraint pk_secrets to secrets_pkey;
            alter table users.user_counts rename constraint pk_user_counts to user_counts_pkey;
            """);
    }
}
