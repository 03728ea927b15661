using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.Configuration;
using Modular.Preferences.Domain;
using Modular.Preferences.Features;
using Modular.Preferences.Persistence;
using Modular.SharedKernel.Json;
using Modular.SharedKernel.Persistence;
using Modular.SharedKernel.Settings;

namespace Modular.Tests.Unit.Preferences;

/// <summary>What is declared of a setting is all there is to say of it: everything else is asked whether it follows.</summary>
public sealed class UserSettingsTests
{
    public static IEnumerable<object[]> Fields() =>
        UserSettings.Groups.SelectMany(group => group.Fields.Select(field => new object[] { group.Name, field.Name }));

    private static readonly OperatorSettings nothingSaid = Operators();

    [Fact]
    public void There_are_some_and_no_name_stands_twice()
    {
        var names = UserSettings.Groups.SelectMany(group => group.Fields).Select(field => field.Name).ToArray();
        Assert.NotEmpty(names);
        Assert.Equal(names.Distinct(), names);
    }

    [Theory, MemberData(nameof(Fields))]
    public void A_declared_field_is_stored_in_a_column_of_its_name(string group, string name)
    {
        var field = Field(group, name);
        using var db = new PreferencesDbContext(ModuleDbContextRegistration.OptionsAtDesignTime<PreferencesDbContext>(PreferencesDbContext.SchemaName));
        var table = Group(group).Table;
        var column = db.Model.FindEntityType(table)!.GetProperties()
            .Single(property => property.GetColumnName(StoreObjectIdentifier.Table(table, PreferencesDbContext.SchemaName)) == name);
        Assert.Equal(field.IsBoolean ? "boolean" : "text", column.GetColumnType());
        Assert.True(column.IsNullable);
        Assert.False(db.Database.HasPendingModelChanges(), "A column is missing: add a migration.");
    }

    [Theory, MemberData(nameof(Fields))]
    public void A_declared_field_is_described_with_what_operators_have_said(string group, string name)
    {
        var field = Field(group, name);
        var value = Values(field)[^1];
        var described = Assert.Single(ReadSettingsSchema.Described(Group(group), Operators(("Defaults", name, value), ("Locked", name, value))), one => one.Name == name);
        Assert.Equal(
            (group, field.IsBoolean ? "boolean" : "string", field.Allowed, field.OnTheWire(field.Default), field.OnTheWire(value), true, field.OnTheWire(value), field.Description),
            (described.Group, described.Type, described.Allowed, described.Default, described.OperatorDefault, described.Locked, described.LockedValue, described.Description));
        Assert.NotEmpty(field.Description);
    }

    [Theory, MemberData(nameof(Fields))]
    public void A_declared_field_is_in_the_answer_and_its_example(string group, string name)
    {
        var field = Field(group, name);
        var answer = Answer(group, stored: null);
        Assert.Equal(JsonSerializer.Serialize(field.OnTheWire(field.Default)), answer.GetProperty(name).GetRawText());
        Assert.True(JsonDocument.Parse(ShownSettings.Example(Group(group))).RootElement.TryGetProperty(name, out _));
    }

    /// <summary>Every value that is allowed is read from a request, stored and shown; one that is not is refused by the field's name.</summary>
    [Theory, MemberData(nameof(Fields))]
    public void A_declared_field_is_changed_by_a_request(string group, string name)
    {
        var field = Field(group, name);
        foreach (var value in Values(field))
        {
            var sent = Request(group, field, field.OnTheWire(value));
            Assert.Null(Group(group).FindError(sent));
            var stored = new StoredSettings(Guid.Empty);
            stored.Change(Group(group), sent, isLocked: _ => false);
            Assert.Equal(JsonSerializer.Serialize(field.OnTheWire(value)), Answer(group, stored).GetProperty(name).GetRawText());

            var kept = new StoredSettings(Guid.Empty);
            kept.Change(Group(group), sent, isLocked: one => one.Name == name);
            Assert.Null(kept[name]);
            if (Values(field).FirstOrDefault(other => other != value) is { } locked)
            {
                Assert.Equal(name, Assert.Single(Operators(("Locked", name, locked)).FindError(Group(group), sent)!.Validations).Field);
            }
        }

        if (!field.IsBoolean)
        {
            var wrong = Group(group).FindError(Request(group, field, new string('x', SettingField.MaxFreeBytes + 1)));
            Assert.Equal(name, Assert.Single(wrong!.Validations).Field);
        }
    }

    /// <summary>The members of a group's request and answer are its fields and no others.</summary>
    [Fact]
    public void Nothing_undeclared_is_answered_or_read()
    {
        foreach (var (type, group) in ((Type, SettingsGroup)[])
            [
                (typeof(AppearanceAnswer), UserSettings.Appearance), (typeof(ChangeAppearanceInput), UserSettings.Appearance),
                (typeof(PreferencesAnswer), UserSettings.Preferences), (typeof(ChangePreferencesInput), UserSettings.Preferences),
            ])
        {
            Assert.Equal(group.Fields.Select(field => field.Name), ModularJson.Options.GetTypeInfo(type).Properties.Select(member => member.Name));
        }
    }

    private static SettingsGroup Group(string name) => UserSettings.Group(name);

    private static SettingField Field(string group, string name) => Group(group).Fields.Single(field => field.Name == name);

    private static IReadOnlyList<string> Values(SettingField field) => field.IsBoolean ? ["true", "false"] : field.Allowed ?? ["anything", "another thing"];

    /// <summary>A request that gives the field a value, and all others one that lets it count.</summary>
    private static SentSettings Request(string group, SettingField wanted, object value)
    {
        var members = Group(group).Fields.ToDictionary(
            field => field.Name, field => field == wanted ? value : field.OnTheWire(Values(field)[0]));
        var json = JsonSerializer.Serialize(members);
        return group == UserSettings.AppearanceGroup
            ? JsonSerializer.Deserialize<ChangeAppearanceInput>(json, ModularJson.Options)!
            : JsonSerializer.Deserialize<ChangePreferencesInput>(json, ModularJson.Options)!;
    }

    private static JsonElement Answer(string group, StoredSettings? stored)
    {
        var shown = ShownSettings.Of(Group(group), stored, nothingSaid);
        object answer = group == UserSettings.AppearanceGroup ? new AppearanceAnswer(shown) : new PreferencesAnswer(shown);
        return JsonDocument.Parse(ModularJson.Serialize(answer)).RootElement;
    }

    private static OperatorSettings Operators(params (string Kind, string Field, string Value)[] said) => OperatorSettings.Read(new SettingsReader(
        new ConfigurationBuilder()
            .AddInMemoryCollection(said.Select(one => KeyValuePair.Create($"Modular:Preferences:{one.Kind}:{one.Field}", (string?)one.Value)))
            .Build()));
}
