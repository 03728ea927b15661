using System.Text;
using Modular.Users.People.Domain;
using Modular.Users.SignIn.Domain;

namespace Modular.Users.Import;

/// <summary>A person as a file describes them. Absent members of a new user have the values that a creation gives them.</summary>
internal sealed record ImportRow
{
    private const int MaxExternalIdBytes = 128;

    /// <summary>What the other system calls the user; a later import finds the user by it again.</summary>
    public string? ExternalId { get; init; }

    public string? Email { get; init; }

    public string? Username { get; init; }

    public string? Name { get; init; }

    public string? LoginType { get; init; }

    public string? UserStatus { get; init; }

    public bool? ServiceAccount { get; init; }

    /// <summary>Names or ids; the default organization where it is absent.</summary>
    public List<string?>? Organizations { get; init; }

    /// <summary>Site roles.</summary>
    public List<string?>? Roles { get; init; }

    /// <summary>As the other system has stored it: argon2id, bcrypt, pbkdf2-sha256 or pbkdf2-sha512.</summary>
    public string? PasswordHash { get; init; }

    /// <summary>Refused: a file of passwords in clear must not come to be.</summary>
    public string? Password { get; init; }

    /// <summary>Keeps the record's generated text from showing hashes in a log.</summary>
    public override string ToString() => nameof(ImportRow);

    /// <summary>Rules that the row breaks by itself, whatever the database holds.</summary>
    internal IEnumerable<Validation> Problems()
    {
        if (ExternalId is not null && Encoding.UTF8.GetByteCount(ExternalId) > MaxExternalIdBytes)
        {
            yield return new Validation("external_id", $"An external id has at most {MaxExternalIdBytes} bytes in UTF-8. Shorten it.");
        }

        foreach (var (field, value, problem) in new (string, string?, Func<string, string?>)[]
        {
            ("email", Email, EmailAddress.Problem),
            ("username", Username, People.Domain.Username.Problem),
            ("name", Name, RealName.Problem),
            ("password_hash", PasswordHash, ForeignHash.Problem),
        })
        {
            if (!string.IsNullOrEmpty(value) && problem(value) is { } sentence)
            {
                yield return new Validation(field, sentence);
            }
        }

        if (!string.IsNullOrEmpty(Password))
        {
            yield return new Validation("password", "Passwords in clear are not imported. Send password_hash, or leave it out.");
        }

        if (!string.IsNullOrEmpty(UserStatus) && !AccountStatus.All.Contains(UserStatus))
        {
            yield return new Validation("user_status", $"There is no status '{UserStatus}'. They are {string.Join(", ", AccountStatus.All)}.");
        }

        if (Roles?.Select(role => role ?? "").FirstOrDefault(role => !SiteRole.All.Contains(role)) is { } unknown)
        {
            yield return new Validation("roles", RoleChange.Unknown(unknown));
        }
    }
}

/// <summary>A row of a file and what is wrong with it, as far as the row alone tells.</summary>
/// <param name="Line">On which it begins.</param>
/// <param name="Row">Null where it cannot be read.</param>
/// <param name="Problems">Empty where it may be imported.</param>
internal sealed record ReadRow(int Line, ImportRow? Row, IReadOnlyList<Validation> Problems)
{
    internal static ReadRow Of(int line, ImportRow row) => new(line, row, [.. row.Problems()]);

    internal static ReadRow Broken(int line, string problem, string field = "") => new(line, null, [new Validation(field, problem)]);
}

/// <summary>Reads a file row by row, as it arrives. A row that cannot be read is one with a problem, and the next one follows.</summary>
internal interface IRowReader
{
    /// <summary>Reads what stands before the first row, once: why there can be no rows, or null.</summary>
    ValueTask<Error?> OpenAsync(CancellationToken ct);

    /// <summary>The next row, or null at the end.</summary>
    ValueTask<ReadRow?> ReadAsync(CancellationToken ct);
}
