using Carter;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Modular.SharedKernel.Results;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Web;
using Notes.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Notes.Features;

internal static class ListNotes
{
    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapGet("/api/experimental/users/{user}/notes", async (Target target, NotesDbContext db, CancellationToken ct) =>
                {
                    var notes = await db.Notes.AsNoTracking().Where(note => note.UserId == target.Id).OrderBy(note => note.WrittenAt).ThenBy(note => note.Id).ToListAsync(ct);
                    return Json(notes.Select(NoteAnswer.Of).ToArray());
                })
                .RequiresToSee(NotePermissions.Read)
                .Describe(nameof(ListNotes), "Lists a user's notes", "The oldest first.")
                .Answers<IReadOnlyList<NoteAnswer>>().Refuses(404);
    }
}
