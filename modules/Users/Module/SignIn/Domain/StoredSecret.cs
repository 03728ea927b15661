namespace Modular.Users.SignIn.Domain;

/// <summary>A random value that the database makes for itself and that leaves it never: its own functions read it.</summary>
internal sealed class StoredSecret
{
    private StoredSecret()
    {
    }

    public string Name { get; private set; } = "";

    public byte[] Value { get; private set; } = [];
}
