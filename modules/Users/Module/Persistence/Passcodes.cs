using Modular.Users.Mails.Domain;

namespace Modular.Users.Persistence;

internal static class Passcodes
{
    /// <summary>
    /// The user's passcode, should there be one, opens nothing any more, and a mail with it that has not been sent is dropped. Part of every
    /// suspension, deletion and change of the password or the login type, with the user's row locked. When passcodes were made stays known,
    /// so that there are no more of them in the hour.
    /// </summary>
    internal static async Task VoidPasscodeAsync(this UsersDbContext db, Guid userId, CancellationToken ct)
    {
        await db.Passcodes
            .Where(passcode => passcode.UserId == userId && passcode.Hash != null)
            .ExecuteUpdateAsync(set => set.SetProperty(passcode => passcode.Hash, (string?)null), ct);
        await db.TakeBackPasscodeMailsAsync(userId, ct);
    }

    internal static Task TakeBackPasscodeMailsAsync(this UsersDbContext db, Guid userId, CancellationToken ct) =>
        db.Mails.Where(mail => mail.RecipientId == userId && mail.Kind == MailKind.Passcode).ExecuteDeleteAsync(ct);
}
