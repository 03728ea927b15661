using System.Reflection;
using ArchUnitNET.Domain;
using ArchUnitNET.Fluent;
using ArchUnitNET.xUnit;
using MediatR;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Modular.Host;
using Modular.SharedKernel.Events;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Security;
using static ArchUnitNET.Fluent.ArchRuleDefinition;
using Assembly = System.Reflection.Assembly;

namespace Modular.Tests.Architecture;

/// <summary>What the compiled code may depend on. Each rule has a twin, below it, that shows it failing.</summary>
public sealed class ModuleBoundaryTests
{
    public static TheoryData<string> Modules => Solution.ModuleNames;

    [Theory, MemberData(nameof(Modules))]
    public void A_module_reaches_other_modules_only_through_their_contracts(string module) =>
        DependsOnNone(Solution.AssemblyOf(module), [.. Solution.ModuleAssemblies.Where(other => other != Solution.AssemblyOf(module))])
            .Check(Solution.Loaded);

    [Fact]
    public void Twin_the_host_does_reach_into_modules() =>
        Assert.Throws<FailedArchRuleException>(() => DependsOnNone(Solution.Host, [.. Solution.ModuleAssemblies]).Check(Solution.Loaded));

    [Fact]
    public void The_shared_kernel_knows_no_module() =>
        DependsOnNone(Solution.Kernel, [Solution.Host, .. Solution.Contracts, .. Solution.ModuleAssemblies]).Check(Solution.Loaded);

    [Fact]
    public void Contracts_know_no_module_and_no_other_contract() => Assert.All(
        Solution.Contracts,
        contracts => DependsOnNone(
                contracts, [Solution.Host, .. Solution.ModuleAssemblies, .. Solution.Contracts.Where(other => other != contracts)])
            .Check(Solution.Loaded));

    [Theory, MemberData(nameof(Modules))]
    public void A_module_has_one_public_type_and_it_is_its_entry(string module)
    {
        var assembly = Solution.AssemblyOf(module);
        Assert.Equal([Solution.Modules.Single(m => m.Name == module).GetType()], PublicTypes(assembly));
    }

    [Fact]
    public void Twin_the_kernel_has_many_public_types() => Assert.NotInRange(PublicTypes(Solution.Kernel).Count(), 0, 1);

    [Fact]
    public void Contracts_hold_integration_events_and_nothing_else() => Assert.Empty(NoEvents(Solution.Contracts));

    [Fact]
    public void Twin_the_kernel_holds_more_than_events() => Assert.NotEmpty(NoEvents([Solution.Kernel]));

    [Fact]
    public void Only_the_catalog_names_an_experiment() => Assert.Equal([typeof(ModuleCatalog).FullName!], WhoNames(Experiments));

    [Fact]
    public void Twin_core_modules_are_named_by_the_catalog_too_but_only_experiments_are_asked_for() =>
        Assert.Contains(typeof(ModuleCatalog).FullName!, WhoNames([.. Solution.ModuleAssemblies.Except(Experiments)]));

    [Fact]
    public void Handlers_send_no_requests_and_ask_no_other_module() =>
        Assert.Empty(HandlersThatTake(Solution.ModuleAssemblies.Append(Solution.Host), typeof(IMediator), typeof(IUserDirectory)));

    [Fact]
    public void Twin_a_handler_that_sends_a_request_is_found() =>
        Assert.Equal([typeof(SendingHandler)], HandlersThatTake([typeof(SendingHandler).Assembly], typeof(IMediator)));

    private static Assembly[] Experiments => [.. Solution.Modules.OfType<IExperimentalModule>().Select(module => module.GetType().Assembly)];

    private static IArchRule DependsOnNone(Assembly assembly, Assembly[] forbidden) =>
        Types().That().ResideInAssembly(assembly)
            .Should().NotDependOnAny(Types().That().ResideInAssembly(forbidden[0], forbidden[1..]))
            .Because("modules talk through integration events");

    /// <summary>Generated migrations are public because the tool makes them so; nobody can do anything with them.</summary>
    private static IEnumerable<Type> PublicTypes(Assembly assembly) => assembly.GetExportedTypes()
        .Where(type => !type.IsAssignableTo(typeof(Migration)) && !type.IsAssignableTo(typeof(ModelSnapshot)));

    private static IEnumerable<Type> NoEvents(IEnumerable<Assembly> assemblies) => assemblies
        .SelectMany(assembly => assembly.GetExportedTypes())
        .Where(type => !type.IsAssignableTo(typeof(IntegrationEvent)));

    private static IEnumerable<string> WhoNames(Assembly[] assemblies)
    {
        var names = assemblies.Select(assembly => assembly.GetName().Name).ToHashSet();
        return Solution.Loaded.Types
            .Where(type => !names.Contains(NameOf(type)) && NameOf(type) != typeof(Solution).Assembly.GetName().Name)
            .Where(type => type.Dependencies.Any(dependency => names.Contains(NameOf(dependency.Target))))
            .Select(type => type.FullName)
            .Distinct();

        static string? NameOf(IType type) => type.Assembly?.Name.Split(',')[0];
    }

    private static IEnumerable<Type> HandlersThatTake(IEnumerable<Assembly> assemblies, params Type[] forbidden) => assemblies
        .SelectMany(assembly => assembly.GetTypes())
        .Where(type => type.GetInterfaces().Any(contract => contract.IsGenericType
            && (contract.GetGenericTypeDefinition() == typeof(IRequestHandler<,>) || contract.GetGenericTypeDefinition() == typeof(INotificationHandler<>))))
        .Where(type => type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .SelectMany(constructor => constructor.GetParameters())
            .Any(parameter => forbidden.Contains(parameter.ParameterType)));

    private sealed class SendingHandler(IMediator mediator) : INotificationHandler<WriteRefused>
    {
        public Task Handle(WriteRefused notification, CancellationToken cancellationToken) => mediator.Publish(notification, cancellationToken);
    }
}
