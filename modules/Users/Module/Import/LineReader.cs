using System.Buffers;
using System.IO.Pipelines;

namespace Modular.Users.Import;

/// <summary>One line of a file, without its end.</summary>
/// <param name="Number">The first is 1.</param>
/// <param name="Bytes">Empty where there is a problem.</param>
/// <param name="Problem">Why the line was not kept.</param>
internal sealed record Line(int Number, byte[] Bytes, string? Problem = null);

/// <summary>
/// Reads a file line by line as it arrives. What is held is one line at most, and a longer one is passed over without being held. A
/// file that exceeds the limit ends with a problem.
/// </summary>
internal sealed class LineReader(PipeReader body, long maxFileBytes = LineReader.MaxFileBytes)
{
    internal const int MaxLineBytes = 64 * 1024;
    internal const long MaxFileBytes = 1024 * 1024 * 1024;

    private const byte LineFeed = (byte)'\n';
    private static readonly byte[] byteOrderMark = [0xEF, 0xBB, 0xBF];

    private ReadOnlySequence<byte> buffer;
    private long received;
    private int number;
    private bool holdsBuffer;
    private bool isInLongLine;
    private bool isComplete;
    private bool isAtEnd;

    /// <summary>The next line, or null at the end.</summary>
    internal async ValueTask<Line?> ReadAsync(CancellationToken ct)
    {
        while (!isAtEnd)
        {
            if (Cut() is { } line)
            {
                return line;
            }

            if (!isAtEnd)
            {
                // A body that is always there already must not keep its reader from what else it has to do.
                await Task.Yield();
                await ReceiveAsync(ct);
            }
        }

        return null;
    }

    private Line? Cut()
    {
        if (buffer.PositionOf(LineFeed) is { } end)
        {
            var line = NextLine(buffer.Slice(0, end));
            buffer = buffer.Slice(buffer.GetPosition(1, end));
            return line;
        }

        if (received > maxFileBytes)
        {
            End();
            number++;
            return new Line(number, [], $"The file is longer than {maxFileBytes:N0} bytes. Nothing from this line on was imported; send it in parts.");
        }

        if (isComplete)
        {
            var last = isInLongLine || !buffer.IsEmpty ? NextLine(buffer) : null;
            End();
            return last;
        }

        if (buffer.Length > MaxLineBytes)
        {
            isInLongLine = true;
            buffer = buffer.Slice(buffer.End);
        }

        return null;
    }

    private Line NextLine(ReadOnlySequence<byte> bytes)
    {
        number++;
        if (isInLongLine || bytes.Length > MaxLineBytes)
        {
            isInLongLine = false;
            return new Line(number, [], $"The line is longer than {MaxLineBytes:N0} bytes. Shorten it.");
        }

        var line = bytes.ToArray().AsSpan();
        line = line is [.. var withoutReturn, (byte)'\r'] ? withoutReturn : line;
        return new Line(number, (number == 1 && line.StartsWith(byteOrderMark) ? line[byteOrderMark.Length..] : line).ToArray());
    }

    /// <summary>Gives the buffer back: the server reads on from where a request has left its body.</summary>
    private void End()
    {
        isAtEnd = true;
        if (holdsBuffer)
        {
            body.AdvanceTo(buffer.End);
            holdsBuffer = false;
        }

        buffer = default;
    }

    private async ValueTask ReceiveAsync(CancellationToken ct)
    {
        var held = buffer.Length;
        if (holdsBuffer)
        {
            body.AdvanceTo(buffer.Start, buffer.End);
            holdsBuffer = false;
        }

        var read = await ReceiveMoreAsync(ct);
        holdsBuffer = true;
        received += read.Buffer.Length - held;
        buffer = read.Buffer.Slice(0, read.Buffer.Length - Math.Max(0, received - maxFileBytes));
        isComplete = read.IsCompleted;
    }

    /// <exception cref="BadHttpRequestException">The body is framed in a way that HTTP does not allow; the server says so in several types.</exception>
    private async ValueTask<ReadResult> ReceiveMoreAsync(CancellationToken ct)
    {
        try
        {
            return await body.ReadAsync(ct);
        }
        catch (Exception broken) when (broken is not (OperationCanceledException or BadHttpRequestException))
        {
            throw new BadHttpRequestException("The body ended or was framed in a way that HTTP does not allow.", broken);
        }
    }
}
