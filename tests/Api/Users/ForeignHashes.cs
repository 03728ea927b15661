namespace Modular.Tests.Api.Users;

/// <summary>Hashes of <see cref="Support.ModularApi.Password"/> that other systems have made.</summary>
internal static class ForeignHashes
{
    internal const string Bcrypt = "$2b$04$abcdefghijklmnopqrstuuSjkzihYV9Fb1aALS58q8MgbHbg1Zcvi";

    internal const string Pbkdf2 = "$pbkdf2-sha256$1000$8PHy8/T19vf4.fr7/P3./w$CyNxu7y/OkMS8VSUe3TGuBKRqzZzeJ34U9Xehg4lYdo";

    internal const string Pbkdf2InCodersForm =
        "$pbkdf2-sha256$65535$8PHy8/T19vf4+fr7/P3+/w$SAZT9flfp1L1E0ywedYC7B3W9zLraxuNRjnnLZBhY3l7yeWKP1trDCJdQWTPvTtcW82YP4F+JoDFD+SAa+CWgw";

    internal const string Argon2InFourLanes = "$argon2id$v=19$m=1024,t=2,p=4$c2l4dGVlbiBieXRlcy4uLg$ZROUb8ym7FGDCiIxS/yI3IUTnmtg9uhp9Qodx+mMQQA";
}
