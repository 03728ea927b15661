namespace Modular.ApiKeys.Authentication;

/// <summary>How a request was let in: by which key, as it stood then, and by which of its secrets. One of the request's features.</summary>
/// <param name="Key">As it was looked up.</param>
/// <param name="Hash">Of the secret that was presented.</param>
/// <param name="ByFormerSecret">Whether the secret is the one before a rotation, which is good for the overlap.</param>
internal sealed record Admission(KnownKey Key, byte[] Hash, bool ByFormerSecret)
{
    /// <summary>Whether time has ended what let the request in.</summary>
    internal bool IsOver(DateTimeOffset now) => Key.IsExpired(now) || (ByFormerSecret && now >= Key.FormerUntil);

    /// <summary>Keeps the record's generated text from showing a secret in a log.</summary>
    public override string ToString() => $"key {Key.Id}";
}
