using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Modular.Host;
using Modular.Host.Startup;
using Modular.SharedKernel.Persistence;

namespace Modular.Tests.Architecture;

/// <summary>Every column of an audited record says whether the log shows, masks or leaves it out.</summary>
public sealed class AuditShapeTests
{
    [Fact]
    public async Task Every_column_of_an_audited_record_is_classified()
    {
        var audited = (await EntitiesAsync()).Where(entity => ShapeOf(entity) is not null).ToArray();

        Assert.NotEmpty(audited);
        Assert.All(audited, entity => Assert.Equal(Columns(entity).Order(), ColumnsOf(ShapeOf(entity)!).Order()));
    }

    private static async Task<IReadOnlyList<IEntityType>> EntitiesAsync()
    {
        await using var app = ModularServer.Build(["--ConnectionStrings:Modular", "Host=nowhere"], ModuleCatalog.All);
        await using var scope = app.Services.CreateAsyncScope();
        return [.. app.Services.GetServices<ModuleContext>()
            .SelectMany(context => ((DbContext)scope.ServiceProvider.GetRequiredService(context.Type)).Model.GetEntityTypes())];
    }

    private static object? ShapeOf(IEntityType entity) =>
        entity.ClrType.GetField("AuditShape", BindingFlags.Static | BindingFlags.NonPublic)?.GetValue(null);

    private static IEnumerable<string> ColumnsOf(object shape) =>
        (IEnumerable<string>)shape.GetType().GetProperty("Columns")!.GetValue(shape)!;

    private static IEnumerable<string> Columns(IEntityType entity) => entity.GetProperties().Select(property => property.GetColumnName());
}
