using System.Security.Cryptography;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Modular.ApiKeys.Domain;
using Modular.SharedKernel.Results;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Web;
using Npgsql;

namespace Modular.ApiKeys.Authentication;

/// <summary>
/// Finds the caller of a request by the key it presents: one query on this module's own tables. Whatever is wrong, the message
/// is the same; an unknown id and a wrong secret are told apart by nothing.
/// </summary>
internal sealed class KeyAuthenticator(
    NpgsqlDataSource dataSource,
    ScopeCatalog scopes,
    PermissionTable permissions,
    TokenSettings settings,
    SessionCookie cookie,
    IAccessUrl accessUrl,
    KeyUseRecorder recorder,
    TimeProvider clock) : IAuthenticator
{
    private const string Message = "You need to be signed in, or to present a valid key.";
    private const string Lookup = """
        select k.hashed_secret, k.expires_at, k.ends_at, k.last_used, k.lifetime_seconds, k.login_type, k.scopes, k.allow_list,
               o.user_id, o.username, o.status, o.roles || o.organization_roles
        from api_keys.keys k join api_keys.owners o on o.user_id = k.user_id
        where k.id = $1 and not o.deleted
        """;

    private static readonly Refusal missing = new(
        "Send a key in the header Coder-Session-Token, as a Bearer token or in the session cookie.", "No key was presented.");

    private static readonly Refusal wrong = new("The key is malformed, unknown or wrong. Sign in again, or make a new token.", "The key is not valid.");

    /// <summary>The detail is compared by clients and must not change.</summary>
    private static readonly Refusal expired = new("API key expired", "The key has expired.");

    private static readonly Refusal suspended = new(
        "The account is suspended. Contact an administrator of this server.", "The owner of the key is suspended.");

    public async Task PrecheckAsync(HttpContext http)
    {
        cookie.RemoveUnprefixed(http);
        var found = await FindAsync(http);
        if (found.Caller is { } caller)
        {
            http.Features.Set(caller);
        }
        else
        {
            http.Features.Set(found.Refusal);
        }
    }

    public async Task<bool> RequireAsync(HttpContext http)
    {
        if (http.Features.Get<Caller>() is not { } caller)
        {
            await ChallengeAsync(http, http.Features.Get<Refusal>() ?? missing);
            return false;
        }

        if (caller.Status == AccountStatus.Dormant)
        {
            await http.RequestServices.GetRequiredService<IMediator>().Send(new WakeDormantOwner.Command(caller.UserId), http.RequestAborted);
        }

        return true;
    }

    private async Task<(Caller? Caller, Refusal? Refusal)> FindAsync(HttpContext http)
    {
        if (PresentedKey.Find(http.Request, cookie.Name, settings.AllowQueryParameter) is not { } text)
        {
            return (null, missing);
        }

        if (PresentedKey.Parse(text) is not { } presented)
        {
            return (null, wrong);
        }

        await using var command = dataSource.CreateCommand(Lookup);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = presented.Id });
        await using var row = await command.ExecuteReaderAsync(http.RequestAborted);
        var known = await row.ReadAsync(http.RequestAborted);

        // An unknown id costs as much as a known one with another secret.
        var hash = known ? row.GetFieldValue<byte[]>(0) : KeySecret.HashOf("");
        if (!CryptographicOperations.FixedTimeEquals(hash, KeySecret.HashOf(presented.Secret)) || !known)
        {
            return (null, wrong);
        }

        var now = clock.GetUtcNow();
        var expiresAt = row.GetFieldValue<DateTimeOffset>(1);
        if (expiresAt < now)
        {
            return (null, expired);
        }

        var userId = row.GetGuid(8);
        recorder.Note(new KeyUse(
            presented.Id,
            userId,
            row.GetFieldValue<DateTimeOffset>(3),
            expiresAt,
            row.IsDBNull(2) ? null : row.GetFieldValue<DateTimeOffset>(2),
            TimeSpan.FromSeconds(row.GetInt64(4)),
            IsToken: row.GetString(5) == ApiKey.TokenLoginType,
            http.Connection.RemoteIpAddress,
            now));
        var status = row.GetString(10);
        if (status == AccountStatus.Suspended)
        {
            return (null, suspended);
        }

        var names = row.GetFieldValue<string[]>(6);
        var restrictions = new KeyRestrictions(names, scopes.Expand(names), AllowList.OfStored(row.GetFieldValue<string[]>(7)), expiresAt);
        return (new Caller(permissions, restrictions)
        {
            UserId = userId,
            Username = row.GetString(9),
            Roles = row.GetFieldValue<string[]>(11),
            KeyId = presented.Id,
            Status = status,
        }, null);
    }

    private async Task ChallengeAsync(HttpContext http, Refusal refusal)
    {
        http.Response.Headers.WWWAuthenticate =
            $"Bearer realm=\"coder\", error=\"invalid_token\", error_description=\"{refusal.Description}\", "
            + $"resource_metadata=\"{accessUrl.Value}/.well-known/oauth-protected-resource\"";
        await http.WriteErrorAsync(System.Net.HttpStatusCode.Unauthorized, Message, refusal.Detail);
    }

    /// <summary>Why there is no caller: in the body, and in the header.</summary>
    private sealed record Refusal(string Detail, string Description);
}
