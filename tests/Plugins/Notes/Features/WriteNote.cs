using Carter;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Modular.SharedKernel.Events;
using Modular.SharedKernel.Messaging;
using Modular.SharedKernel.Results;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Web;
using Notes.Domain;
using Notes.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Notes.Features;

internal static class WriteNote
{
    private static readonly Error tooMany = Error.Conflict("notes.too_many", "There are too many notes.", "The operator sets how many a user may keep.");
    private static readonly Error ownerDeleted = Error.Conflict("notes.owner_deleted", "The user has been deleted.", "Nothing can be kept for a deleted user.");

    internal sealed record Input
    {
        public string? Text { get; init; }
    }

    internal sealed record Command(Guid UserId, string Text) : ICommand<NoteAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPost("/api/experimental/users/{user}/notes", (Target target, Body<Input> body, IMediator mediator, CancellationToken ct) =>
                    body.AnswerAsync(mediator, input => new Command(target.Id, input.Text ?? ""), ct))
                .HandlerRequires(NotePermissions.Create)
                .Describe(nameof(WriteNote), "Keeps a note", "At most 1,000 characters.")
                .Example("""{"text":"Call Grace"}""")
                .Answers<NoteAnswer>(StatusCodes.Status201Created).Refuses(400, 403, 404, 409);
    }

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Text).NotEmpty().MaximumLength(Note.MaxLength);
    }

    internal sealed class Handler(ICurrentUser current, NoteSettings settings, NotesDbContext db, IIntegrationEvents events, TimeProvider clock)
        : IRequestHandler<Command, Result<NoteAnswer>>
    {
        public async Task<Result<NoteAnswer>> Handle(Command request, CancellationToken cancellationToken)
        {
            if (!current.Required.May(NotePermissions.Create, owner: request.UserId))
            {
                return Error.NotAllowed;
            }

            if (!await db.LockOwnerAsync(request.UserId, cancellationToken))
            {
                return ownerDeleted;
            }

            if (await db.Notes.CountAsync(note => note.UserId == request.UserId, cancellationToken) >= settings.MaxPerUser)
            {
                return tooMany;
            }

            var note = Note.Write(request.UserId, request.Text, clock.GetUtcNow());
            db.Notes.Add(note);
            await db.SaveChangesAsync(cancellationToken);
            await events.PublishAsync(
                new NoteWritten(
                    new AuditFacts(AuditAction.Create, Note.ResourceType, note.Id, "note") { Diff = Note.AuditShape.Diff(before: null, note) },
                    note.WrittenAt),
                cancellationToken);
            return NoteAnswer.Of(note);
        }
    }

    internal sealed record NoteWritten(AuditFacts Audit, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt), IAudited;
}

internal sealed record NoteAnswer(Guid Id, string Text, DateTimeOffset WrittenAt)
{
    internal static NoteAnswer Of(Note note) => new(note.Id, note.Text, note.WrittenAt);
}
