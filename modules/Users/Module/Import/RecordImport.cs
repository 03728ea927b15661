namespace Modular.Users.Import;

/// <summary>Puts an import as a whole into the log.</summary>
internal static class RecordImport
{
    internal const string ResourceType = "user_import";

    internal sealed record Command(ImportSummary Summary, ImportOptions Options, bool IsComplete) : ICommand, IKeepsRecord;

    internal sealed class Handler(ICurrentUser current, IIntegrationEvents events, TimeProvider clock) : IRequestHandler<Command, Result<Unit>>
    {
        public async Task<Result<Unit>> Handle(Command request, CancellationToken cancellationToken)
        {
            var facts = new AuditFacts(AuditAction.Create, ResourceType, current.Required.UserId, "")
            {
                AdditionalFields = new Dictionary<string, object>
                {
                    ["summary"] = request.Summary,
                    ["on_existing"] = request.Options.Updates ? "update" : "skip",
                    ["complete"] = request.IsComplete,
                },
            };
            await events.PublishAsync(new UsersImported(facts, clock.GetUtcNow()), cancellationToken);
            return Unit.Value;
        }
    }

    internal sealed record UsersImported(AuditFacts Audit, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt), IAudited;
}
