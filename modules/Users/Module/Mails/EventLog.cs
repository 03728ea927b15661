using Microsoft.Extensions.Logging;

namespace Modular.Users.Mails;

/// <summary>What happens to people, in the log category <c>events</c>, whether or not mails can be sent.</summary>
internal sealed partial class EventLog(ILoggerFactory loggers)
{
    private readonly ILogger logger = loggers.CreateLogger("events");

    [LoggerMessage(LogLevel.Information, "{What}: user {UserId}, by {ActorId}")]
    internal partial void Happened(string what, Guid userId, Guid? actorId);
}
