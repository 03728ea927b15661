using Modular.SharedKernel.Mcp;
using Modular.UserSkills.Features;

namespace Modular.UserSkills.Mcp;

/// <summary>A write that commits is told to the agents of the skill's user, on whichever server they listen.</summary>
internal sealed class TellAgentsOfChangedSkills(IMcpChanges changes)
    : INotificationHandler<CreateSkill.SkillCreated>, INotificationHandler<UpdateSkill.SkillUpdated>, INotificationHandler<DeleteSkill.SkillDeleted>
{
    public Task Handle(CreateSkill.SkillCreated notification, CancellationToken cancellationToken) => TellAsync(notification.UserId, cancellationToken);

    public Task Handle(UpdateSkill.SkillUpdated notification, CancellationToken cancellationToken) => TellAsync(notification.UserId, cancellationToken);

    public Task Handle(DeleteSkill.SkillDeleted notification, CancellationToken cancellationToken) => TellAsync(notification.UserId, cancellationToken);

    private Task TellAsync(Guid userId, CancellationToken ct) => changes.TellAsync(UserSkillsModule.Experiment, userId, ct);
}
