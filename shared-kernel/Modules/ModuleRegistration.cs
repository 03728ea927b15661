using Carter;
using FluentValidation;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Modular.SharedKernel.Events;
using Modular.SharedKernel.Messaging;
using Modular.SharedKernel.Persistence;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Settings;
using Modular.SharedKernel.Web;

namespace Modular.SharedKernel.Modules;

/// <summary>All wiring of MediatR, Carter and FluentValidation.</summary>
public static class ModuleRegistration
{
    /// <summary>
    /// Registers the modules and what is found in their assemblies, <c>internal</c> types too: handlers of requests and events,
    /// validators, routes (keyed by module name).
    /// </summary>
    public static IServiceCollection AddModules(this IServiceCollection services, IReadOnlyList<IModule> modules)
    {
        services.AddScoped<DbSession>();
        services.AddScoped<AroundCommit>();
        services.AddScoped<IBeforeCommit>(provider => provider.GetRequiredService<AroundCommit>());
        services.AddScoped<IAfterCommit>(provider => provider.GetRequiredService<AroundCommit>());
        services.AddScoped<CommandRun>();
        services.AddScoped<ICommandOutcome>(provider => provider.GetRequiredService<CommandRun>());
        services.AddScoped(provider => provider.GetRequiredService<CommandRun>().Prepared);
        services.AddSettings(CostlyWorkSettings.Read).AddSingleton<CostlyWork>();
        services.AddSingleton<BodiesUnderWay>().AddSingleton<AnswersUnderWay>();
        services.AddSingleton<ConstraintErrors>();
        services.AddSingleton<SettingsInForce>();
        services.AddSingleton(provider => new PermissionTable(provider.GetServices<IModule>().SelectMany(module => module.Grants)));

        services.AddScoped<ServiceFactory>(provider => type => provider.GetService(type)!);
        services.AddScoped<IMediator, Mediator>();
        services.AddScoped<IIntegrationEvents, IntegrationEvents>();
        services.AddScoped(typeof(IPipelineBehavior<,>), typeof(ValidationBehavior<,>));
        services.AddScoped(typeof(IPipelineBehavior<,>), typeof(PreparationBehavior<,>));
        services.AddScoped(typeof(IPipelineBehavior<,>), typeof(RerunBehavior<,>));
        services.AddScoped(typeof(IPipelineBehavior<,>), typeof(TransactionBehavior<,>));

        foreach (var module in modules)
        {
            services.AddModule(module);
        }

        return services;
    }

    /// <summary>Registers one module more, with what is found in its assembly.</summary>
    public static IServiceCollection AddModule(this IServiceCollection services, IModule module)
    {
        services.AddSingleton(module);
        services.AddWhatIsFoundIn(module);
        module.AddServices(services);
        return services;
    }

    private static void AddWhatIsFoundIn(this IServiceCollection services, IModule module)
    {
        foreach (var type in module.GetType().Assembly.GetTypes().Where(type => type is { IsClass: true, IsAbstract: false }))
        {
            if (typeof(ICarterModule).IsAssignableFrom(type))
            {
                services.AddKeyedSingleton(typeof(ICarterModule), module.Name, type);
                continue;
            }

            foreach (var contract in type.GetInterfaces().Where(contract => contract.IsGenericType))
            {
                var definition = contract.GetGenericTypeDefinition();
                if (definition == typeof(IRequestHandler<,>)
                    || definition == typeof(INotificationHandler<>)
                    || definition == typeof(IPreparation<>)
                    || definition == typeof(IReactionPreparation<>))
                {
                    // An open handler (one for every event of a kind) is registered open; the container closes it.
                    services.AddScoped(type.IsGenericTypeDefinition ? definition : contract, type);
                }
                else if (definition == typeof(IValidator<>))
                {
                    services.AddSingleton(contract, type);
                }
            }
        }
    }
}
