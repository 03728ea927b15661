using CsCheck;
using Microsoft.AspNetCore.Http;
using Modular.ApiKeys.Authentication;
using Modular.Testing;

namespace Modular.Tests.Unit.ApiKeys;

/// <summary>Whatever is presented as a key: it is one by its form, or it is none, and nothing breaks.</summary>
public sealed class PresentedKeyTests
{
    private const string Good = "0123456789-abcdefghijklmnopqrstuv";

    /// <summary>Pieces of keys, of headers, and of what parsers trip over.</summary>
    private static readonly Gen<string> hostile = Gen.OneOf(
            Gen.OneOf(
                "", "-", "--", " ", "\t", "\0", "\r\n", "%00", "%2d", "+", "=", ";", ",", "\"", "\\", "'", "Bearer", "bearer ", "Basic ", "null",
                "0123456789", "abcdefghijklmnopqrstuv", Good, "‐", "－", "é", "\u202e", "\ud800", "😀", "../", "{{", "${jndi:", "' or 1=1--"),
            Gen.String[0, 40],
            Gen.Char.Array[0, 34].Select(characters => new string(characters)))
        .Array[0, 6].Select(string.Concat);

    /// <summary>A good key with one character more, less or changed.</summary>
    private static readonly Gen<string> almost = Gen.Select(Gen.Int[0, Good.Length - 1], Gen.Char, Gen.Int[0, 2], (at, character, how) => how switch
    {
        0 => Good.Remove(at, 1),
        1 => Good.Insert(at, character.ToString()),
        _ => Good.Remove(at, 1).Insert(at, character.ToString()),
    });

    [Fact]
    public void Hostile_texts_are_no_keys_unless_they_have_the_form_of_one()
    {
        Gen.OneOf(hostile, almost).Sample(
            text =>
            {
                var parsed = PresentedKey.Parse(text);
                var parts = text.Split('-');
                var isKey = parts.Length == 2 && parts[0].Length == 10 && parts[1].Length == 22 && parts.All(part => part.All(char.IsAsciiLetterOrDigit));
                return isKey ? parsed == new PresentedKey(parts[0], parts[1]) : parsed is null;
            },
            iter: Thorough.Times(200_000, byDefault: 20_000));
    }

    [Fact]
    public void Hostile_requests_present_what_they_hold_first_or_nothing()
    {
        Gen.Select(hostile, hostile, hostile, hostile).Sample(
            (cookie, query, header, authorization) =>
            {
                var request = new DefaultHttpContext().Request;
                request.Headers.Cookie = $"coder_session_token={cookie}";
                request.QueryString = new QueryString($"?coder_session_token={Uri.EscapeDataString(Whole(query))}&access_token=%zz{Whole(query)}");
                request.Headers["Coder-Session-Token"] = header;
                request.Headers.Authorization = authorization;
                foreach (var allowQuery in (bool[])[true, false])
                {
                    if (PresentedKey.Find(request, "coder_session_token", allowQuery) is { } found)
                    {
                        PresentedKey.Parse(found);
                    }
                }
            },
            iter: Thorough.Times(100_000, byDefault: 10_000));
    }

    /// <summary>Without halves of characters, which no address can be written with.</summary>
    private static string Whole(string text) => new([.. text.Where(character => !char.IsSurrogate(character))]);
}
