using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Modular.Host;
using Modular.Host.Startup;
using Modular.SharedKernel.Persistence;

namespace Modular.Tests.Architecture;

/// <summary>
/// What a handler has checked can be otherwise a moment later, and then the database refuses: every rule of a module's model says what
/// that means to the client, who must not be told of a fault of the server.
/// </summary>
public sealed class ConstraintErrorTests
{
    [Fact]
    public async Task Every_constraint_of_the_model_has_its_error()
    {
        await using var app = ModularServer.Build(["--ConnectionStrings:Modular", "Host=nowhere"], ModuleCatalog.All);
        await using var scope = app.Services.CreateAsyncScope();
        var entities = app.Services.GetServices<ModuleContext>()
            .Select(context => ((DbContext)scope.ServiceProvider.GetRequiredService(context.Type)).GetService<IDesignTimeModel>().Model)
            .SelectMany(model => model.GetEntityTypes())
            .ToList();
        var known = app.Services.GetServices<ConstraintError>().Select(error => error.Constraint).ToList();

        Assert.Empty(ConstraintsOf(entities).Except(known));
        Assert.NotEmpty(ConstraintsOf(entities));
        Assert.Equal(known.Distinct(), known);
    }

    [Fact]
    public void A_constraint_without_an_error_is_found()
    {
        using var context = new Twin();
        Assert.Equal(
            ["ck_size", "fk_children_parents_parent_id", "ix_parents_name"],
            ConstraintsOf(context.GetService<IDesignTimeModel>().Model.GetEntityTypes()).Order());
    }

    /// <summary>Primary keys are drawn by the server, and are no client's to repeat.</summary>
    private static IEnumerable<string> ConstraintsOf(IEnumerable<IEntityType> entities) => entities.SelectMany(entity => entity.GetForeignKeys().Select(key => key.GetConstraintName()!)
        .Concat(entity.GetIndexes().Where(index => index.IsUnique).Select(index => index.GetDatabaseName()!))
        .Concat(entity.GetCheckConstraints().Select(check => check.Name!)));

    private sealed class Twin() : DbContext(new DbContextOptionsBuilder().UseNpgsql("Host=nowhere").UseSnakeCaseNamingConvention().Options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder)
        {
            modelBuilder.Entity<Parent>(parent =>
            {
                parent.ToTable("parents", table => table.HasCheckConstraint("ck_size", "length(name) < 10"));
                parent.HasIndex(p => p.Name).IsUnique();
            });
            modelBuilder.Entity<Child>().ToTable("children").HasOne<Parent>().WithMany().HasForeignKey(child => child.ParentId);
        }
    }

    private sealed record Parent(Guid Id, string Name);

    private sealed record Child(Guid Id, Guid ParentId);
}
