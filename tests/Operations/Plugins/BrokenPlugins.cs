using Microsoft.CodeAnalysis;

namespace Modular.Tests.Operations.Plugins;

/// <summary>Every way to be no plug-in for this server, and what the operator is told of it.</summary>
internal static class BrokenPlugins
{
    /// <summary>A plug-in that is left off must not react to anything. Each of them would make every deletion of a user fail.</summary>
    private const string Sabotage = """throw new InvalidOperationException("left off, and at work");""";

    private const string Inherited =
        """
        IExperimentalModule
        {
            public string Name => "Other";
            public string Schema => "other";
            public string FeatureFlag => "other";
            public string Title => "Other";
            public string Description => "Other.";
            public IReadOnlyList<string> RoutePatterns => [];
            public void AddServices(IServiceCollection services) { }
        }
        """;

    internal static readonly IReadOnlyDictionary<string, (Action<string, DirectoryInfo> Drop, string Reason)> All =
        new Dictionary<string, (Action<string, DirectoryInfo>, string)>
        {
            ["NoAssembly"] = ((name, data) => PluginFolder.Make(data, name), "there is no NoAssembly.dll in its folder"),
            ["Unreadable"] = (
                (name, data) => File.WriteAllText(Path.Combine(PluginFolder.Make(data, name).FullName, name + ".dll"), "no assembly"),
                "cannot be read as an assembly"),
            ["MissingLibrary"] = (
                (name, data) => (Text(name) with { Answer = "Absent.Text" }).Drop(
                    data, ("AbsentLibrary", "public static class Absent { public static string Text => \"\"; }"), withLibrary: false),
                "AbsentLibrary 0.0.0.0 is neither in its folder nor shared by the server"),
            ["ServersLibrary"] = With(
                t => t with { More = "class Yaml { static object Of => new YamlDotNet.Serialization.DeserializerBuilder(); }" },
                "YamlDotNet"),
            ["NoEntry"] = ((name, data) => Plain(name, data, "using Modular.SharedKernel.Modules; public class Nothing { object? Of => typeof(IModule); }"), "has no public class"),
            ["TwoEntries"] = With(
                t => t with { More = $"public sealed class OtherModule : {Inherited}" },
                "has more than one public class"),
            ["OtherContract"] = (OfAnotherContract, "it was built against version 99.0 of Modular.SharedKernel, and this server has "),
            ["InsideTheServer"] = With(
                t => t with { More = "class Peek { object Of => typeof(Modular.Users.UsersModule); }" },
                "it refers to Modular.Users, which is inside the server"),

            ["ThrowsInConstructor"] = With(t => t with { Constructor = Throw("in the constructor") }, "its entry class cannot be made: in the constructor"),
            ["ThrowsInName"] = With(t => t with { ModuleName = "throw new InvalidOperationException(\"in the name\")" }, "in the name"),
            ["ThrowsInServices"] = With(t => t with { Services = Throw("in the services") }, "its services cannot be registered: in the services"),
            ["ThrowsInRoutes"] = With(t => t with { Mapping = Throw("in the routes") }, "its routes cannot be mapped: in the routes"),
            ["ThrowsNothingThatIsText"] = With(
                t => t with { Services = Throw("a\\0b\\ud800c\\u001b[2J\\nd") }, "its services cannot be registered: a\uFFFDb\uFFFDc\uFFFD[2J d (InvalidOperationException)"),
            ["ThrowsTheUnspeakable"] = With(
                t => t with { Constructor = "throw new Unspeakable();", More = Unspeakable }, "it throws something whose message cannot be read (Unspeakable)"),
            ["ThrowsInWorker"] = With(
                t => t with { Services = "services.AddHostedService<Worker>();", More = Worker(Throw("in the\\0worker\\ud800")) },
                "Worker fails to start: in the\uFFFDworker\uFFFD"),
            ["ThrowsInMakingAWorker"] = With(
                t => t with { Services = "services.AddHostedService<Worker>();", More = Worker("return Task.CompletedTask;", Throw("in making")) },
                "fails to start: in making"),
            ["ThrowsInBackground"] = With(
                t => t with
                {
                    Services = "services.AddHostedService<Background>();",
                    More = $"class Background : BackgroundService {{ protected override Task ExecuteAsync(CancellationToken ct) {{ {Throw("in the background")} }} }}",
                },
                "Background fails to start: in the background"),
            ["TakesEveryRequest"] = With(
                t => t with
                {
                    Services = "services.AddSingleton<Microsoft.AspNetCore.Hosting.IStartupFilter, Filter>();",
                    More = "class Filter : Microsoft.AspNetCore.Hosting.IStartupFilter { public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => next; }",
                },
                "it registers IStartupFilter (Filter)"),
            ["TakesThePaths"] = With(
                t => t with
                {
                    Services = "services.AddSingleton<MatcherPolicy, Policy>();",
                    More = "class Policy : MatcherPolicy { public override int Order => 0; }",
                },
                "it registers MatcherPolicy (Policy)"),
            ["TakesTheUsers"] = With(t => t with { Services = "services.AddScoped<IUserDirectory>(_ => null!);" }, "it registers IUserDirectory;"),
            ["TakesTheClock"] = With(t => t with { Services = "services.AddSingleton(TimeProvider.System);" }, "it registers TimeProvider"),
            ["TakesEveryCommand"] = With(
                t => t with
                {
                    Services = "services.AddScoped(typeof(IPipelineBehavior<,>), typeof(Behavior<,>));",
                    More = """
                        class Behavior<T, R> : IPipelineBehavior<T, R>
                        {
                            public Task<R> Handle(T request, CancellationToken ct, RequestHandlerDelegate<R> next) => throw new InvalidOperationException();
                        }
                        """,
                },
                "it registers IPipelineBehavior<, > (Behavior<, >)"),
            ["HearsEverything"] = With(
                t => t with { More = "class Ear<T> : INotificationHandler<T> where T : INotification { public Task Handle(T heard, CancellationToken ct) => Task.CompletedTask; }" },
                "it registers INotificationHandler<> (Ear<>)"),
            ["HearsTheInside"] = With(
                t => t with { More = "class Ear : INotificationHandler<Modular.SharedKernel.Events.IntegrationEvent> { public Task Handle(Modular.SharedKernel.Events.IntegrationEvent heard, CancellationToken ct) => Task.CompletedTask; }" },
                "it registers INotificationHandler<IntegrationEvent> (Ear)"),
            ["SetsTheWebServer"] = With(
                t => t with { Services = "services.Configure<Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions>(kestrel => kestrel.Limits.MaxRequestBodySize = 1);" },
                "it registers IConfigureOptions<KestrelServerOptions>"),
            ["SetsTheWholeHost"] = With(
                t => t with { Services = "services.PostConfigure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.Zero);" }, "it registers IPostConfigureOptions<HostOptions>"),
            ["BringsAnotherModule"] = With(
                t => t with { Services = "services.AddSingleton<IModule>(new OtherModule());", More = $"internal sealed class OtherModule : {Inherited}" },
                "it registers IModule (OtherModule)"),
            ["RoutesOfAnotherModule"] = With(
                t => t with { Services = "services.AddKeyedSingleton<ICarterModule, EntryRoute>(\"Users\");" }, "it registers ICarterModule (EntryRoute)"),
            ["SettingOfTheServer"] = With(
                t => t with { Services = "services.AddSettings(settings => new Word(settings.Text(\"DataProtection:CertificatePassword\") ?? \"\"));", More = "record Word(string Value);" },
                "it reads the setting DataProtection:CertificatePassword; its own begin with SettingOfTheServer:"),
            ["NeedsWhatIsNotThere"] = With(
                t => t with { Services = "services.AddSingleton<Needy>();", More = "class Absent; class Needy(Absent absent) { object Of => absent; }" },
                "its services do not fit together"),
            ["TakesServices"] = With(t => t with { Services = "services.RemoveAt(0);" }, "takes away or replaces services of the server"),

            ["OtherName"] = With(t => t with { ModuleName = "\"Another\"" }, "its module is named 'Another'"),
            ["usERSKills"] = With(t => t, "the module name 'usERSKills' belongs to UserSkills"),
            ["FlagOfAnExperiment"] = With(t => t with { Flag = "user-skills" }, "the feature flag 'user-skills' belongs to UserSkills"),
            ["FlagOfAPlugin"] = With(t => t with { Flag = "aasound" }, "the feature flag 'aasound' belongs to AaSound"),
            ["NoFlag"] = With(t => t with { Flag = "No Flag" }, "'No Flag' is no feature flag"),
            ["SchemaOfAModule"] = With(t => t with { Schema = "users" }, "the schema 'users' belongs to Users"),
            ["SchemaOfTheHost"] = With(t => t with { Schema = "host" }, "the schema 'host' belongs to Host"),
            ["SchemaOfThePublic"] = With(t => t with { Schema = "public" }, "'public' is no schema for a plug-in"),
            ["PermissionOfAModule"] = With(t => t with { Resource = "api_key" }, "the permission 'api_key' belongs to ApiKeys"),
            ["ScopeOfAModule"] = With(t => t with { ScopeName = "user:read" }, "the scope 'user:read' belongs to Users"),
            ["ScopeOfNothing"] = With(t => t with { ScopeName = "other:read" }, "its scope other:read stands for permissions that are not its own"),
            ["AuditTypeTwice"] = With(
                t => t with { AuditType = "audittypetwice\"), new(\"audittypetwice" }, "it names the type of resource audittypetwice of its audit entries twice"),
            ["AuditTypeOfAModule"] = With(t => t with { AuditType = "user" }, "the audit resource type 'user' belongs to Users"),
            ["PatternOfEverything"] = With(
                t => t with { Pattern = "/api/experimental/{area}/{user}/skills", Route = "/api/experimental/x" }, "does not lie below /api/experimental, with a word of its own"),
            ["PathsOfAnExperiment"] = With(
                t => t with { Pattern = "/api/experimental/users/{user}/{**rest}", Route = "/api/experimental/users/{user}/things" },
                "its route pattern /api/experimental/users/{user}/{**rest} takes paths of UserSkills"),
            ["PatternOutside"] = With(t => t with { Pattern = "/api/v2/things/{**rest}" }, "does not lie below /api/experimental"),
            ["RouteOutside"] = With(t => t with { Route = "/api/v2/users/{user}/things" }, "its route /api/v2/users/{user}/things is below none of its route patterns"),
            ["RouteOfAnother"] = With(
                t => t with { Route = "/api/experimental/users/{user}/skills/{name}" },
                "its route /api/experimental/users/{user}/skills/{name} is below none of its route patterns"),
            ["RouteOfNoKind"] = With(t => t with { Route = "/api/experimental/routeofnokind/{id:nothing}" }, "its routes cannot be mapped: The constraint reference 'nothing' could not be resolved"),
            ["MoreRoutesLater"] = With(
                t => t with
                {
                    Mapping = "if (Times.Mapped++ > 0) { app.MapGet(\"/api/v2/users/more\", () => 1).AllowsAnonymous(); }",
                    More = "static class Times { public static int Mapped; }",
                },
                "its routes at the start are not those of its trial: GET /api/v2/users/more"),
            ["ThrowsInRoutesLater"] = With(
                t => t with { Mapping = $"if (Times.Mapped++ > 0) {{ {Throw("later")} }}", More = "static class Times { public static int Mapped; }" },
                "its routes cannot be mapped: later"),
            ["OpenDoor"] = With(t => t with { Access = "" }, "its route /api/experimental/opendoor/things does not say who may call it"),
            ["OperationOfAModule"] = With(t => t with { Access = ".RequiresAnyKey().WithName(\"ReadUser\")" }, "the operation 'ReadUser' of its route"),
            ["ConstraintOfAModule"] = With(
                t => t with { Services = "services.AddConstraintError(\"ix_keys_token_name\", Modular.SharedKernel.Results.Error.NotAllowed);" },
                "the constraint 'ix_keys_token_name' that it explains is explained already"),

            ["ToolOfAnExperiment"] = With(t => t with { Services = Tool("toolofanexperiment", "read_skill") }, "the tool 'read_skill' that it offers to agents exists already"),
            ["ToolOfAnothersFlag"] = With(t => t with { Services = Tool("user-skills", "a_tool") }, "what it offers to agents is behind the flag 'user-skills'"),

            ["WrongSetting"] = With(
                t => t with { Services = "services.AddSettings(settings => new Number(settings.WholeNumber(\"WrongSetting:Number\", 1)));", More = "record Number(int Value);" },
                "The setting Modular:WrongSetting:Number is 'many'"),
            ["WrongLimit"] = With(
                t => t with { Access = ".RequiresAnyKey().LimitedBy(new RateLimit(\"WrongLimit\", 5, TimeSpan.FromMinutes(1)))" },
                "The setting Modular:RateLimits:WrongLimit is 'few'"),

            ["FailingMigration"] = With(t => t with { Migration = "migrationBuilder.Sql(\"select 1 / 0\");" }, "its schema cannot be made: division by zero"),
            ["MigrationThatHangsUp"] = With(
                t => t with { Migration = "migrationBuilder.Sql(\"select pg_terminate_backend(pg_backend_pid())\");" }, "its schema cannot be made: "),
            ["ForeignMigration"] = With(
                t => t with { Migration = "migrationBuilder.Sql(\"alter table users.users add column foreign_migration text\");" },
                "a migration of it changes users.users, which is not in its schema foreignmigration"),
            ["FromTheFuture"] = With(t => t, "its schema has been used by a newer version of it, which added 99990101000000_Later"),
            ["MovedSchema"] = With(t => t with { Schema = "moved_elsewhere" }, "its data is in the schema 'movedschema', and now it names 'moved_elsewhere'"),
            ["FlagOfTheGone"] = With(t => t with { Flag = "aagone" }, "its schema or its feature flag is kept for the plug-in AaGone; if that is gone for good, run:"),
            ["SchemaOfOthers"] = With(t => t with { Schema = "somebody_elses" }, "the database has a schema 'somebody_elses' already, which is not its own"),

            ["no name"] = ((name, data) => Text("NoName").Drop(data, into: name), "'no name' is no name for a plug-in"),
            ["Pipe"] = ((name, data) => Run("mkfifo", Path.Combine(PluginFolder.Make(data, name).FullName, name + ".dll")), "Pipe.dll is no file; a plug-in consists of"),
            ["PipeBeside"] = Beside(folder => Run("mkfifo", Path.Combine(folder, "PipeBeside.deps.json")), "PipeBeside.deps.json is no file"),
            ["Link"] = Beside(folder => File.CreateSymbolicLink(Path.Combine(folder, "Other.dll"), "/dev/zero"), "Other.dll is a link"),
            ["OpenFolder"] = Beside(folder => Run("chmod", "o+w", folder), "OpenFolder; run chown"),
            ["OpenInside"] = Beside(folder => Run("chmod", "o+w", Directory.CreateDirectory(Path.Combine(folder, "inside")).FullName), "OpenInside/inside; run chown"),
            ["OpenToAGroup"] = Beside(
                folder => Run("chmod", Environment.IsPrivilegedProcess ? "g+w" : "o+w", GiveToGames(Path.Combine(folder, "OpenToAGroup.dll"))),
                "OpenToAGroup.dll; run chown"),
            ["OfAnotherAccount"] = Beside(
                folder => Run("chmod", Environment.IsPrivilegedProcess ? "u+w" : "o+w", GiveToGames(Path.Combine(folder, "OfAnotherAccount.dll"), "games")),
                "OfAnotherAccount.dll; run chown"),
            ["OpenFile"] = Beside(folder => Run("chmod", "o+w", Path.Combine(folder, "OpenFile.dll")), "other accounts may write to "),
        };

