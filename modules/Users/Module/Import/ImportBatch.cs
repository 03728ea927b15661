using Modular.SharedKernel.Text;
using Modular.Users.Contracts;
using Modular.Users.Organizations.Domain;
using Modular.Users.People;
using Modular.Users.People.Domain;
using Modular.Users.Persistence;
using Response = Modular.Users.Import.ImportUsers.Response;

namespace Modular.Users.Import;

/// <summary>Makes and changes the users of some rows of the file, in one transaction. What fails is a row.</summary>
internal static class ImportBatch
{
    internal sealed record Command(IReadOnlyList<ReadRow> Rows, ImportOptions Options) : ICommand<IReadOnlyList<Response>>;

    internal sealed class Handler(ICurrentUser current, UserSettings settings, UsersDbContext db, IIntegrationEvents events, TimeProvider clock)
        : IRequestHandler<Command, Result<IReadOnlyList<Response>>>
    {
        private readonly List<IntegrationEvent> facts = [];
        private KnownPeople people = new([]);
        private List<KnownOrganization> organizations = [];
        private ILookup<Guid, string> organizationRoles = Array.Empty<string>().ToLookup(_ => Guid.Empty);
        private Caller? by;

        public async Task<Result<IReadOnlyList<Response>>> Handle(Command request, CancellationToken cancellationToken)
        {
            var rows = request.Rows.Where(read => read.Problems.Count == 0).Select(read => read.Row!).ToList();
            await LoadPeopleAsync(rows, request.Options, cancellationToken);
            organizations = await OrganizationsAsync(rows, cancellationToken);

            if (by?.May(UserPermissions.Create) != true)
            {
                return Error.NotAllowed; // The caller may have lost the right since the file began.
            }

            var now = clock.GetUtcNow();
            List<Response> lines = [.. request.Rows.Select(read => Import(read, request.Options, now))];
            if (request.Options.DryRun)
            {
                return lines;
            }

            await db.SaveChangesAsync(cancellationToken);
            await PublishAsync<UserCreated>(cancellationToken);
            await PublishAsync<UserProfileChanged>(cancellationToken);
            await PublishAsync<UserRolesChanged>(cancellationToken);
            await PublishAsync<UserStatusChanged>(cancellationToken);
            return lines;
        }

        /// <summary>Of a user these follow one another; of different users they are independent, and go faster by kind.</summary>
        private Task PublishAsync<TEvent>(CancellationToken ct)
            where TEvent : IntegrationEvent => events.PublishAllAsync(facts.OfType<TEvent>().ToList(), ct);

        private Response Import(ReadRow read, ImportOptions options, DateTimeOffset now)
        {
            if (read.Problems.Count > 0)
            {
                return Response.Failed(read, read.Problems);
            }

            var row = read.Row!;
            return people.Find(row) is not { } user ? Create(read, row, by!, options, now)
                : options.Updates ? Update(read, row, user, by!, now)
                : Response.Done(read, ImportResult.Skipped, user.Id);
        }

        private Response Create(ReadRow read, ImportRow row, Caller creator, ImportOptions options, DateTimeOffset now)
        {
            var (email, username, loginType) = (row.Email ?? "", row.Username ?? "", row.LoginType ?? "");
            var isService = row.ServiceAccount == true;
            var hash = string.IsNullOrEmpty(row.PasswordHash) ? null : row.PasswordHash;
            var missing = new[] { ("email", email.Length == 0 && !isService), ("username", username.Length == 0) }
                .Where(field => field.Item2)
                .Select(field => new Validation(field.Item1, "A new user needs this field."))
                .ToList();
            if (missing.Count > 0)
            {
                return Response.Failed(read, missing);
            }

            if (NewAccount.Contradiction(isService, loginType, email.Length > 0, hash is not null, settings.PasswordLoginDisabled) is { } contradiction)
            {
                return Response.Failed(read, contradiction, "login_type");
            }

            if (people.HasUsername(username) || people.HasEmail(email))
            {
                return Response.Failed(read, people.HasUsername(username) ? UserErrors.UsernameTaken : UserErrors.EmailTaken);
            }

            var (joined, unknown) = OrganizationsOf(row);
            if (unknown is not null)
            {
                return Response.Failed(read, [new Validation("organizations", $"There is no organization '{unknown}'. Give its name or its id.")]);
            }

            if (NewAccount.UnavailableLogin(isService, loginType) is { } unavailable)
            {
                return Response.Failed(read, unavailable, "login_type");
            }

            if (!creator.May(UserPermissions.AddToOrganization) || !creator.May(UserPermissions.AssignRole))
            {
                return Response.Failed(read, Error.NotAllowed);
            }

            if (NewAccount.NotGiven(RolesOf(row), creator.Roles) is { } notGiven)
            {
                return Response.Failed(read, notGiven, "roles");
            }

            if (row.UserStatus == AccountStatus.Suspended)
            {
                return Response.Failed(read, [new Validation("user_status", "A user is created 'active' or 'dormant'.")]);
            }

            var user = User.Register(
                Guid.CreateVersion7(now),
                username,
                email,
                row.Name ?? "",
                isService ? LoginType.None : LoginType.Password,
                string.IsNullOrEmpty(row.UserStatus) ? AccountStatus.Dormant : row.UserStatus,
                hash,
                RolesOf(row),
                now,
                string.IsNullOrEmpty(row.ExternalId) ? null : row.ExternalId);
            people.Add(user);
            if (options.DryRun)
            {
                return Response.Done(read, ImportResult.Created, userId: null);
            }

            db.Users.Add(user);
            db.OrganizationMembers.AddRange(joined.Select(id => new OrganizationMember(id, user.Id, now)));
            facts.Add(new UserCreated(
                user.Id,
                user.Username,
                user.Status,
                user.RbacRoles,
                new AuditFacts(AuditAction.Create, User.ResourceType, user.Id, user.Username) { Diff = User.AuditShape.Diff(before: null, user) },
                now)
            {
                IsImported = true,
                OrganizationRoles = [.. joined.Select(id => OrganizationRole.In(id, OrganizationRole.Member))],
            });
            return Response.Done(read, ImportResult.Created, user.Id);
        }

        /// <summary>Absent members are kept. What would change needs what the route for that change needs.</summary>
        private Response Update(ReadRow read, ImportRow row, User user, Caller by, DateTimeOffset now)
        {
            var name = row.Name is { } wanted && wanted != user.Name ? wanted : null;
            var roles = row.Roles is not null && !RolesOf(row).ToHashSet().SetEquals(user.RbacRoles) ? RolesOf(row) : null;
            var status = !string.IsNullOrEmpty(row.UserStatus) && row.UserStatus != user.Status ? row.UserStatus : null;
            if (name is null && roles is null && status is null)
            {
                return Response.Done(read, ImportResult.Unchanged, user.Id);
            }

            Validation?[] refusals =
            [
                Refusal("name", name is null ? null : WhyNotRename(user, by)),
                Refusal("roles", roles is null ? null : WhyNotGive(roles, user, by)),
                Refusal("user_status", status is null ? null : WhyNotSet(status, roles ?? user.RbacRoles, user, by)),
            ];
            if (refusals.OfType<Validation>().ToList() is { Count: > 0 } problems)
            {
                return Response.Failed(read, problems);
            }

            var before = db.AsItIs(user);
            var changes = new List<Func<AuditFacts?, IntegrationEvent>>();
            if (name is not null)
            {
                user.Rename(user.Username, name, now);
                changes.Add(audit => new UserProfileChanged(user.Id, user.Username, audit, now));
            }

            if (roles is not null)
            {
                user.SetRoles(roles, now);
                changes.Add(audit => new UserRolesChanged(user.Id, roles, audit, now));
            }

            if (status is not null)
            {
                user.SetStatus(status, now);
                changes.Add(audit => new UserStatusChanged(user.Id, user.Username, status, audit, now));
            }

            // One entry of the log for the row, whatever it changed.
            var entry = UserAudit.Changed(AuditAction.Write, before, user);
            facts.AddRange(changes.Select((fact, place) => fact(place == 0 ? entry : null)));
            return Response.Done(read, ImportResult.Updated, user.Id);

            static Validation? Refusal(string field, Error? error) =>
                error is null ? null : new Validation(field, error.Detail is { } detail ? $"{error.Message} {detail}" : error.Message);
        }

        /// <summary>As for a profile: another person's is a way to take the account over, so a narrowed key is refused.</summary>
        private static Error? WhyNotRename(User user, Caller by) =>
            (by.UserId != user.Id && !by.Restrictions.HoldsEverything) || !by.May(UserPermissions.UpdatePersonal, owner: user.Id, id: user.Id)
                ? Error.NotAllowed
                : Outranked(user, by);

        private static Error? WhyNotGive(IReadOnlyList<string> roles, User user, Caller by) =>
            by.UserId == user.Id ? UserErrors.OwnRoles
            : !by.Restrictions.HoldsEverything || !by.May(UserPermissions.AssignRole) ? Error.NotAllowed
            : RoleChange.Problem(roles, user.RbacRoles, by.Roles) is { } problem ? Error.Invalid("users.roles", problem)
            : Outranked(user, by);

        private static Error? WhyNotSet(string status, IReadOnlyList<string> roles, User user, Caller by) =>
            status == AccountStatus.Suspended && by.UserId == user.Id ? UserErrors.OwnSuspension
            : status == AccountStatus.Suspended && roles.Contains(SiteRole.Owner) ? UserErrors.OwnerSuspension
            : !by.May(UserPermissions.Update, owner: user.Id, id: user.Id) ? Error.NotAllowed
            : Outranked(user, by);

        private static Error? Outranked(User user, Caller by) =>
            by.UserId != user.Id && RoleAssignment.Outranks(user.RbacRoles, by.Roles) ? UserErrors.Outranked : null;

        /// <summary>
        /// Loads the users that the rows name, and those that already have a name or an address that the rows ask for. Users that may be
        /// changed are locked, and the caller with them, whose rights are read anew; a dry run locks none.
        /// </summary>
        private async Task LoadPeopleAsync(List<ImportRow> rows, ImportOptions options, CancellationToken ct)
        {
            var caller = current.Required;
            if (options is { Updates: true, DryRun: false })
            {
                await db.LockOwnersAsync(ct);
            }

            var ids = await FindAsync(rows, ct);
            if (options.DryRun)
            {
                organizationRoles = await db.OrganizationRolesOfAsync(ids, ct);
                by = caller;
                people = new KnownPeople(await db.Users.AsNoTracking().Where(user => ids.Contains(user.Id)).ToListAsync(ct));
                return;
            }

            var locked = await db.LockUsersAsync(options.Updates ? [.. ids.Append(caller.UserId).Distinct()] : [caller.UserId], ct);
            organizationRoles = await db.OrganizationRolesOfAsync([.. ids, caller.UserId], ct);
            by = caller.AsIn(locked, organizationRoles);
            var found = options.Updates ? locked : await db.Users.AsNoTracking().Where(user => ids.Contains(user.Id)).ToListAsync(ct);
            people = new KnownPeople(found.Where(user => !user.Deleted));
        }

        private Task<List<Guid>> FindAsync(List<ImportRow> rows, CancellationToken ct) => db.FindByAnyKeyAsync(
            [.. rows.Select(row => row.ExternalId).OfType<string>().Where(id => id.Length > 0)],
            [.. rows.Select(row => AsciiLowerCase.Of(row.Email ?? "")).Where(key => key.Length > 0)],
            [.. rows.Select(row => AsciiLowerCase.Of(row.Username ?? "")).Where(key => key.Length > 0)],
            ct);

        private Task<List<KnownOrganization>> OrganizationsAsync(List<ImportRow> rows, CancellationToken ct)
        {
            var named = rows.SelectMany(row => row.Organizations ?? []).OfType<string>().Distinct().ToList();
            var ids = named.Select(text => Uuid.TryParse(text, out var id) ? id : Guid.Empty).ToList();
            return db.Organizations.AsNoTracking()
                .Where(o => o.IsDefault || named.Contains(o.Name) || ids.Contains(o.Id))
                .Select(o => new KnownOrganization(o.Id, o.Name, o.IsDefault))
                .ToListAsync(ct);
        }

        /// <summary>The organizations that the row names, each once, or the first that there is not.</summary>
        private (List<Guid> Ids, string? Unknown) OrganizationsOf(ImportRow row)
        {
            var ids = new List<Guid>();
            foreach (var text in row.Organizations is { Count: > 0 } named ? named : [Organization.DefaultName])
            {
                var found = Uuid.TryParse(text ?? "", out var id)
                    ? organizations.Find(o => id == Guid.Empty ? o.IsDefault : o.Id == id)
                    : organizations.Find(o => o.Name == text) ?? organizations.Find(o => o.IsDefault && text == Organization.DefaultName);
                if (found is null)
                {
                    return ([], text ?? "");
                }

                ids.Add(found.Id);
            }

            return ([.. ids.Distinct()], null);
        }

        private static List<string> RolesOf(ImportRow row) => [.. (row.Roles ?? []).OfType<string>().Distinct()];

        private sealed record KnownOrganization(Guid Id, string Name, bool IsDefault);
    }
}
