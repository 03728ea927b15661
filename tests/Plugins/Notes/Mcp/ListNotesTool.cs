using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol.Server;
using Modular.SharedKernel.Security;
using Notes.Persistence;

namespace Notes.Mcp;

/// <summary>Lets an agent read the notes of its user.</summary>
internal static class ListNotesTool
{
    internal static readonly McpServerTool Tool = McpServerTool.Create(
        async (IServiceProvider request, CancellationToken ct) =>
        {
            var user = request.GetRequiredService<ICurrentUser>().Required.UserId;
            return await request.GetRequiredService<NotesDbContext>().Notes.AsNoTracking()
                .Where(note => note.UserId == user)
                .OrderBy(note => note.WrittenAt)
                .Select(note => note.Text)
                .ToListAsync(ct);
        },
        new McpServerToolCreateOptions { Name = "list_notes", Description = "Lists the user's notes, the oldest first.", ReadOnly = true });
}
