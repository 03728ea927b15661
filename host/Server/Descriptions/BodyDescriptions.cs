using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Modular.SharedKernel.Web;

namespace Modular.Host.Server.Descriptions;

/// <summary>Tells the generator what bodies are read, since the slices read them past the framework's own binding.</summary>
internal sealed class BodyDescriptions : IApiDescriptionProvider
{
    /// <summary>After the framework's own, which finds the routes.</summary>
    public int Order => 0;

    public void OnProvidersExecuting(ApiDescriptionProviderContext context)
    {
        foreach (var route in context.Results)
        {
            if (route.ActionDescriptor.EndpointMetadata.OfType<RequestBodyOf>().FirstOrDefault() is not { } body)
            {
                continue;
            }

            route.ParameterDescriptions.Clear();
            route.ParameterDescriptions.Add(new ApiParameterDescription { Name = "body", Source = BindingSource.Body, Type = body.Type, IsRequired = true });
            route.SupportedRequestFormats.Clear();
            foreach (var mediaType in body.MediaTypes)
            {
                route.SupportedRequestFormats.Add(new ApiRequestFormat { MediaType = mediaType });
            }
        }
    }

    public void OnProvidersExecuted(ApiDescriptionProviderContext context)
    {
    }
}
