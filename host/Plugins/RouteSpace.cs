using Microsoft.AspNetCore.Routing.Patterns;

namespace Modular.Host.Plugins;

/// <summary>The paths that a route pattern stands for, seen coarsely: a segment is a word, or it can be anything.</summary>
internal static class RouteSpace
{
    private const string Experimental = "/api/experimental/";

    /// <summary>Whether all its paths lie where experiments belong, and it says more than that.</summary>
    internal static bool IsExperimental(this RoutePattern pattern) =>
        $"/{pattern.RawText!.TrimStart('/')}".StartsWith(Experimental, StringComparison.OrdinalIgnoreCase)
        && pattern.PathSegments is [_, _, var first, ..] && Word(first) is not null;

    /// <summary>Whether some path may be both's. Where that takes a closer look, the answer is yes.</summary>
    internal static bool Overlaps(this RoutePattern one, RoutePattern other)
    {
        for (var i = 0; ; i++)
        {
            var (mine, theirs) = (one.PathSegments.ElementAtOrDefault(i), other.PathSegments.ElementAtOrDefault(i));
            if (IsRest(mine) || IsRest(theirs))
            {
                return true;
            }

            if (mine is null || theirs is null)
            {
                return (mine is null || IsOptional(mine)) && (theirs is null || IsOptional(theirs));
            }

            if (Word(mine) is { } word && Word(theirs) is { } otherWord && !word.Equals(otherWord, StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }
        }
    }

    /// <summary>Whether every path of the other is one of this. Where that takes a closer look, the answer is no.</summary>
    internal static bool Covers(this RoutePattern whole, RoutePattern part)
    {
        for (var i = 0; ; i++)
        {
            var (mine, theirs) = (whole.PathSegments.ElementAtOrDefault(i), part.PathSegments.ElementAtOrDefault(i));
            if (IsRest(mine))
            {
                return true;
            }

            if (mine is null || theirs is null)
            {
                return mine is null && theirs is null;
            }

            if (IsRest(theirs) || IsOptional(theirs)
                || (Word(mine) is { } word ? !word.Equals(Word(theirs), StringComparison.OrdinalIgnoreCase) : !mine.IsSimple))
            {
                return false;
            }
        }
    }

    private static string? Word(RoutePatternPathSegment segment) => segment.Parts is [RoutePatternLiteralPart literal] ? literal.Content : null;

    private static bool IsRest(RoutePatternPathSegment? segment) => segment?.Parts is [RoutePatternParameterPart { IsCatchAll: true }];

    private static bool IsOptional(RoutePatternPathSegment segment) =>
        segment.Parts is [RoutePatternParameterPart parameter] && (parameter.IsOptional || parameter.Default is not null);
}
