using System.CommandLine;
using Etl.Benchmarks;
using Etl.Benchmarks.TwoProcesses;
using Spectre.Console;

if (args is [LandAndBuildWorker.Verb, var topic, var worker]) return await LandAndBuildWorker.RunAsync(topic, worker); // a process that a bench starts
var names = new Argument<string[]>("NAME") { Description = "Benches to run, one after the other; see --list.", Arity = ArgumentArity.ZeroOrMore };
var list = new Option<bool>("--list") { Description = "Name the benches and their bars, run none." };
var json = new Option<bool>("--json") { Description = "One JSON document for each bench on stdout: name, value, unit, bar, ok, settings." };
var turns = new Option<int>("--turns") { Description = "Turns of which the best counts, 1 or more.", DefaultValueFactory = _ => new BenchSettings().Turns };
var scale = new Option<double>("--scale") { Description = "Size of the data, 1 = as the bar says; another size is not written to the results.", DefaultValueFactory = _ => 1 };
var seed = new Option<int>("--seed") { Description = "Seed of what is random.", DefaultValueFactory = _ => new BenchSettings().Seed };
var set = new Option<string[]>("--set") { Description = "key=value for one bench's own settings.", DefaultValueFactory = _ => [] };
var results = new Option<string>("--results") { Description = "Folder that results are written to.", DefaultValueFactory = _ => BenchRun.ResultsFolder() };

var root = new RootCommand("Measures what the product must reach, and says whether it does. Example: etl bench decode --json") { names, list, json, turns, scale, seed, set, results };
root.SetAction(async (given, cancel) =>
{
    string[] wanted = given.GetValue(names) ?? [];
    if (given.GetValue(list) || wanted.Length == 0) return BenchRun.List(given.GetValue(json));
    var settings = new BenchSettings
    {
        Turns = Math.Max(1, given.GetValue(turns)),
        Scale = given.GetValue(scale) is > 0 and var size ? size : 1,
        Seed = given.GetValue(seed),
        More = (given.GetValue(set) ?? []).Select(pair => pair.Split('=', 2)).Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => pair[1]),
    };
    return await BenchRun.RunAsync(wanted, settings, given.GetValue(json), given.GetValue(results)!, cancel);
});
return await root.Parse(args).InvokeAsync();
