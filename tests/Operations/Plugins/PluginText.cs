using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Modular.Tests.Operations.Plugins;

/// <summary>
/// The source of a plug-in with one table, one route and a reaction to deleted users. A test replaces the part that it wants broken; what
/// it does not replace is sound.
/// </summary>
internal sealed record PluginText(string Name)
{
    private static readonly MetadataReference[] platform =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path)),
    ];

    private string Word => Name.ToLowerInvariant();

    internal string? ModuleName { get; init; }

    internal string? Flag { get; init; }

    internal string? Schema { get; init; }

    internal string? Pattern { get; init; }

    internal string? Route { get; init; }

    internal string? Resource { get; init; }

    internal string? ScopeName { get; init; }

    internal string? AuditType { get; init; }

    /// <summary>Statements of its constructor.</summary>
    internal string Constructor { get; init; } = "";

    /// <summary>Statements at the end of the registration of its services.</summary>
    internal string Services { get; init; } = "";

    /// <summary>Statements before its route is mapped.</summary>
    internal string Mapping { get; init; } = "";

    /// <summary>What the route says of itself.</summary>
    internal string Access { get; init; } = """.RequiresAnyKey()""";

    /// <summary>What the route answers.</summary>
    internal string Answer { get; init; } = "\"here\"";

    /// <summary>Statements of its migration.</summary>
    internal string Migration { get; init; } = "";

    /// <summary>Statements of its reaction to deleted users.</summary>
    internal string Reaction { get; init; } = "";

    /// <summary>Further types.</summary>
    internal string More { get; init; } = "";

    private string Text =>
        $$"""
        using System;
        using System.Collections.Generic;
        using System.Threading;
        using System.Threading.Tasks;
        using Carter;
        using MediatR;
        using Microsoft.AspNetCore.Builder;
        using Microsoft.AspNetCore.Http;
        using Microsoft.AspNetCore.Routing;
        using Microsoft.EntityFrameworkCore;
        using Microsoft.EntityFrameworkCore.Infrastructure;
        using Microsoft.EntityFrameworkCore.Migrations;
        using Microsoft.Extensions.Configuration;
        using Microsoft.Extensions.DependencyInjection;
        using Microsoft.Extensions.Hosting;
        using Modular.SharedKernel.Events;
        using Modular.SharedKernel.Json;
        using Modular.SharedKernel.Modules;
        using Modular.SharedKernel.Persistence;
        using Modular.SharedKernel.Security;
        using Modular.SharedKernel.Settings;
        using Modular.SharedKernel.Web;
        using Modular.Users.Contracts;

        public sealed class EntryModule : IExperimentalModule
        {
            public EntryModule() { {{Constructor}} }
            public string Name => {{ModuleName ?? $"\"{Name}\""}};
            public string Schema => "{{Schema ?? Word}}";
            public string FeatureFlag => "{{Flag ?? Word}}";
            public string Title => "{{Name}}";
            public string Description => "For a test.";
            public IReadOnlyList<string> RoutePatterns => ["{{Pattern ?? $"/api/experimental/{Word}/{{**rest}}"}}"];
            public IReadOnlyList<Grant> Grants => [new(SiteRole.Member, Reach.Own, new Permission("{{Resource ?? Word}}", "read"))];
            public IReadOnlyList<Scope> Scopes => [new("{{ScopeName ?? $"{Resource ?? Word}:read"}}", new Permission("{{Resource ?? Word}}", "read"))];
            public IReadOnlyList<AuditedResource> AuditedResources => [new("{{AuditType ?? Word}}")];
            public void AddServices(IServiceCollection services)
            {
                services.AddModuleDbContext<EntryContext>(Schema);
                {{Services}}
            }
        }

        internal sealed class EntryContext(DbContextOptions<EntryContext> options) : ModuleDbContext(options, "{{Schema ?? Word}}");

        [DbContext(typeof(EntryContext)), Migration("20260101000000_First")]
        internal sealed class First : Migration
        {
            protected override void Up(MigrationBuilder migrationBuilder)
            {
                migrationBuilder.EnsureSchema("{{Schema ?? Word}}");
                migrationBuilder.Sql("create table {{Schema ?? Word}}.things (id uuid primary key)");
            }
        }

        [DbContext(typeof(EntryContext)), Migration("20260101000001_Second")]
        internal sealed class Second : Migration
        {
            protected override void Up(MigrationBuilder migrationBuilder) { {{Migration}} }
        }

        internal sealed class EntryRoute : ICarterModule
        {
            public void AddRoutes(IEndpointRouteBuilder app)
            {
                {{Mapping}}
                app.MapGet("{{Route ?? $"/api/experimental/{Word}/things"}}", () => {{Answer}}){{Access}};
            }
        }

        internal sealed class EntryReaction : INotificationHandler<UserDeleted>
        {
            public Task Handle(UserDeleted notification, CancellationToken cancellationToken) { {{Reaction}} return Task.CompletedTask; }
        }

        {{More}}
        """;

    /// <summary>Builds it into a folder of its own, with an assembly of the text <paramref name="library"/> that it may use.</summary>
    internal void Drop(DirectoryInfo dataFolder, (string Name, string Text)? library = null, bool withLibrary = true, string? into = null)
    {
        var folder = PluginFolder.Make(dataFolder, into ?? Name);
        MetadataReference[] references = platform;
        if (library is { } own)
        {
            var file = Path.Combine(folder.FullName, own.Name + ".dll");
            Compile(own.Name, own.Text, platform, file);
            references = [.. platform.Where(reference => Path.GetFileName(reference.Display) != own.Name + ".dll"), MetadataReference.CreateFromImage(File.ReadAllBytes(file))];
            if (!withLibrary)
            {
                File.Delete(file);
            }
        }

        Compile(Name, Text, references, Path.Combine(folder.FullName, Name + ".dll"));
    }

    /// <summary>Builds any text.</summary>
    internal static void Compile(string name, string text, IEnumerable<MetadataReference> references, string file)
    {
        var built = CSharpCompilation
            .Create(name, [CSharpSyntaxTree.ParseText(text)], references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary))
            .Emit(file);
        Assert.True(built.Success, string.Join('\n', built.Diagnostics));
    }

    /// <summary>Builds any text against what a server has.</summary>
    internal static void Compile(string name, string text, string file) => Compile(name, text, platform, file);
}
