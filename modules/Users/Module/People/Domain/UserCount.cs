namespace Modular.Users.People.Domain;

/// <summary>
/// A part of the number of users. A trigger keeps it in several rows and takes one that is not locked, so that those who create and delete
/// at once do not wait for each other.
/// </summary>
internal sealed class UserCount
{
    private UserCount()
    {
    }

    public int Shard { get; private set; }

    public long Users { get; private set; }
}
