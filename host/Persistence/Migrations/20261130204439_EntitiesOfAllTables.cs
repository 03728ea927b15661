using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Modular.Host.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class EntitiesOfAllTables : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
            """
            alter table host.deployment rename constraint deployment_pkey to pk_deployment;
            alter table host.plugins rename constraint plugins_pkey to pk_plugins;
            """);

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
            """
            alter table host.deployment rename constraint pk_deployment to deployment_pkey;
            alter table host.plugins rename constraint pk_plugins to plugins_pkey;
            """);
    }
}
