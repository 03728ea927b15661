using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Modular.UserSkills.Domain;

/// <summary>A value of the frontmatter: whether the key is there, and whether YAML reads a text.</summary>
internal readonly record struct FrontmatterValue(bool IsPresent, bool IsText, string Text);

/// <summary>
/// The two keys of a SKILL.md's frontmatter that this product reads; every other key may hold anything. YAML is read as parser events
/// under limits, never as the library's own tree, whose reader can be made to overflow the stack. The rules of types, duplicate keys,
/// merge keys and control characters are those of gopkg.in/yaml.v3, which existing files were written for.
/// </summary>
internal sealed partial record Frontmatter(FrontmatterValue Name, FrontmatterValue Description)
{
    private static readonly FrontmatterValue absent = new(IsPresent: false, IsText: true, "");

    /// <summary>Null, and a sentence with the remedy, when it is not one YAML mapping.</summary>
    internal static Frontmatter? Read(string yaml, out string? fault)
    {
        try
        {
            fault = null;
            return new Reader(yaml).Read() is { } root
                ? new Frontmatter(ValueOf(root, "name"), ValueOf(root, "description"))
                : new Frontmatter(absent, absent);
        }
        catch (YamlException wrong)
        {
            // The first line of the frontmatter is the second of the file.
            fault = $"The frontmatter is not valid YAML: {wrong.Message.TrimEnd('.')} (line {wrong.Start.Line + 1}). "
                + "A text with a colon, a quotation mark or another sign of YAML's must stand in quotation marks.";
        }
        catch (FrontmatterException wrong)
        {
            fault = wrong.Message;
        }

        return null;
    }

    private static FrontmatterValue ValueOf(Mapping mapping, string key) => mapping.Find(key) switch
    {
        null => absent,
        Scalar { IsText: true } scalar => new FrontmatterValue(IsPresent: true, IsText: true, scalar.Text),
        _ => new FrontmatterValue(IsPresent: true, IsText: false, ""),
    };

    private sealed class FrontmatterException(string message) : Exception(message);

    private abstract class Node;

    private sealed class Scalar(string text, bool isText, bool isMerge) : Node
    {
        internal string Text => text;

        internal bool IsText => isText;

        /// <summary>The key <c>&lt;&lt;</c>, whose value's keys count as the mapping's own.</summary>
        internal bool IsMerge => isMerge;
    }

    private sealed class Sequence(List<Node> items) : Node
    {
        internal IReadOnlyList<Node> Items => items;
    }

    private sealed class Mapping : Node
    {
        private readonly Dictionary<string, Node> own = new(StringComparer.Ordinal);
        private readonly Dictionary<string, Node> inherited = new(StringComparer.Ordinal);

        internal IReadOnlyDictionary<string, Node> Own => own;

        /// <summary>Whether some keys come from elsewhere.</summary>
        internal bool IsMerged => inherited.Count > 0;

        internal bool TryAdd(string key, Node value) => own.TryAdd(key, value);

        /// <summary>Takes over the keys of a mapping; earlier merges win over later ones. Copied, as looking them up would double at each level.</summary>
        internal void Merge(Mapping other)
        {
            foreach (var (key, value) in other.own.Concat(other.inherited))
            {
                inherited.TryAdd(key, value);
            }
        }

        /// <summary>Own keys win over merged ones.</summary>
        internal Node? Find(string key) => own.GetValueOrDefault(key) ?? inherited.GetValueOrDefault(key);
    }

    private sealed class Reader
    {
        private const int MaxDepth = 32;
        private const int MaxNodes = 1_000;
        private const int MaxAliases = 100;

        private readonly Parser events;
        private readonly Dictionary<string, Node?> anchors = new(StringComparer.Ordinal);
        private int nodes;
        private int aliases;

        internal Reader(string yaml)
        {
            foreach (var rune in yaml.EnumerateRunes())
            {
                if (!IsPrintable(rune.Value))
                {
                    throw new FrontmatterException($"The frontmatter has the control character U+{rune.Value:X4}; remove it.");
                }
            }

            events = new Parser(new Scanner(new StringReader(yaml)));
        }

        /// <summary>The root mapping, or null where there is nothing.</summary>
        internal Mapping? Read()
        {
            events.Consume<StreamStart>();
            if (events.TryConsume<StreamEnd>(out _))
            {
                return null;
            }

            events.Consume<DocumentStart>();
            var root = ReadNode(depth: 1);
            events.Consume<DocumentEnd>();
            if (!events.TryConsume<StreamEnd>(out _))
            {
                throw new FrontmatterException("The frontmatter holds several YAML documents; keep one.");
            }

            return root switch
            {
                Mapping mapping => mapping,
                Scalar { IsText: false, Text: "" or "~" or "null" or "Null" or "NULL" } => null,
                _ => throw new FrontmatterException("The frontmatter must be keys with values, such as 'name: tidy-logs'."),
            };
        }

