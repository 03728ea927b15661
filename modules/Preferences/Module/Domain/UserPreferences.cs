namespace Modular.Preferences.Domain;

/// <summary>How the product behaves for a user. Null is what the user has never said.</summary>
internal sealed class UserPreferences
{
    private UserPreferences()
    {
    }

    internal UserPreferences(Guid userId) => UserId = userId;

    public Guid UserId { get; private set; }

    public bool? TaskNotificationAlertDismissed { get; private set; }

    public string? ThinkingDisplayMode { get; private set; }

    public string? ShellToolDisplayMode { get; private set; }

    public string? CodeDiffDisplayMode { get; private set; }

    public string? AgentChatSendShortcut { get; private set; }

    /// <summary>Takes what was sent of fields that are not locked; null and the empty text keep what is there.</summary>
    internal void Change(bool? dismissed, string? thinking, string? shell, string? codeDiff, string? shortcut, Predicate<SettingField> isLocked)
    {
        TaskNotificationAlertDismissed = isLocked(SettingField.TaskNotificationAlertDismissed)
            ? TaskNotificationAlertDismissed
            : dismissed ?? TaskNotificationAlertDismissed;
        ThinkingDisplayMode = Unlocked(SettingField.ThinkingDisplayMode, ThinkingDisplayMode, thinking);
        ShellToolDisplayMode = Unlocked(SettingField.ShellToolDisplayMode, ShellToolDisplayMode, shell);
        CodeDiffDisplayMode = Unlocked(SettingField.CodeDiffDisplayMode, CodeDiffDisplayMode, codeDiff);
        AgentChatSendShortcut = Unlocked(SettingField.AgentChatSendShortcut, AgentChatSendShortcut, shortcut);

        string? Unlocked(SettingField field, string? kept, string? sent) => string.IsNullOrEmpty(sent) || isLocked(field) ? kept : sent;
    }
}