    /// <summary>An exception that cannot say what it is.</summary>
    internal const string Unspeakable =
        """
        class Unspeakable : Exception
        {
            public override string Message => throw new InvalidOperationException();
            public override string ToString() => throw new InvalidOperationException();
        }
        """;

    /// <summary>Those that have run before, when they were sound: they keep the schema that they have.</summary>
    internal static readonly IReadOnlyList<string> SoundBefore = ["FromTheFuture", "MovedSchema"];

    /// <summary>One that ran before and has been removed.</summary>
    internal const string Gone = "AaGone";

    /// <summary>What the settings of the server must say for them to be broken as they are meant to.</summary>
    internal static readonly (string Name, string Value)[] Settings =
    [
        ("Modular__WrongSetting__Number", "many"),
        ("Modular__RateLimits__WrongLimit", "few"),
    ];

    /// <summary>Written by the plug-in of another contract, if any of its code runs.</summary>
    internal static string Trace(DirectoryInfo dataFolder) => Path.Combine(dataFolder.FullName, "it-ran");

    private static PluginText Text(string name) => new(name) { Reaction = Sabotage };

    private static (Action<string, DirectoryInfo>, string) With(Func<PluginText, PluginText> flaw, string reason) =>
        ((name, data) => flaw(Text(name)).Drop(data), reason);