        private static bool IsPrintable(int rune) => rune is '\t' or '\n' or '\r' or 0x85
            or (>= 0x20 and <= 0x7E) or (>= 0xA0 and <= 0xD7FF) or (>= 0xE000 and <= 0xFFFD) or >= 0x10000;

        private Node ReadNode(int depth)
        {
            if (depth > MaxDepth || ++nodes > MaxNodes)
            {
                throw new FrontmatterException($"The frontmatter is too deep or too long; keep to {MaxDepth} levels and {MaxNodes} values.");
            }

            if (events.TryConsume<AnchorAlias>(out var alias))
            {
                return Resolve(alias);
            }

            var anchor = events.Current is NodeEvent { Anchor: { IsEmpty: false } name } ? name.Value : null;
            if (anchor is not null)
            {
                anchors[anchor] = null; // Not to be named before it ends.
            }

            Node node = events.TryConsume<YamlDotNet.Core.Events.Scalar>(out var scalar) ? ReadScalar(scalar)
                : events.TryConsume<SequenceStart>(out _) ? ReadSequence(depth)
                : events.TryConsume<MappingStart>(out _) ? ReadMapping(depth)
                : throw new FrontmatterException("The frontmatter must be keys with values, such as 'name: tidy-logs'.");
            if (anchor is not null)
            {
                anchors[anchor] = node;
            }

            return node;
        }

        private Node Resolve(AnchorAlias alias)
        {
            if (++aliases > MaxAliases)
            {
                throw new FrontmatterException($"The frontmatter has too many aliases; at most {MaxAliases} are allowed.");
            }

            return anchors.GetValueOrDefault(alias.Value.Value) ?? throw new FrontmatterException(
                $"'*{alias.Value.Value}' names no value before it; put a text that begins with '*' in quotation marks.");
        }

        private Sequence ReadSequence(int depth)
        {
            var items = new List<Node>();
            while (!events.TryConsume<SequenceEnd>(out _))
            {
                items.Add(ReadNode(depth + 1));
            }

            return new Sequence(items);
        }

        private Mapping ReadMapping(int depth)
        {
            var mapping = new Mapping();
            while (!events.TryConsume<MappingEnd>(out _))
            {
                if (ReadNode(depth + 1) is not Scalar key)
                {
                    throw new FrontmatterException("A key of the frontmatter must be a plain text, not a list or a mapping.");
                }

                var value = ReadNode(depth + 1);
                if (!mapping.TryAdd(key.Text, value))
                {
                    throw new FrontmatterException($"The key '{key.Text}' stands twice; keep one.");
                }

                if (key.IsMerge)
                {
                    foreach (var other in value is Sequence several ? several.Items : [value])
                    {
                        mapping.Merge(other as Mapping ?? throw new FrontmatterException("'<<' takes a mapping, or a list of mappings."));
                    }
                }
            }

            return mapping;
        }

        private static Scalar ReadScalar(YamlDotNet.Core.Events.Scalar scalar)
        {
            var plain = scalar.Style is ScalarStyle.Plain;
            var tag = scalar.Tag is { IsEmpty: false, IsNonSpecific: false } given ? given.Value : null;
            var type = plain || tag is not null ? PlainScalar.TypeOf(scalar.Value) : PlainScalar.Text;
            switch (tag)
            {
                case null:
                    return new Scalar(scalar.Value, isText: type == PlainScalar.Text || type == PlainScalar.Merge, isMerge: type == PlainScalar.Merge);
                case PlainScalar.Text:
                    return new Scalar(scalar.Value, isText: true, isMerge: false);
                case PlainScalar.Binary:
                    return new Scalar(Decode(scalar.Value), isText: true, isMerge: false);
                case PlainScalar.Merge:
                    return new Scalar(scalar.Value, isText: false, isMerge: scalar.Value == "<<");
                case PlainScalar.Float when type == PlainScalar.Integer:
                case PlainScalar.Null or PlainScalar.Boolean or PlainScalar.Integer or PlainScalar.Float or PlainScalar.Timestamp when type == tag:
                    return new Scalar(scalar.Value, isText: false, isMerge: false);
                case PlainScalar.Null or PlainScalar.Boolean or PlainScalar.Integer or PlainScalar.Float or PlainScalar.Timestamp:
                    throw new FrontmatterException($"'{scalar.Value}' is not of the type that its tag names.");
                default:
                    return new Scalar(scalar.Value, isText: true, isMerge: false); // A tag that is not ours.
            }
        }

        private static string Decode(string base64)
        {
            try
            {
                return Encoding.UTF8.GetString(Convert.FromBase64String(base64));
            }
            catch (FormatException)
            {
                throw new FrontmatterException("A value tagged !!binary is not base64.");
            }
        }
    }
}
