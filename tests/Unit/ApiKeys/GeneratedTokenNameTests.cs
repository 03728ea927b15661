using Modular.ApiKeys.Domain;

namespace Modular.Tests.Unit.ApiKeys;

public sealed class GeneratedTokenNameTests
{
    [Fact]
    public void A_name_is_an_adjective_a_surname_and_two_digits()
    {
        var names = Enumerable.Range(0, 20_000).Select(_ => GeneratedTokenName.Draw()).ToList();

        Assert.All(names, name => Assert.Matches(@"\A[a-z]+_[a-z]+[0-9]{2}\z", name));
        Assert.All(names, name => Assert.InRange(name.Length, 6, 32));
        Assert.True(names.Select(name => name.Split('_')[0]).Distinct().Count() >= 60);
        Assert.True(names.Select(name => name.Split('_')[1][..^2]).Distinct().Count() >= 60);
        Assert.Equal(100, names.Select(name => name[^2..]).Distinct().Count());
    }
}
