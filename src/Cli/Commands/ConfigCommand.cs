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
        var show = new Verb("show", "Settings as they hold here, with where each comes from; secrets are masked", "Etl__Kafka__Partitions=8 etl config show");
        show.SetAction(Invocation.Of((invocation, parsed, _) => Task.FromResult(Show(invocation, parsed.GetValue(Invocation.DataOption)))));
        var describe = new Verb("describe", "Every setting with its default, its name in the environment and its meaning", "etl config describe");
        describe.SetAction(parsed => Describe(new Terminal(parsed.GetValue(Invocation.JsonOption)))); // also where the settings are not good
        var check = new Verb("check", "Whether the settings are good: all faults and warnings at once; asks no server", "etl config check");
        check.SetAction(parsed => Check(new Terminal(parsed.GetValue(Invocation.JsonOption)), parsed.GetValue(Invocation.DataOption)));
        return new Verb("config", $"Settings: show, check and describe. {SettingsReader.File} of the current folder < Etl__… of the environment < command line", "etl config show") { show, check, describe };
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

    private static int Check(Terminal terminal, string? data)
    {
        var (settings, faults) = SettingsReader.Inspect(".", data);
        var warnings = settings.Warnings();
        terminal.Answer(new { Ok = faults.Count == 0, Faults = faults, Warnings = warnings }, people =>
        {
            foreach (string fault in faults) people.MarkupLine($"[red]✗[/] {Markup.Escape(fault)}");
            foreach (string warning in warnings) people.MarkupLine($"[yellow]•[/] {Markup.Escape(warning)}");
            people.MarkupLine(faults.Count > 0 ? $"[red]✗[/] settings: {faults.Count:N0} not good, {warnings.Count:N0} to look at; `etl config describe` lists every setting" : $"[green]✓[/] settings: good, {warnings.Count:N0} to look at");
        });
        return faults.Count == 0 ? ExitCodes.Ok : ExitCodes.Usage;
    }

    private static int Describe(Terminal terminal)
    {
        terminal.Answer(SettingsTable.All.Select(setting => new { Setting = setting.Path, setting.Type, setting.Default, setting.Environment, setting.Meaning }), people =>
        {
            foreach (var setting in SettingsTable.All)
            {
                people.MarkupLine($"[bold]{Markup.Escape(setting.Path)}[/]  {setting.Type}, default {(SettingsTable.Shown(setting.Default) is "" ? "[grey]empty[/]" : Markup.Escape(SettingsTable.Shown(setting.Default)))}");
                people.MarkupLine($"  {Markup.Escape(setting.Environment)}{(setting.IsSecret ? $", or the file that holds it: {Markup.Escape(setting.Environment)}{SecretFiles.Suffix}" : "")}");
                people.MarkupLine($"  {Markup.Escape(setting.Meaning)}");
            }
            people.MarkupLine($"\nIn {SettingsReader.File}: {{ \"Etl\": {{ \"Kafka\": {{ \"Partitions\": 8 }} }} }}");
        });
        return ExitCodes.Ok;
    }
}
