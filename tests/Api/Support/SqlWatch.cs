using System.Collections.Concurrent;
using System.Data.Common;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Modular.SharedKernel.Persistence;
using Npgsql;

namespace Modular.Tests.Api.Support;

/// <summary>Sees every command that a module's context sends, so that a test can say which schemas it touches.</summary>
internal sealed partial class SqlWatch
{
    private readonly ConcurrentDictionary<(string Schema, string Sql), bool> seen = new();
    private ConcurrentQueue<string>? plans;

    /// <summary>Commands so far: the schema of the context that sent it, and its text.</summary>
    internal IReadOnlyCollection<(string Schema, string Sql)> Seen => [.. seen.Keys];

    /// <summary>From now on, and until it is asked for again, what is read is explained first, as it is asked: on its connection, with its values.</summary>
    internal IReadOnlyCollection<string> Explain() => Interlocked.Exchange(ref plans, new()) is { } before ? [.. before] : [];

    /// <summary>Schemas that a command names.</summary>
    internal static IReadOnlySet<string> SchemasIn(string sql, IEnumerable<string> schemas)
    {
        var named = QualifiedNames().Matches(sql).Select(match => match.Groups[1].Value).ToHashSet();
        return schemas.Where(named.Contains).ToHashSet();
    }

    internal void Attach(IServiceCollection services)
    {
        var contexts = services.Select(service => service.ImplementationInstance).OfType<ModuleContext>().ToArray();
        foreach (var context in contexts)
        {
            typeof(SqlWatch).GetMethod(nameof(Watch), System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)!
                .MakeGenericMethod(context.Type)
                .Invoke(this, [services, context.Schema]);
        }
    }

    private void Watch<TContext>(IServiceCollection services, string schema)
        where TContext : DbContext =>
        services.ConfigureDbContext<TContext>(options => options.AddInterceptors(new Interceptor(this, schema)));

    /// <summary><c>schema.table</c> or <c>"schema"."table"</c>.</summary>
    [GeneratedRegex("""\b"?([a-z_]+)"?\."?[a-z_]+""")]
    private static partial Regex QualifiedNames();

    private sealed class Interceptor(SqlWatch watch, string schema) : DbCommandInterceptor
    {
        public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            if (watch.plans is { } plans)
            {
                await using var explain = new NpgsqlCommand("explain (settings) " + command.CommandText, (NpgsqlConnection)command.Connection!);
                explain.Parameters.AddRange(command.Parameters.Cast<NpgsqlParameter>().Select(parameter => parameter.Clone()).ToArray());
                await using var lines = await explain.ExecuteReaderAsync(cancellationToken);
                var plan = new StringBuilder(command.CommandText);
                while (await lines.ReadAsync(cancellationToken))
                {
                    plan.Append('\n').Append(lines.GetString(0));
                }

                plans.Enqueue(plan.ToString());
            }

            return result;
        }

        public override DbCommand CommandInitialized(CommandEndEventData eventData, DbCommand result)
        {
            watch.seen.TryAdd((schema, result.CommandText), true);
            return result;
        }
    }
}
