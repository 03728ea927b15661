using Mapster;

namespace Modular.Tests.Unit;

/// <summary>Every member of an answer that Mapster makes has a source in the entity.</summary>
public sealed class ShapesTests
{
    [Fact]
    public void Every_mapping_is_whole()
    {
        Modular.UserSkills.Features.Shapes.Config.Compile();
        Modular.Preferences.Features.Shapes.Config.Compile();
    }

    [Fact]
    public void Twin_a_member_without_a_source_is_found()
    {
        var config = new TypeAdapterConfig { RequireDestinationMemberSource = true };
        config.NewConfig<Entity, Answer>();

        Assert.ThrowsAny<CompileException>(() => config.Compile());
    }

    private sealed record Entity(int Id);

    private sealed record Answer(int Id, string Name);
}
