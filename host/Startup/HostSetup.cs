using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Logging.Console;
using Modular.Host.Experiments;
using Modular.Host.Lifetime;
using Modular.Host.Persistence;
using Modular.Host.Plugins;
using Modular.Host.Server;
using Modular.Host.Server.Descriptions;
using Modular.Host.Server.Limits;
using Modular.Host.Server.Routes;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Settings;
using Modular.SharedKernel.Web;
using Npgsql;
using OpenTelemetry.Instrumentation.AspNetCore;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Modular.Host.Startup;

/// <summary>What the host brings for every module: the clock, the request's identity, cookies, limits, descriptions, telemetry.</summary>
internal static class HostSetup
{
    /// <summary>Requests in flight have this long once the server is told to stop.</summary>
    private static readonly TimeSpan drain = TimeSpan.FromSeconds(10);

    internal static void AddModularHost(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<TimeProvider, MicrosecondClock>();
        services.AddHttpContextAccessor();
        services.AddSingleton<CurrentRequest>();
        services.AddSingleton<ICurrentUser>(provider => provider.GetRequiredService<CurrentRequest>());
        services.AddSingleton<IRequestOrigin>(provider => provider.GetRequiredService<CurrentRequest>());
        services.AddSingleton<IAccessUrl, AccessUrl>();
        services.AddSettings(CookieSettings.Read).AddSingleton<SessionCookie>().AddSettings(StreamSlots.Read);
        services.AddSingleton<RateLimitSettings>().AddSingleton<RateCounters>().AddSingleton<PasswordDoors>();
        services.AddSingleton<DeploymentId>().AddSingleton<DatabaseProbe>();
        services.AddModularDescriptions();

        services.Configure<HostOptions>(options => options.ShutdownTimeout = drain);
        services.AddSingleton<IHostLifetime, ServerEnd.NoOtherEnd>();
        services.AddOptions<ForwardedHeadersOptions>().Configure<ServerSettings>(TrustProxies);
        services.AddSettings(ConnectionLimits.Read).AddSingleton<Connections>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;

            // The routes' own limits decide. This one stands behind them and counts the framing of chunks too, which can be
            // five bytes for each of the body.
            kestrel.Limits.MaxRequestBodySize = 8 * MaxBodyBytes.Default;

            // What has come and is not looked at yet, of each connection: several requests may be sent before an answer is read.
            kestrel.Limits.MaxRequestBufferSize = 128 * 1024;
            kestrel.Limits.MaxConcurrentConnections = kestrel.ApplicationServices.GetRequiredService<ConnectionLimits>() is { AtOnce: > 0 } limits ? limits.AtOnce : null;
            var connections = kestrel.ApplicationServices.GetRequiredService<Connections>();
            kestrel.ConfigureEndpointDefaults(listen => listen.Use(next => connection => connections.ServeAsync(connection, next)));
        });

        // A person at a terminal reads lines; whatever collects logs reads JSON. Logging:Console:FormatterName overrides it.
        if (builder.Configuration["Logging:Console:FormatterName"] is null)
        {
            builder.Logging.AddConsole(console => console.FormatterName = Console.IsOutputRedirected ? "json" : "simple");
        }

        // Where the reader of the log is slower than the requests, lines are lost, and counted in the log; no request waits for them.
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite);

        // The framework's own lines about a request, and the scope that it puts around every other line, hold the path and the query.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.AddTelemetry();
    }

    internal static void AddModularDatabase(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ModularDatabase>();
        builder.Services.AddSingleton(provider =>
            new NpgsqlDataSourceBuilder(provider.GetRequiredService<ModularDatabase>().ConnectionString)
                .UseLoggerFactory(provider.GetRequiredService<ILoggerFactory>())
                .Build());
    }

    /// <summary>The order of what every request passes.</summary>
    internal static void UseModularPipeline(this WebApplication app)
    {
        app.UseExceptionAnswers();
        app.UseForwardedHeaders(app.Services.GetRequiredService<ServerSettings>());
        app.UseMiddleware<RequestIdentity>();
        app.UseErrorBodies();
        app.UseMiddleware<KeyLookups>();
        app.UseMiddleware<Csrf>();
        app.UseMiddleware<ExperimentGates>();
        app.UseRouting();
        app.UseMiddleware<RateLimitCheck>();
        app.UseMiddleware<RouteAccessCheck>();
    }

    /// <summary>Maps every module's routes under its name.</summary>
    internal static void MapModules(this WebApplication app)
    {
        app.MapDescriptions();
        foreach (var module in app.Services.GetServices<IModule>().Where(module => module is not PluginModule))
        {
            app.MapModule(module, app.Services);
        }

        app.Services.GetService<PluginSet>()?.Map(app);

        app.RefuseOpenDoors();
        app.Services.GetRequiredService<RateLimitSettings>().Check(((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints));
    }

    /// <summary>Reads every setting, so that a wrong one is told now and not by the first request that needs it.</summary>
    internal static void CheckSettings(this WebApplication app)
    {
        foreach (var check in app.Services.GetServices<SettingsCheck>())
        {
            check.Run(app.Services);
        }
    }

    /// <summary>The framework reads one header; of those that the operator names it is given the first that the request has.</summary>
    private static void UseForwardedHeaders(this WebApplication app, ServerSettings settings)
    {
        app.Use((http, next) =>
        {
            var headers = http.Request.Headers;
            var sent = settings.ForwardedForHeaders.Select(name => headers[name]).FirstOrDefault(values => values.Count > 0);
            headers[ForwardedHeadersDefaults.XForwardedForHeaderName] = sent;
            return next(http);
        });
        app.UseForwardedHeaders();
    }

    private static void TrustProxies(ForwardedHeadersOptions options, ServerSettings settings)
    {
        options.KnownIPNetworks.Clear();
        options.KnownProxies.Clear();
        options.ForwardedHeaders = settings.TrustedProxies.Count == 0
            ? ForwardedHeaders.None
            : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
        options.ForwardLimit = null; // Over any number of proxies, as long as they are trusted.
        foreach (var network in settings.TrustedProxies)
        {
            options.KnownIPNetworks.Add(network);
        }
    }

    /// <summary>A path may hold what its sender took for something else, such as a key.</summary>
    private static void NamePatternsOnly(AspNetCoreTraceInstrumentationOptions options) => options.EnrichWithHttpResponse = (activity, response) =>
        activity.SetTag("url.path", (response.HttpContext.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "(no route)");

    /// <summary>Traces and metrics are made where they are collected: OTEL_EXPORTER_OTLP_ENDPOINT says where.</summary>
    private static void AddTelemetry(this WebApplicationBuilder builder)
    {
        if (string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            return;
        }

        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("modular", serviceVersion: ServerSettings.OwnVersion))
            .WithTracing(tracing => tracing.AddAspNetCoreInstrumentation(NamePatternsOnly).AddNpgsql().AddOtlpExporter())
            .WithMetrics(metrics => metrics.AddAspNetCoreInstrumentation().AddRuntimeInstrumentation().AddNpgsqlInstrumentation().AddMeter(FeatureStore.MeterName).AddOtlpExporter());
    }
}
