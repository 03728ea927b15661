using System.ComponentModel.DataAnnotations;
using Carter;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Modular.Host.Experiments.Domain;
using Modular.Host.Persistence;
using Modular.Host.Server;
using Modular.SharedKernel.Events;
using Modular.SharedKernel.Messaging;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Persistence;
using Modular.SharedKernel.Results;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Web;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.Host.Experiments;

internal static class SwitchFeature
{
    private const int MaxReasonLength = 500;

    internal sealed record Input
    {
        [Required]
        public bool? Enabled { get; init; }

        public string? Reason { get; init; }

        public Rollout? Rollout { get; init; }
    }

    /// <param name="Name">The experiment.</param>
    /// <param name="Body">As it was found: who may not switch is refused before it is looked at.</param>
    /// <param name="UnknownUsers">Named by the rollout, but no users.</param>
    /// <param name="IfMatch">The state that the change is for.</param>
    internal sealed record Command(string Name, Result<Input> Body, IReadOnlyList<Guid> UnknownUsers, IfMatch IfMatch) : ICommand<FeatureState>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPut("/api/v2/features/{name}", HandleAsync)
                .HandlerRequires(HostPermissions.UpdateDeployment)
                .Describe(
                    nameof(SwitchFeature),
                    "Switches an experiment on or off, for everybody or for a rollout",
                    "Takes effect at once, on every server that shares the database, without a restart. The change and its reason stand in the "
                        + "audit log. With If-Match it is switched only if it has not been switched since it was read.")
                .Example("""{"enabled":true,"reason":"A trial with the platform team"}""")
                .Answers<FeatureAnswer>().Refuses(400, 403, 404, 409, 412);

        private static async Task<IResult> HandleAsync(
            string name,
            Body<Input> body,
            IfMatch ifMatch,
            IUserDirectory users,
            IMediator mediator,
            TimeProvider clock,
            CancellationToken ct)
        {
            var read = await body.ReadAsync(ct);
            Guid[] named = read.Error is null ? [.. (read.Value.Rollout?.Users ?? []).Distinct()] : [];
            var known = named.Length is 0 or > Rollout.MaxUsers ? new HashSet<Guid>() : await users.ExistingAsync(named, ct);
            var result = await mediator.Send(new Command(name, read, [.. named.Except(known)], ifMatch), ct);
            if (result.Error is { } error)
            {
                return Refusal(error);
            }

            var described = await users.DescribeAsync([result.Value.ChangedBy!.Value], ct);
            return Json(FeatureAnswer.Of(result.Value, described, clock.GetUtcNow()));
        }
    }

    internal sealed class Validator : AbstractValidator<Input>
    {
        public Validator()
        {
            RuleFor(i => i.Enabled).NotNull().WithMessage("This field is required: true or false.");
            RuleFor(i => i.Reason).MaximumLength(MaxReasonLength).WithMessage($"Use at most {MaxReasonLength} characters.");
            When(i => i.Rollout is not null, () =>
            {
                RuleFor(i => i.Rollout!.Users).Must(users => users is null || users.Distinct().Count() <= Rollout.MaxUsers)
                    .WithMessage($"A rollout names at most {Rollout.MaxUsers:N0} users. Use a role or a percentage for more.");
                RuleFor(i => i.Rollout!.Roles).Must(roles => roles is null || !roles.Except(SiteRole.All).Any())
                    .WithMessage($"The roles are {string.Join(", ", SiteRole.All)}.");
                RuleFor(i => i.Rollout!.Percentage).InclusiveBetween(0, 100).WithMessage("The percentage goes from 0 to 100.");
                RuleFor(i => i.Rollout!.Until).Must((input, until) => until is null || input.Rollout!.From is null || until > input.Rollout.From)
                    .WithMessage("The time 'until' must come after 'from'.");
            });
        }
    }

    internal sealed class Handler(
        ICurrentUser current, IValidator<Input> validator, FeatureStore store, HostDbContext db, IIntegrationEvents events, IAfterCommit afterCommit, TimeProvider clock)
        : IRequestHandler<Command, Result<FeatureState>>
    {
        public async Task<Result<FeatureState>> Handle(Command request, CancellationToken cancellationToken)
        {
            var now = clock.GetUtcNow();
            var state = store.Find(request.Name);
            if (!current.Required.May(HostPermissions.UpdateDeployment))
            {
                return state is null
                    ? Error.NotAllowed
                    : Result<FeatureState>.Refused(
                        Error.NotAllowed,
                        new WriteRefused(new AuditFacts(AuditAction.Write, FeatureSwitch.ResourceType, Guid.Empty, request.Name), now));
            }

            if (state is null)
            {
                return Error.ResourceNotFound;
            }

            if (validator.FindError(request.Body) is { } error)
            {
                return error;
            }

            if (request.UnknownUsers is [var unknown, ..])
            {
                return Error.InvalidField("users", $"There is no user with the id {unknown}.");
            }

            var feature = await db.LockFeatureAsync(request.Name, state.Enabled, current.Required.UserId, now, cancellationToken);
            if (request.IfMatch.Excludes(FeatureAnswer.TagOf(feature.Version)))
            {
                return IfMatch.Stale;
            }

            if (state.Module.Stage is ExperimentStage.Graduated or ExperimentStage.Retired)
            {
                return Error.Conflict(
                    "features.fixed", "This experiment can no longer be switched.", $"It is {state.Module.Stage.ToString().ToLowerInvariant()}.");
            }

            var input = request.Body.Value;
            var before = db.Unchanged(feature);
            feature.Switch(input.Enabled!.Value, input.Rollout?.WithoutRepeats(), input.Reason ?? "", current.Required.UserId, now);
            await db.SaveChangesAsync(cancellationToken);
            await db.NotifyAsync(FeatureChangeListener.Channel, feature.Name, cancellationToken);
            await events.PublishAsync(
                new FeatureSwitched(
                    new AuditFacts(AuditAction.Write, FeatureSwitch.ResourceType, Guid.Empty, feature.Name)
                    {
                        Diff = FeatureSwitch.AuditShape.Diff(before, feature),
                        AdditionalFields = new Dictionary<string, object> { ["reason"] = feature.Reason },
                    },
                    now),
                cancellationToken);
            var switched = new FeatureState(
                state.Module, feature.Enabled, feature.ReadRollout(), "operator", feature.Reason, feature.ChangedAt, feature.ChangedBy, feature.Version);
            afterCommit.Do(() =>
            {
                store.Apply(switched);
                return Task.CompletedTask;
            });
            return switched;
        }
    }

    internal sealed record FeatureSwitched(AuditFacts Audit, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt), IAudited;
}
