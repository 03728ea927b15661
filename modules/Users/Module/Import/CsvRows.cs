using System.Text.Unicode;
using CsvHelper;
using Modular.SharedKernel.Text;

namespace Modular.Users.Import;

/// <summary>
/// Comma-separated rows below a header line. Columns in any order; those that mean nothing here are passed over; an empty cell is an
/// absent member, and cells with several values separate them by blanks.
/// </summary>
internal sealed class CsvRows(LineReader lines) : IRowReader
{
    private const char Quote = '"';

    private static readonly string[] columns =
    [
        "external_id", "email", "username", "name", "login_type", "user_status", "service_account", "organizations", "roles", "password_hash",
        "password",
    ];

    private static readonly CsvReaderOptions oneRecord = new()
    {
        HasHeader = false,
        Separator = ',',
        MalformedData = CsvMalformedDataHandling.Throw,
    };

    private readonly LinkedList<Line> putBack = new();
    private Dictionary<string, int> places = [];
    private int width;

    /// <summary>Reads the header line: without one that can be used there is nothing to import.</summary>
    public async ValueTask<Error?> OpenAsync(CancellationToken ct)
    {
        if (await NextRecordAsync(ct) is not { Cells: { } header })
        {
            return ImportErrors.NoHeader;
        }

        var names = header.Select(name => name.Trim().ToLowerInvariant()).ToList();
        width = names.Count;
        var known = names.Select((name, place) => (name, place)).Where(column => columns.Contains(column.name)).ToList();
        if (known.Count == 0)
        {
            return ImportErrors.NoHeader;
        }

        if (known.GroupBy(column => column.name).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            return ImportErrors.ColumnTwice(twice.Key);
        }

        places = known.ToDictionary(column => column.name, column => column.place);
        return null;
    }

    public async ValueTask<ReadRow?> ReadAsync(CancellationToken ct)
    {
        while (await NextRecordAsync(ct) is { } record)
        {
            if (record.Cells is not { } cells)
            {
                return ReadRow.Broken(record.Line, record.Problem!);
            }

            if (cells.Length > 0)
            {
                return Read(record.Line, cells);
            }
        }

        return null;
    }

    private ReadRow Read(int line, string[] cells)
    {
        if (cells.Length != width)
        {
            return ReadRow.Broken(line, $"The row has {cells.Length} cells, the header {width}. Quote cells that contain commas.");
        }

        bool? serviceAccount = null;
        if (Cell("service_account") is { } text && (serviceAccount = GoParse.Bool(text)) is null)
        {
            return ReadRow.Broken(line, "Write true or false.", "service_account");
        }

        return ReadRow.Of(line, new ImportRow
        {
            ExternalId = Cell("external_id"),
            Email = Cell("email"),
            Username = Cell("username"),
            Name = Cell("name"),
            LoginType = Cell("login_type"),
            UserStatus = Cell("user_status"),
            ServiceAccount = serviceAccount,
            Organizations = Values("organizations"),
            Roles = Values("roles"),
            PasswordHash = Cell("password_hash"),
            Password = Cell("password"),
        });

        string? Cell(string column) => places.TryGetValue(column, out var place) && cells[place].Length > 0 ? cells[place] : null;

        List<string?>? Values(string column) => Cell(column)?.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToList<string?>();
    }

    /// <summary>
    /// The lines up to one on which every quote is closed. Where none comes, or they make no record, the first line alone is broken: a
    /// stray quote must not swallow the rows behind it.
    /// </summary>
    private async ValueTask<Record?> NextRecordAsync(CancellationToken ct)
    {
        if (await NextLineAsync(ct) is not { } first)
        {
            return null;
        }

        if (first.Problem is not null)
        {
            return new Record(first.Number, null, first.Problem);
        }

        List<Line> taken = [first];
        var (length, quotes) = (first.Bytes.Length, first.Bytes.AsSpan().Count((byte)Quote));
        while (quotes % 2 != 0 && await NextLineAsync(ct) is { } line)
        {
            taken.Add(line);
            length += 1 + line.Bytes.Length;
            quotes += line.Bytes.AsSpan().Count((byte)Quote);
            if (line.Problem is not null || length > LineReader.MaxLineBytes)
            {
                quotes = 1;
                break;
            }
        }

        if (quotes % 2 == 0 && Split(taken) is var record && (record.Cells is not null || taken.Count == 1))
        {
            return record;
        }

        for (var i = taken.Count - 1; i > 0; i--)
        {
            putBack.AddFirst(taken[i]);
        }

        return new Record(first.Number, null, "A quote is opened and not closed. Write a quote within a cell twice, and the cell in quotes.");
    }

    private async ValueTask<Line?> NextLineAsync(CancellationToken ct)
    {
        if (putBack.First is not { } line)
        {
            return await lines.ReadAsync(ct);
        }

        putBack.RemoveFirst();
        return line.Value;
    }

    private static Record Split(List<Line> lines)
    {
        var number = lines[0].Number;
        if (lines.Exists(line => !Utf8.IsValid(line.Bytes) || line.Bytes.Contains((byte)0)))
        {
            return new Record(number, null, "The row is not text in UTF-8, or contains U+0000. Save the file as UTF-8.");
        }

        try
        {
            using var reader = CsvReader.Create(Join(lines), oneRecord);
            return new Record(number, reader.Read() ? reader.Current.ToArray() : [], null);
        }
        catch (CsvFormatException)
        {
            return new Record(number, null, "A quote stands in the middle of a cell. Write it twice, and the cell in quotes.");
        }
    }

    private static byte[] Join(List<Line> lines) =>
        lines.Count == 1 ? lines[0].Bytes : [.. lines.SelectMany((line, i) => i == 0 ? line.Bytes : [(byte)'\n', .. line.Bytes])];

    /// <param name="Line">On which it begins.</param>
    /// <param name="Cells">Null where there is a problem; none for a blank line.</param>
    /// <param name="Problem">Why there are no cells.</param>
    private sealed record Record(int Line, string[]? Cells, string? Problem);
}
