using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;

namespace Modular.UserSkills.Domain;

internal sealed partial record Frontmatter
{
    /// <summary>
    /// All of it as JSON, typed by YAML's core schema, as agents read it. Null where it is no mapping, is too large once its aliases are
    /// written out, or merges keys, which the core schema does not know.
    /// </summary>
    internal static JsonObject? ReadAsJson(string yaml)
    {
        try
        {
            return new Reader(yaml).Read() is { } root ? new JsonWriting().Write(root, depth: 1) : null;
        }
        catch (Exception wrong) when (wrong is YamlException or FrontmatterException)
        {
            return null;
        }
    }

    private sealed partial class JsonWriting
    {
        // A few aliases of aliases can stand for millions of values.
        private const int MaxNodes = 10_000;
        private const int MaxDepth = 48;

        private int nodes;

        internal JsonObject Write(Mapping mapping, int depth)
        {
            if (mapping.IsMerged)
            {
                throw new FrontmatterException("The frontmatter merges keys.");
            }

            return new JsonObject(mapping.Own.Select(member => KeyValuePair.Create(member.Key, Write(member.Value, depth + 1))));
        }

        private JsonNode? Write(Node node, int depth)
        {
            if (++nodes > MaxNodes || depth > MaxDepth)
            {
                throw new FrontmatterException("The frontmatter is too deep or too long once its aliases are written out.");
            }

            return node switch
            {
                Mapping mapping => Write(mapping, depth),
                Sequence sequence => new JsonArray([.. sequence.Items.Select(item => Write(item, depth + 1))]),
                Scalar { IsText: false } scalar => Typed(scalar.Text),
                Scalar scalar => JsonValue.Create(scalar.Text),
                _ => throw new InvalidOperationException("A node of no known kind."),
            };
        }

        private static JsonValue? Typed(string text) => text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" => JsonValue.Create(true),
            "false" or "False" or "FALSE" => JsonValue.Create(false),
            ['0', 'o', .. var octal] when Digits().IsMatch(octal) => JsonValue.Create(Convert.ToUInt64(octal, 8)),
            ['0', 'x', .. var hex] when ulong.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) =>
                JsonValue.Create(number),
            _ when Number().IsMatch(text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
                ? JsonValue.Create(whole)
                : JsonValue.Create(double.Parse(text, CultureInfo.InvariantCulture)),
            _ => JsonValue.Create(text), // Times, and numbers of other schemas.
        };

        [GeneratedRegex(@"\A[0-7]+\z", RegexOptions.NonBacktracking)]
        private static partial Regex Digits();

        [GeneratedRegex(@"\A[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z", RegexOptions.NonBacktracking)]
        private static partial Regex Number();
    }
}
