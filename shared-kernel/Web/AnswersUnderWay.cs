using Microsoft.AspNetCore.Http;

namespace Modular.SharedKernel.Web;

/// <summary>
/// How much the answers hold that are there as a whole and have not been read yet, by the address that they go to: bounded as the bodies of
/// requests are (<see cref="BodiesUnderWay"/>), since a client may take its time for reading too.
/// </summary>
internal sealed class AnswersUnderWay
{
    private readonly BodiesUnderWay answers = new();

    /// <summary>Counts an answer until it is disposed. Where others need its room more, its connection is cut.</summary>
    public BodiesUnderWay.Body For(HttpContext http) => answers.For(http.Connection.RemoteIpAddress, http.Abort);
}
