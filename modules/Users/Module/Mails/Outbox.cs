using System.Globalization;
using System.Text.Json;
using Modular.SharedKernel.Persistence;
using Modular.Users.Mails.Domain;
using Modular.Users.Persistence;

namespace Modular.Users.Mails;

/// <summary>
/// Tells people what happened, in the transaction in which it happens: a line in the log once that is committed, and, where mails can be
/// sent, a row for each of them.
/// </summary>
internal sealed class Outbox(
    UsersDbContext db, EmailSettings email, MailSender sender, EventLog log, IAfterCommit afterCommit, ICurrentUser current, TimeProvider clock)
{
    /// <summary>Tells owners and user administrators, the person concerned excepted.</summary>
    internal async Task TellAdministratorsAsync(string kind, Guid userId, string username, CancellationToken ct)
    {
        Log(kind, userId);
        if (email.Smarthost is null)
        {
            return;
        }

        var now = clock.GetUtcNow();
        var content = JsonSerializer.Serialize(Content(username, now));
        await db.WriteToAdministratorsAsync(kind, userId, content, now, ct);
        WakeSender();
    }

    /// <summary>Tells the person concerned.</summary>
    internal async Task TellPersonAsync(string kind, Guid userId, CancellationToken ct)
    {
        if (email.Smarthost is null)
        {
            return;
        }

        var person = await db.Users.AsNoTracking()
            .Where(user => user.Id == userId && user.Email != "")
            .Select(user => new { user.Username, user.Email })
            .SingleOrDefaultAsync(ct);
        if (person is not null)
        {
            var now = clock.GetUtcNow();
            db.Mails.Add(Mail.To(userId, person.Email, kind, Content(person.Username, now), now));
            await db.SaveChangesAsync(ct);
            WakeSender();
        }
    }

    /// <summary>A line in the log once the change is committed. It names people by their ids.</summary>
    internal void Log(string happened, Guid userId)
    {
        var by = current.Caller?.UserId;
        afterCommit.Do(() =>
        {
            log.Happened(happened, userId, by);
            return Task.CompletedTask;
        });
    }

    /// <summary>Has the mails sent that were written, once the change is committed.</summary>
    internal void WakeSender() => afterCommit.Do(() =>
    {
        sender.Wake();
        return Task.CompletedTask;
    });

    private Dictionary<string, string> Content(string username, DateTimeOffset now) => new()
    {
        ["username"] = username,
        ["actor"] = current.Caller?.Username ?? "the server",
        ["time"] = now.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture),
    };
}
