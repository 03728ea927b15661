using System.Collections;
using Modular.SharedKernel.Web;

namespace Modular.SharedKernel.Messaging;

/// <summary>
/// Says for each column of an audited record whether its values are shown, masked or left out, and computes the diff of two
/// states. Every column must be classified; a test holds shapes against the model.
/// </summary>
/// <typeparam name="T">The record.</typeparam>
public sealed class AuditShape<T>
    where T : class
{
    private readonly Dictionary<string, (Func<T, object?> Value, object? Zero, bool Secret)> fields = [];
    private readonly HashSet<string> ignored = [];
    private readonly HashSet<string> added = [];

    /// <summary>All columns that have been classified.</summary>
    public IReadOnlySet<string> Columns => fields.Keys.Except(added).Concat(ignored).ToHashSet();

    /// <summary>Old and new values are shown. <typeparamref name="TValue"/> decides the zero value of creations and deletions.</summary>
    public AuditShape<T> Shows<TValue>(string column, Func<T, TValue> value)
    {
        fields.Add(column, (record => value(record), Zero(typeof(TValue)), false));
        return this;
    }

    /// <summary>As <see cref="Shows{TValue}"/>, of something that is no column of the record.</summary>
    public AuditShape<T> Adds<TValue>(string name, Func<T, TValue> value)
    {
        added.Add(name);
        return Shows(name, value);
    }

    /// <summary>Only the fact of a change is shown. Binary secrets have no empty form on the wire, texts have.</summary>
    public AuditShape<T> Masks(string column, Func<T, object?> value, string? empty = null)
    {
        fields.Add(column, (value, empty, true));
        return this;
    }

    /// <summary>Never shown.</summary>
    public AuditShape<T> Ignores(params string[] columns)
    {
        ignored.UnionWith(columns);
        return this;
    }

    /// <summary>The fields that differ. A null state is one that does not exist: every field has its zero value.</summary>
    public IReadOnlyDictionary<string, AuditChange> Diff(T? before, T? after)
    {
        var changes = new Dictionary<string, AuditChange>();
        foreach (var (column, (value, zero, secret)) in fields)
        {
            if (secret)
            {
                if (!Equals(before is null ? null : value(before), after is null ? null : value(after)))
                {
                    changes[column] = new AuditChange(zero, zero, true);
                }

                continue;
            }

            var old = before is null ? zero : Wire(value(before));
            var @new = after is null ? zero : Wire(value(after));
            if (!Same(old, @new))
            {
                changes[column] = new AuditChange(old, @new, false);
            }
        }

        return changes;
    }

    private static object? Zero(Type type) => type switch
    {
        _ when Nullable.GetUnderlyingType(type) is not null => "null",
        _ when type == typeof(string) || type == typeof(Guid) => "",
        _ when type == typeof(bool) => false,
        _ when type == typeof(DateTimeOffset) => ModularJson.Format(ModularJson.ZeroTime),
        _ when typeof(IEnumerable).IsAssignableFrom(type) => Array.Empty<string>(),
        _ => Activator.CreateInstance(type),
    };

    private static object? Wire(object? value) => value switch
    {
        null => "null",
        Guid id => id == Guid.Empty ? "" : id.ToString(),
        DateTimeOffset time => ModularJson.Format(time),
        _ => value,
    };

    private static bool Same(object? one, object? other) => one is not string && one is IEnumerable first && other is IEnumerable second
        ? first.Cast<object>().SequenceEqual(second.Cast<object>())
        : Equals(one, other);
}
