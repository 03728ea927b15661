using System.Xml.Linq;

namespace Modular.Tests.Architecture;

/// <summary>
/// What projects refer to, read from the files themselves: this catches a reference before anything uses it. Each rule has a twin
/// that shows it failing.
/// </summary>
public sealed class ProjectFileTests
{
    [Fact]
    public void Every_reference_is_one_that_the_layout_allows() => Assert.Empty(Forbidden(References()));

    [Theory]
    [InlineData("modules/Users/Module/Users.csproj", "modules/Audit/Module/Audit.csproj")]
    [InlineData("modules/Users/Contracts/Users.Contracts.csproj", "modules/ApiKeys/Contracts/ApiKeys.Contracts.csproj")]
    [InlineData("shared-kernel/SharedKernel.csproj", "modules/Users/Contracts/Users.Contracts.csproj")]
    [InlineData("modules/Audit/Module/Audit.csproj", "host/Host.csproj")]
    public void Twin_a_forbidden_reference_is_found(string from, string to) => Assert.Single(Forbidden([(from, to)]));

    [Fact]
    public void The_catalog_lists_exactly_the_folders() => Assert.Equal(Folders(), Solution.Modules.Select(module => module.Name).Order());

    [Fact]
    public void Twin_the_host_is_no_folder_of_the_modules() => Assert.DoesNotContain("Host", Folders());

    [Fact]
    public void The_solution_holds_every_project()
    {
        var listed = File.ReadAllText(Path.Combine(Solution.Root.FullName, "modular.sln")).Replace('\\', '/');
        Assert.All(Projects(), project => Assert.Contains(project, listed, StringComparison.Ordinal));
    }

    [Fact]
    public void No_project_names_a_version() => Assert.All(
        Projects(),
        project => Assert.DoesNotContain(
            XDocument.Load(Path.Combine(Solution.Root.FullName, project)).Descendants("PackageReference"),
            package => package.Attribute("Version") is not null));

    [Fact]
    public void Plugins_get_the_tools_of_the_version_that_the_server_has()
    {
        var offered = XDocument.Load(Path.Combine(Solution.Root.FullName, "host/Modular.Plugin.props")).Descendants("PackageReference").Single();
        var ours = XDocument.Load(Path.Combine(Solution.Root.FullName, "Directory.Packages.props")).Descendants("PackageVersion")
            .Single(package => package.Attribute("Include")!.Value == offered.Attribute("Include")!.Value);

        Assert.Equal(ours.Attribute("Version")!.Value, offered.Attribute("Version")!.Value);
    }

    private static IEnumerable<string> Folders() =>
        new DirectoryInfo(Path.Combine(Solution.Root.FullName, "modules")).GetDirectories().Select(folder => folder.Name).Order();

    private static IEnumerable<string> Projects() => Solution.Root
        .GetFiles("*.csproj", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Solution.Root.FullName, file.FullName))
        .Where(path => path.Split('/')[0] is "host" or "modules" or "shared-kernel" or "tests");

    private static IEnumerable<(string From, string To)> References() =>
        from project in Projects()
        from reference in XDocument.Load(Path.Combine(Solution.Root.FullName, project)).Descendants("ProjectReference")
        let target = Path.Combine(Path.GetDirectoryName(Path.Combine(Solution.Root.FullName, project))!, reference.Attribute("Include")!.Value)
        select (project, Path.GetRelativePath(Solution.Root.FullName, target));

    private static IEnumerable<(string From, string To)> Forbidden(IEnumerable<(string From, string To)> references) =>
        references.Where(reference => !Allowed(reference.From.Split('/'), reference.To.Split('/')));

    private static bool Allowed(string[] from, string[] to) => (from, to) switch
    {
        (["tests", ..], _) => true,
        (["host", ..], ["shared-kernel" or "modules", ..]) => true,
        (["modules", _, _, _], ["shared-kernel", ..]) => true,
        (["modules", _, "Module", _], ["modules", _, "Contracts", _]) => true,
        _ => false,
    };
}
