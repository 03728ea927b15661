using System.IO.Pipelines;
using System.Text;
using Modular.Users.Import;

namespace Modular.Tests.Unit.Users;

public sealed class LineReaderTests
{
    private static readonly string longest = new('x', LineReader.MaxLineBytes);

    public static TheoryData<string, string[]> Files => new()
    {
        { "", [] },
        { "\n", ["1 "] },
        { "a", ["1 a"] },
        { "a\nb\n", ["1 a", "2 b"] },
        { "a\r\n\r\nb\r", ["1 a", "2 ", "3 b"] },
        { "\uFEFFa\n\uFEFFb", ["1 a", "2 \uFEFFb"] },
        { $"{longest}\n{longest}", [$"1 {longest}", $"2 {longest}"] },
        { $"{longest}x\na\n{longest}{longest}{longest}", ["1 too long", "2 a", "3 too long"] },
    };

    [Theory, MemberData(nameof(Files))]
    public async Task A_file_is_cut_into_lines_however_it_arrives(string file, string[] lines)
    {
        foreach (var piece in new[] { 1, 7, 4096, int.MaxValue })
        {
            Assert.Equal(lines, await ReadAsync(Encoding.UTF8.GetBytes(file), piece));
        }
    }

    [Theory]
    [InlineData("aaa\nbbb\n", "1 aaa", "2 bbb")]
    [InlineData("aaa\nbbb\nc", "1 aaa", "2 bbb", "3 too long")]
    public async Task A_file_that_is_too_long_ends_with_a_problem(string file, params string[] lines) =>
        Assert.Equal(lines, await ReadAsync(Encoding.UTF8.GetBytes(file), piece: 4, maxFileBytes: 8));

    /// <summary>An import has to judge its caller every few seconds, whatever comes and however fast.</summary>
    [Theory]
    [InlineData("\n")]
    [InlineData("x")]
    public async Task A_body_that_is_always_there_does_not_hold_its_reader(string content)
    {
        using var stop = new CancellationTokenSource();
        var rows = new NdjsonRows(new LineReader(PipeReader.Create(new Endless((byte)content[0]))));

        var reading = await Task.Factory.StartNew(() => rows.ReadAsync(stop.Token).AsTask(), default, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            .WaitAsync(TimeSpan.FromSeconds(10));

        Assert.False(reading.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    private sealed class Endless(byte content) : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            buffer.Span.Fill(content);
            return ValueTask.FromResult(buffer.Length);
        }
    }

    private static async Task<List<string>> ReadAsync(byte[] file, int piece, long maxFileBytes = LineReader.MaxFileBytes)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 1024 * 1024));
        var sending = SendAsync();
        var reader = new LineReader(pipe.Reader, maxFileBytes);
        var lines = new List<string>();
        while (await reader.ReadAsync(CancellationToken.None) is { } line)
        {
            lines.Add($"{line.Number} {(line.Problem is null ? Encoding.UTF8.GetString(line.Bytes) : "too long")}");
        }

        await sending;
        return lines;

        async Task SendAsync()
        {
            for (var sent = 0; sent < file.Length; sent += Math.Min(piece, file.Length - sent))
            {
                await pipe.Writer.WriteAsync(file.AsMemory(sent, Math.Min(piece, file.Length - sent)));
            }

            await pipe.Writer.CompleteAsync();
        }
    }
}
