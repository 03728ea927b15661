namespace Modular.SharedKernel.Text;

/// <summary>What PostgreSQL can store as text, after whatever decoding it came through: escapes of JSON, YAML or a URL can make anything.</summary>
public static class StorableText
{
    /// <summary>Whether the text has neither U+0000 nor half of a surrogate pair.</summary>
    public static bool Is(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\0' || (char.IsSurrogate(text[i]) && !IsPairAt(text, ref i)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsPairAt(string text, ref int i) => i + 1 < text.Length && char.IsSurrogatePair(text[i], text[++i]);
}
