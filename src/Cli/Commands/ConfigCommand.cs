using System.CommandLine;
using Etl.Cli.Output;
using Etl.Cli.Settings;
using Spectre.Console;

namespace Etl.Cli.Commands;

/// <summary>Settings: which hold here and where each comes from, and which there are.</summary>
internal static class ConfigCommand
{
    public static Command New()
    {
        var show = new Verb("show", "Settings as they hold here, with where each comes from; passwords are masked", "Etl__Kafka__Partitions=8 etl config show");
        show.SetAction(Invocation.Of((invocation, parsed, _) => Task.FromResult(Show(invocation, parsed.GetValue(Invocation.DataOption)))));
        var describe = new Verb("describe", "Every setting with its default, its name in the environment and its meaning", "etl config describe");
        describe.SetAction(parsed => Describe(new Terminal(parsed.GetValue(Invocation.JsonOption)))); // also where the settings are not good
        return new Verb("config", $"Settings: show and describe. {SettingsReader.File} of the current folder < Etl__… of the environment < command line", "etl config show") { show, describe };
    }

    private static int Show(Invocation invocation, string? data)
    {
        var sources = SettingsReader.Sources(".", data);
        var rows = SettingsTable.All.Select(setting => (setting.Path, Value: setting.ShownIn(invocation.Settings), Source: sources(setting.Path))).ToList();
        invocation.Terminal.Answer(rows.Select(row => new { Setting = row.Path, row.Value, row.Source }), people =>
        {
            var table = Terminal.NewTable("setting", "value", "from");
            foreach (var (path, value, source) in rows) table.AddRow(Markup.Escape(path), Markup.Escape(value), source == "default" ? "[grey]default[/]" : Markup.Escape(source));
            people.Write(table);
        });
        return ExitCodes.Ok;
    }

    private static int Describe(Terminal terminal)
    {
        terminal.Answer(SettingsTable.All.Select(setting => new { Setting = setting.Path, setting.Type, setting.Default, setting.Environment, setting.Meaning }), people =>
        {
            foreach (var setting in SettingsTable.All)
            {
                people.MarkupLine($"[bold]{Markup.Escape(setting.Path)}[/]  {setting.Type}, default {(setting.Default is "" ? "[grey]empty[/]" : Markup.Escape(SettingsTable.Shown(setting.Default)))}");
                people.MarkupLine($"  {Markup.Escape(setting.Environment)}");
                people.MarkupLine($"  {Markup.Escape(setting.Meaning)}");
            }
            people.MarkupLine($"\nIn {SettingsReader.File}: {{ \"Etl\": {{ \"Kafka\": {{ \"Partitions\": 8 }} }} }}");
        });
        return ExitCodes.Ok;
    }
}
