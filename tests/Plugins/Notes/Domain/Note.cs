using Modular.SharedKernel.Events;

namespace Notes.Domain;

internal sealed class Note
{
    internal const string ResourceType = "note";

    internal const int MaxLength = 1_000;

    internal static readonly AuditShape<Note> AuditShape = new AuditShape<Note>()
        .Shows("text", note => note.Text)
        .Ignores("id", "user_id", "written_at");

    public Guid Id { get; private set; }

    public Guid UserId { get; private set; }

    public string Text { get; private set; } = "";

    public DateTimeOffset WrittenAt { get; private set; }

    internal static Note Write(Guid userId, string text, DateTimeOffset now) =>
        new() { Id = Guid.CreateVersion7(now), UserId = userId, Text = text, WrittenAt = now };
}
