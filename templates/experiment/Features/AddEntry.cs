using Carter;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Modular.SharedKernel.Events;
using Modular.SharedKernel.Messaging;
using Modular.SharedKernel.Results;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Web;
using SampleExperiment.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace SampleExperiment.Features;

internal static class AddEntry
{
    private static readonly Error ownerDeleted = Error.Conflict("sample_experiment.owner_deleted", "The user has been deleted.");

    internal sealed record Input
    {
        public string? Text { get; init; }
    }

    internal sealed record Command(Guid UserId, string Text) : ICommand<EntryAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPost("/api/experimental/users/{user}/sample-experiment", (Target target, Body<Input> body, IMediator mediator, CancellationToken ct) =>
                    body.AnswerAsync(mediator, input => new Command(target.Id, input.Text ?? ""), ct))
                .HandlerRequires(EntryPermissions.Create)
                .Describe("SampleExperimentAddEntry", "Adds an entry", "At most 1,000 characters.")
                .Example("""{"text":"Remember this"}""")
                .Answers<EntryAnswer>(StatusCodes.Status201Created).Refuses(400, 403, 404, 409);
    }

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Text).NotEmpty().MaximumLength(1_000);
    }

    /// <summary>Runs in one transaction, with all that is published in it.</summary>
    internal sealed class Handler(ICurrentUser current, SampleExperimentDbContext db, IIntegrationEvents events, TimeProvider clock)
        : IRequestHandler<Command, Result<EntryAnswer>>
    {
        public async Task<Result<EntryAnswer>> Handle(Command request, CancellationToken cancellationToken)
        {
            if (!current.Required.May(EntryPermissions.Create, owner: request.UserId))
            {
                return Error.NotAllowed;
            }

            if (!await db.LockOwnerSharedAsync(request.UserId, cancellationToken))
            {
                return ownerDeleted;
            }

            var now = clock.GetUtcNow();
            var entry = new Entry { Id = Guid.CreateVersion7(now), UserId = request.UserId, Text = request.Text, CreatedAt = now };
            db.Entries.Add(entry);
            await db.SaveChangesAsync(cancellationToken);
            await events.PublishAsync(
                new EntryAdded(new AuditFacts(AuditAction.Create, EntryPermissions.Resource, entry.Id, "entry"), now), cancellationToken);
            return EntryAnswer.Of(entry);
        }
    }

    /// <summary>Leaves an entry in the audit log, because it is <see cref="IAudited"/>.</summary>
    internal sealed record EntryAdded(AuditFacts Audit, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt), IAudited;
}

internal sealed record EntryAnswer(Guid Id, string Text, DateTimeOffset CreatedAt)
{
    internal static EntryAnswer Of(Entry entry) => new(entry.Id, entry.Text, entry.CreatedAt);
}
