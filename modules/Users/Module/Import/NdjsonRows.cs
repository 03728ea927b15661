using System.Text.Json;
using Modular.SharedKernel.Json;

namespace Modular.Users.Import;

/// <summary>One JSON object a line.</summary>
internal sealed class NdjsonRows(LineReader lines) : IRowReader
{
    public ValueTask<Error?> OpenAsync(CancellationToken ct) => default;

    public async ValueTask<ReadRow?> ReadAsync(CancellationToken ct)
    {
        while (await lines.ReadAsync(ct) is { } line)
        {
            if (line.Problem is not null || line.Bytes.AsSpan().ContainsAnyExcept(" \t"u8))
            {
                return Read(line);
            }
        }

        return null;
    }

    private static ReadRow Read(Line line)
    {
        if (line.Problem is { } problem)
        {
            return ReadRow.Broken(line.Number, problem);
        }

        try
        {
            return ReadRow.Of(line.Number, JsonSerializer.Deserialize<ImportRow>(line.Bytes, ModularJson.Options) ?? new ImportRow());
        }
        catch (JsonException wrong)
        {
            return wrong.Path is ['$', '.', .. var path]
                ? ReadRow.Broken(line.Number, "The value is not what is expected here. See /docs for the form.", path.Split('.', '[')[0])
                : ReadRow.Broken(line.Number, "The line is not a JSON object. Write each person as one object on one line.");
        }
    }
}
