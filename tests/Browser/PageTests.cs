using Etl.Cli;
using Etl.Contracts.Workflow;
using Microsoft.Playwright;

namespace Etl.Tests.Browser;

/// <summary>Hangfire's page of `etl up` on the zero-install default, as a person sees it.</summary>
public sealed class PageTests(Chromium chromium)
{
    [Fact]
    public async Task The_recurring_page_lists_every_DAG_and_Trigger_now_fills_the_tables_of_main()
    {
        await using var up = await DagsOnPage.OpenAsync(chromium);
        await up.GoAsync("/recurring");
        await up.ShootAsync("dags");
        (await up.Page.Locator("tbody tr").CountAsync()).ShouldBe(Composition.Dags.Count);
        foreach (var dag in Composition.Dags)
        {
            string row = await DagsOnPage.Row(up.Page, dag.Name).InnerTextAsync();
            row.ShouldContain(dag.Zone);
            row.ShouldContain(dag.Schedule.Expression ?? "manual");
            row.ShouldContain("none yet");
        }
        (await DagsOnPage.Row(up.Page, "main").InnerTextAsync()).ShouldContain(" 06:00 ");
        string page = await up.TextAsync();
        page.ShouldNotContain("31 2", Case.Sensitive, "a DAG without a schedule has no cron");
        page.ShouldContain("etl trigger historic_main --param");
        (await up.Page.GetByText("Delete").CountAsync()).ShouldBe(0, "DAGs are code");
        (await DagsOnPage.Row(up.Page, "historic_main").Locator("input").CountAsync()).ShouldBe(0, "without dates it could only fail");

        await up.TriggerAsync("main");
        await up.EndAsync("main", "done", "Succeeded");
        await up.ShootAsync("dags-after-main");
        int hours = up.Rows("hourlydata"), days = up.Rows("dailydata");
        days.ShouldBeGreaterThanOrEqualTo(7 * 5, "seven days of five places, and what is known of today");
        hours.ShouldBeGreaterThanOrEqualTo(7 * 24 * 5 - 5); // a day of 23 hours may be among them
        await up.OpenLastAsync("main");
        string job = await up.TextAsync();
        await up.ShootAsync("job-succeeded");
        job.ShouldContain("run 1: ");
        job.ShouldMatch("[0-9,]+ windows, [0-9,]+ rows");
        job.ShouldContain("triggered on Hangfire's page");

        await up.KillAsync(); // Hangfire keeps nothing itself
        await up.StartAsync();
        await up.OpenLastAsync("main");
        (await up.TextAsync()).ShouldMatch("run 1: [0-9,]+ windows, [0-9,]+ rows");
        await up.GoAsync("");
        await up.ShootAsync("overview");
        await up.GoAsync("/jobs/succeeded");
        await up.ShootAsync("succeeded-after-restart");
        (await up.Page.Locator("tbody tr").CountAsync()).ShouldBe(1);
        (up.Rows("hourlydata"), up.Rows("dailydata")).ShouldBe((hours, days));
    }
}
