using System.Text.Json;
using Modular.SharedKernel.Json;

namespace Modular.Users.Import;

/// <summary>
/// The lines of the answer. Many clients read nothing before they have sent everything, and would wait for this server as it waits for
/// them: once one lets the answer wait, the rest of it goes through a file, from which it is sent as fast as the client reads.
/// </summary>
internal sealed class ImportAnswer(Stream client, TimeProvider clock, CancellationToken ct) : IAsyncDisposable
{
    private const int ChunkBytes = 64 * 1024;

    /// <summary>What the file may hold that the client has not read; beyond, the import does wait.</summary>
    private const long MaxWaitingBytes = 1024 * 1024 * 1024;

    private static readonly TimeSpan patience = TimeSpan.FromMilliseconds(500);

    private readonly MemoryStream batch = new();
    private readonly SemaphoreSlim written = new(0);
    private readonly SemaphoreSlim read = new(0);
    private FileStream? file;
    private Task sending = Task.CompletedTask;
    private long writtenBytes;
    private long sentBytes;
    private bool isComplete;

    internal void Add<T>(T line)
    {
        JsonSerializer.Serialize(batch, line, ModularJson.Options);
        batch.WriteByte((byte)'\n');
    }

    /// <summary>Sends what was added, or puts it where it will be sent from.</summary>
    internal async Task FlushAsync()
    {
        var lines = batch.ToArray();
        batch.SetLength(0);
        if (file is null)
        {
            sending = client.WriteAsync(lines, ct).AsTask();
            if (sending.IsCompleted || await Task.WhenAny(sending, Task.Delay(patience, clock, ct)) == sending)
            {
                await sending;
                return;
            }

            file = OpenFile();
            sending = SendFileAsync(sending, file);
            return;
        }

        while (writtenBytes - Interlocked.Read(ref sentBytes) > MaxWaitingBytes && !sending.IsCompleted)
        {
            await read.WaitAsync(ct);
        }

        if (sending.IsCompleted)
        {
            await sending; // The client has gone.
        }

        await RandomAccess.WriteAsync(file.SafeFileHandle, lines, writtenBytes, ct);
        Interlocked.Add(ref writtenBytes, lines.Length);
        written.Release();
    }

    /// <summary>Waits until the client has it all.</summary>
    internal async Task CompleteAsync()
    {
        await FlushAsync();
        isComplete = true;
        written.Release();
        await sending;
    }

    public async ValueTask DisposeAsync()
    {
        // After a failure the connection is cut, which ends the sending.
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (file is not null)
        {
            await file.DisposeAsync();
        }

        written.Dispose();
        read.Dispose();
        await batch.DisposeAsync();
    }

    private async Task SendFileAsync(Task first, FileStream lines)
    {
        try
        {
            await first;
            var chunk = new byte[ChunkBytes];
            while (true)
            {
                var length = await RandomAccess.ReadAsync(lines.SafeFileHandle, chunk, sentBytes, ct);
                if (length > 0)
                {
                    await client.WriteAsync(chunk.AsMemory(0, length), ct);
                    Interlocked.Add(ref sentBytes, length);
                    read.Release();
                }
                else if (isComplete && sentBytes == Interlocked.Read(ref writtenBytes))
                {
                    return;
                }
                else
                {
                    await written.WaitAsync(ct);
                }
            }
        }
        finally
        {
            read.Release(); // From here on it is useless to wait for the client.
        }
    }

    /// <summary>Readable by this process alone, and gone with it.</summary>
    private static FileStream OpenFile()
    {
        var opened = new FileStream(
            Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()),
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
                BufferSize = 0,
            });
        File.Delete(opened.Name);
        return opened;
    }
}
