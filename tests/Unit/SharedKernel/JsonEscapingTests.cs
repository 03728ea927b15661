using System.Text.Json;
using Modular.SharedKernel.Json;

namespace Modular.Tests.Unit.SharedKernel;

/// <summary>How text stands in JSON: keys-audit-preferences 1.1.</summary>
public sealed class JsonEscapingTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("+'`/=", "+'`/=")]
    [InlineData("<a href=\"x\">&", "\\u003ca href=\\\"x\\\"\\u003e\\u0026")]
    [InlineData("a\\b", @"a\\b")]
    [InlineData("\b\f\n\r\t", @"\b\f\n\r\t")]
    [InlineData("\u0000\u0001\u001f\u007f\u0085", "\\u0000\\u0001\\u001f\u007f\u0085")]
    [InlineData("one\u2028two\u2029", @"one\u2028two\u2029")]
    [InlineData("Grüße, 你好, שלום", "Grüße, 你好, שלום")]
    [InlineData("😀 and 𝒳", "😀 and 𝒳")]
    [InlineData("😀<😀", "😀\\u003c😀")]
    [InlineData("\u200b\ufeff\ue000\uffff", "\u200b\ufeff\ue000\uffff")]
    [InlineData("\U000f0000\U0010ffff", "\U000f0000\U0010ffff")]
    public void Text_is_escaped_where_it_must_be(string text, string written)
    {
        Assert.Equal($"\"{written}\"", JsonSerializer.Serialize(text, ModularJson.Options));
        Assert.Equal($"{{\"{written}\":1}}", JsonSerializer.Serialize(new Dictionary<string, int> { [text] = 1 }, ModularJson.Options));
    }

    /// <summary>The arguments of an attribute cannot hold them.</summary>
    [Fact]
    public void Half_a_pair_is_replaced()
    {
        Text_is_escaped_where_it_must_be(new string('\ud83d', 1), "\ufffd");
        Text_is_escaped_where_it_must_be($"a{'\ude00'}b<", "a\ufffdb\\u003c");
    }

    [Fact]
    public void Every_sign_comes_back_as_it_went()
    {
        var signs = string.Concat(Enumerable.Range(0, 0x110000).Where(sign => sign is < 0xd800 or > 0xdfff && sign > 0).Select(char.ConvertFromUtf32));

        Assert.Equal(signs, JsonSerializer.Deserialize<string>(JsonSerializer.Serialize(signs, ModularJson.Options)));
    }

    [Fact]
    public void Long_text_is_escaped_throughout()
    {
        var text = string.Concat(Enumerable.Repeat("a 😀 < \" ", 10_000));

        Assert.Equal(text, JsonSerializer.Deserialize<string>(JsonSerializer.Serialize(text, ModularJson.Options)));
        Assert.DoesNotContain('<', JsonSerializer.Serialize(text, ModularJson.Options));
    }
}