    /// <summary>A sound one that something is done to when it lies there.</summary>
    private static (Action<string, DirectoryInfo>, string) Beside(Action<string> flaw, string reason) => (
        (name, data) =>
        {
            Text(name).Drop(data);
            flaw(Path.Combine(data.FullName, "plugins", name));
        },
        reason);

    /// <summary>Only root can give a file away; another account's test makes it open to all instead.</summary>
    private static string GiveToGames(string path, string account = "")
    {
        if (Environment.IsPrivilegedProcess)
        {
            Run("chown", $"{account}:daemon", path);
        }

        return path;
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private static string Throw(string what) => $"throw new InvalidOperationException(\"{what}\");";

    private static string Tool(string flag, string name) =>
        $$"""
        Modular.SharedKernel.Mcp.McpRegistration.AddMcpTools(services, "{{flag}}", new Permission("user", "read"), ModelContextProtocol.Server.McpServerTool.Create(
            () => "", new ModelContextProtocol.Server.McpServerToolCreateOptions { Name = "{{name}}" }));
        """;

    /// <summary>The text of a worker.</summary>
    internal static string Worker(string start, string constructor = "") =>
        $$"""
        class Worker : IHostedService
        {
            public Worker() { {{constructor}} }
            public Task StartAsync(CancellationToken ct) { {{start}} }
            public Task StopAsync(CancellationToken ct) => Task.CompletedTask;
        }
        """;

    private static void Plain(string name, DirectoryInfo data, string text) =>
        PluginText.Compile(name, text, Path.Combine(PluginFolder.Make(data, name).FullName, name + ".dll"));

    private static void OfAnotherContract(string name, DirectoryInfo data)
    {
        var kernel = Path.Combine(Directory.CreateTempSubdirectory("modular-kernel-").FullName, "Modular.SharedKernel.dll");
        PluginText.Compile(
            "Modular.SharedKernel",
            "[assembly: System.Reflection.AssemblyVersion(\"99.0.0.0\")] namespace Modular.SharedKernel.Modules { public interface IExperimentalModule { int Age { get; } } }",
            kernel);
        PluginText.Compile(
            name,
            $$"""
            public sealed class OtherModule : Modular.SharedKernel.Modules.IExperimentalModule
            {
                public int Age => 99;

                [System.Runtime.CompilerServices.ModuleInitializer]
                internal static void Run() => System.IO.File.WriteAllText("{{Trace(data)}}", "");
            }
            """,
            [
                .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
                    .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal))
                    .Select(path => MetadataReference.CreateFromFile(path)),
                MetadataReference.CreateFromFile(kernel),
            ],
            Path.Combine(PluginFolder.Make(data, name).FullName, name + ".dll"));
        Directory.Delete(Path.GetDirectoryName(kernel)!, recursive: true);
    }
}
