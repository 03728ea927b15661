using Modular.SharedKernel.Messaging;
using Modular.Users.SignIn.Domain;
using static Modular.Users.SignIn.Domain.PasswordVerdict;

namespace Modular.Tests.Unit.Users;

/// <summary>Hashes that other systems have made: additions.md 2.</summary>
public sealed class ForeignHashTests
{
    private const string Password = "SomeSecurePassword!";
    private const string Salt16 = "AAAAAAAAAAAAAAAAAAAAAA";
    private const string Hash32 = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    private const string Bcrypt = "abcdefghijklmnopqrstuuSjkzihYV9Fb1aALS58q8MgbHbg1Zcvi";

    private static readonly string longPassword = string.Concat(Enumerable.Repeat("long-password-", 6));

    /// <summary>Made by libxcrypt, by Python's hashlib and by the argon2 command of its authors.</summary>
    public static TheoryData<string, string> Known => new()
    {
        { Password, $"$2a$04${Bcrypt}" },
        { Password, $"$2b$04${Bcrypt}" },
        { Password, $"$2y$05$abcdefghijklmnopqrstuuxhdBtzKkFwQ1u8Suok0Dq3JnVC2Etaa" },
        { "Pässwörd für Zürich", "$2b$05$N9qo8uLOickgx2ZMRZoMyepEFgedyQ2pElR37cqBQLiEaUb867hBi" },
        { longPassword, "$2b$04$N9qo8uLOickgx2ZMRZoMyerYdcTZWAbnVTl94uwB/zm29EOaLtgfy" },
        { longPassword[..72], "$2b$04$N9qo8uLOickgx2ZMRZoMyerYdcTZWAbnVTl94uwB/zm29EOaLtgfy" },
        { longPassword[..71], "$2b$04$N9qo8uLOickgx2ZMRZoMyeWDm9SO2D.36ABYXrru81K6rXBeS/OXS" },
        { Password, "$pbkdf2-sha256$1000$8PHy8/T19vf4.fr7/P3./w$CyNxu7y/OkMS8VSUe3TGuBKRqzZzeJ34U9Xehg4lYdo" },
        {
            Password,
            "$pbkdf2-sha512$1000$8PHy8/T19vf4.fr7/P3./w$3k8mR4HzZStyaQu7g/6I4hq5TPOsTyn6LGjlxf31DzVqqFWQkWUYytM8ezkOwvyySJ3a2xA4H0A7coalENYqjQ"
        },
        {
            Password,
            "$pbkdf2-sha256$65535$8PHy8/T19vf4+fr7/P3+/w$SAZT9flfp1L1E0ywedYC7B3W9zLraxuNRjnnLZBhY3l7yeWKP1trDCJdQWTPvTtcW82YP4F+JoDFD+SAa+CWgw"
        },
        { Password, "$pbkdf2-sha256$i=2000,l=32$8PHy8/T19vf4+fr7/P3+/w$W3zkFKT40fhnCHIo88xvByDi3Kc+vTnrKemp4hov9jg" },
        { Password, "$argon2id$v=19$m=1024,t=2,p=4$c2l4dGVlbiBieXRlcy4uLg$ZROUb8ym7FGDCiIxS/yI3IUTnmtg9uhp9Qodx+mMQQA" },
        { Password, "$argon2id$v=19$m=512,t=1,p=1$MTIzNDU2Nzg$PQhEWnxN8CDaug2a8b90Y8Ktl7wwjxhNkhJMNyb4YMI" },
        {
            Password,
            "$argon2id$v=19$m=512,t=1,p=2$YSBzYWx0IHRoYXQgaXMgcmF0aGVyIGxvbmc$"
            + "kJRJmGqmkf+RBPnGYKkzCIJdvSfqM4OFo7YeD9ATUMJ7/ITu7hCrG23Eh9MFVeO6R5MVctZEVqr4Qvw+NlNmiA"
        },
    };

