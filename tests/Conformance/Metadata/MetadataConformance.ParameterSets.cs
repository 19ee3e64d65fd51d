using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Tests.Conformance.Metadata;

public abstract partial class MetadataConformance
{
    [Fact]
    public async Task A_set_of_parameters_is_saved_found_listed_replaced_and_deleted()
    {
        (await Store.ParameterSets.ListAsync(null, 100, Cancel)).ShouldBeEmpty();
        (await Store.ParameterSets.SaveAsync(Set("alps", ("latitudes", "46.56"), ("note", "Föhn \"süd\"; 'x'\n")), Cancel)).ShouldBeNull();
        await Store.ParameterSets.SaveAsync(Set("alps", ("hourly", "rain")) with { Dag = "main" }, Cancel);
        await Store.ParameterSets.SaveAsync(Set("alpine", ("latitudes", "47")), Cancel);
        var saved = (await Store.ParameterSets.FindAsync("historic_main", "alps", Cancel)).ShouldNotBeNull();
        (saved.Dag, saved.Name, saved.CodeVersion, saved.Saved > DateTimeOffset.UnixEpoch).ShouldBe(("historic_main", "alps", "1.0", true));
        saved.Texts.ShouldBe(new Dictionary<string, string> { ["latitudes"] = "46.56", ["note"] = "Föhn \"süd\"; 'x'\n" }, ignoreOrder: true);
        (await Store.ParameterSets.ListAsync(null, 100, Cancel)).Select(set => (set.Dag, set.Name)).ShouldBe([("historic_main", "alpine"), ("historic_main", "alps"), ("main", "alps")]);
        (await Store.ParameterSets.ListAsync("main", 100, Cancel)).ShouldHaveSingleItem().Texts["hourly"].ShouldBe("rain");
        (await Store.ParameterSets.ListAsync("historic_main", 1, Cancel)).ShouldHaveSingleItem().Name.ShouldBe("alpine");

        var before = (await Store.ParameterSets.SaveAsync(Set("alps", ("longitudes", "8.56")), Cancel)).ShouldNotBeNull();
        before.Texts.ShouldBe(saved.Texts, ignoreOrder: true);
        (await Store.ParameterSets.FindAsync("historic_main", "alps", Cancel))!.Texts.ShouldHaveSingleItem().ShouldBe(KeyValuePair.Create("longitudes", "8.56"), "none of the old values is left");
        (await Store.ParameterSets.DeleteAsync("historic_main", "alps", Cancel)).ShouldBeTrue();
        (await Store.ParameterSets.DeleteAsync("historic_main", "alps", Cancel)).ShouldBeFalse();
        (await Store.ParameterSets.FindAsync("historic_main", "alps", Cancel)).ShouldBeNull();
        (await Store.ParameterSets.FindAsync("main", "alps", Cancel)).ShouldNotBeNull("the other DAG's stays");
        (await Store.ParameterSets.FindAsync("nobody", "alps", Cancel)).ShouldBeNull();
        await Should.ThrowAsync<ArgumentException>(() => Store.ParameterSets.SaveAsync(Set("Alps", ("latitudes", "47")), Cancel));
    }

    [Fact]
    public async Task Of_those_who_save_one_set_together_one_stands_whole()
    {
        await using var second = await OpenAsync();
        var before = await Task.WhenAll(Enumerable.Range(0, 8).Select(turn => (turn % 2 == 0 ? Store : second).ParameterSets.SaveAsync(Set("alps", ("one", $"{turn}"), ("two", $"{turn}")), Cancel)));
        before.Count(set => set is null).ShouldBeGreaterThan(0);
        var stands = (await Store.ParameterSets.ListAsync(null, 100, Cancel)).ShouldHaveSingleItem();
        stands.Texts["one"].ShouldBe(stands.Texts["two"]);
    }

    [Fact]
    public async Task A_run_keeps_the_name_of_the_set_it_was_made_from_until_it_is_forgotten()
    {
        var made = await Store.Runs.TriggerAsync("main", Hour(0, RunKind.Manual) with { ParameterSet = "alps" }, Cancel);
        var plain = await Store.Runs.TriggerAsync("main", Hour(1, RunKind.Manual), Cancel);
        (made.ParameterSet, plain.ParameterSet).ShouldBe(("alps", ""));
        (await Store.Runs.FindAsync(made.Id, Cancel)).ShouldBe(made);
        (await Store.Runs.ListAsync(new(), Cancel)).Select(run => run.ParameterSet).ShouldBe(["", "alps"]);
        var claimed = await Store.Runs.ClaimAsync(["main"], 10, 1, Minute, Cancel);
        claimed.Select(run => run.ParameterSet).ShouldBe(["alps", ""]);
        foreach (var run in claimed) await Store.Runs.EndAsync(run, new(RunState.Done, 0, 0, ""), Cancel);
        (await Store.Runs.ForgetAsync(DateTimeOffset.UtcNow.AddDays(1), 10, Cancel)).ShouldBe(1, "the newest stays");
        await ExecuteAsync($"insert into etl_run_set (run, name) values ({made.Id}, 'free')"); // its place is: it went with the run
    }

    private static ParameterSet Set(string name, params (string Name, string Text)[] texts) => new() { Dag = "historic_main", Name = name, Texts = texts.ToDictionary(text => text.Name, text => text.Text), CodeVersion = "1.0" };
}