    [Theory, MemberData(nameof(Known))]
    public async Task Match_their_password_only_and_are_to_be_replaced(string password, string hash)
    {
        var derivations = 0;
        var one = new CostlyWorkSettings(1);
        using var queue = new CostlyWork(one);
        using var hasher = new PasswordHasher(queue, one, (_, _, _, _, _) => derivations++);

        Assert.Null(ForeignHash.Problem(hash));
        Assert.Equal(MatchNeedsRehash, await hasher.VerifyAsync(hash, password, default));
        Assert.Equal(0, derivations); // The one at today's parameters is the caller's.

        Assert.Equal(NoMatch, await hasher.VerifyAsync(hash, "x" + password, default));
        Assert.Equal(NoMatch, await hasher.VerifyAsync(hash, "", default));
        Assert.Equal(2, derivations);
    }

    [Theory]
    [InlineData($"$2b$14${Bcrypt}", null)]
    [InlineData($"$2b$15${Bcrypt}", "cost 14")]
    [InlineData($"$2b$31${Bcrypt}", "cost 14")]
    [InlineData($"$pbkdf2-sha256$2000000${Salt16}${Hash32}", null)]
    [InlineData($"$pbkdf2-sha256$2000001${Salt16}${Hash32}", "2,000,000 rounds")]
    [InlineData($"$pbkdf2-sha512$i=9999999999${Salt16}${Hash32}", "2,000,000 rounds")]
    [InlineData($"$argon2id$v=19$m=262144,t=3,p=8${Salt16}${Hash32}", null)]
    [InlineData($"$argon2id$v=19$m=78643,t=10,p=1${Salt16}${Hash32}", null)]
    [InlineData($"$argon2id$v=19$m=78644,t=10,p=1${Salt16}${Hash32}", "768 MiB")]
    [InlineData($"$argon2id$v=19$m=262144,t=4,p=8${Salt16}${Hash32}", "768 MiB")]
    [InlineData($"$argon2id$v=19$m=4294967295,t=9999999999,p=1${Salt16}${Hash32}", "768 MiB")]
    [InlineData($"$argon2id$v=19$m=262145,t=1,p=1${Salt16}${Hash32}", "256 MiB")]
    [InlineData($"$argon2id$v=19$m=4294967295,t=1,p=1${Salt16}${Hash32}", "256 MiB")]
    [InlineData($"$argon2id$v=19$m=1024,t=11,p=1${Salt16}${Hash32}", "10 passes")]
    [InlineData($"$argon2id$v=19$m=1024,t=1,p=9${Salt16}${Hash32}", "8 lanes")]
    [InlineData("", "no password hash")]
    [InlineData("plain", "no password hash")]
    [InlineData("5f4dcc3b5aa765d61d8327deb882cf99", "no password hash")]
    [InlineData($"$2x$04${Bcrypt}", "no password hash")]
    [InlineData($"$2b$03${Bcrypt}", "no password hash")]
    [InlineData($"$2b$4${Bcrypt}", "no password hash")]
    [InlineData($"$2b$04${Bcrypt}\n", "no password hash")]
    [InlineData($"$2b$04${Bcrypt}A", "no password hash")]
    [InlineData($"$pbkdf2-sha1$1000${Salt16}${Hash32}", "no password hash")]
    [InlineData($"$pbkdf2-sha256$0${Salt16}${Hash32}", "no password hash")]
    [InlineData($"$pbkdf2-sha256$1000${Salt16}$", "no password hash")]
    [InlineData($"$pbkdf2-sha256$1000${Salt16}$AAAA", "no password hash")]
    [InlineData($"$pbkdf2-sha256$1000${Salt16}==${Hash32}=", "no password hash")]
    [InlineData($"$argon2i$v=19$m=1024,t=1,p=1${Salt16}${Hash32}", "no password hash")]
    [InlineData($"$argon2id$m=1024,t=1,p=1${Salt16}${Hash32}", "no password hash")]
    [InlineData($"$argon2id$v=16$m=1024,t=1,p=1${Salt16}${Hash32}", "no password hash")]
    [InlineData($"$argon2id$v=19$m=15,t=1,p=2${Salt16}${Hash32}", "no password hash")]
    [InlineData($"$argon2id$v=19$m=1024,t=1,p=1$AAAAAAAA${Hash32}", "no password hash")]
    public void Are_taken_where_they_can_be_checked_at_a_bearable_cost(string hash, string? problem)
    {
        Assert.Equal(problem is null, ForeignHash.Read(hash) is not null);
        if (problem is not null)
        {
            Assert.Contains(problem, ForeignHash.Problem(hash), StringComparison.Ordinal);
        }
    }
}
