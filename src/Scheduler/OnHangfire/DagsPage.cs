using System.Globalization;
using System.Net;
using Etl.Contracts;
using Etl.Contracts.Workflow;
using Hangfire.Dashboard;
using Hangfire.Dashboard.Pages;
using Hangfire.States;

namespace Etl.Scheduler.OnHangfire;

/// <summary>Hangfire's page of recurring jobs as one of DAGs: what has no schedule says so, next and last run are the ledger's, and nothing offers to remove what is code.</summary>
internal sealed class DagsPage(IReadOnlyList<DagLine> dags, string trouble) : RazorPage
{
    private const int ReasonShown = 400;

    public override void Execute()
    {
        Layout = new LayoutPage("DAGs");
        WriteLiteral("<div class=\"row\"><div class=\"col-md-12\"><h1 class=\"page-header\">DAGs</h1>");
        if (trouble.Length > 0) WriteLiteral($"<div class=\"alert alert-danger\">{Text(trouble)}</div>");
        // Hangfire's script finds these classes, and posts the checked boxes with the page's token.
        WriteLiteral("<div class=\"js-jobs-list\"><div class=\"btn-toolbar btn-toolbar-top\"><button class=\"js-jobs-list-command btn btn-sm btn-primary\" disabled=\"disabled\" data-loading-text=\"Triggering...\" data-url=\"");
        Write(Url.To("/recurring/trigger"));
        WriteLiteral("\"><span class=\"glyphicon glyphicon-play-circle\"></span> Trigger now</button></div><div class=\"table-responsive\"><table class=\"table\" aria-describedby=\"page-title\"><thead><tr><th class=\"min-width\"><input type=\"checkbox\" class=\"js-jobs-list-select-all\"/></th>");
        foreach (string head in (string[])["Id", "Cron", "Time zone", "Runs", "Next run", "Last run"]) WriteLiteral($"<th>{head}</th>");
        WriteLiteral("</tr></thead><tbody>");
        foreach (var dag in dags) Row(dag);
        WriteLiteral("</tbody></table></div></div></div></div>");
    }

    private void Row(DagLine dag)
    {
        string box = dag.Missing.Length == 0 ? $"<input type=\"checkbox\" class=\"js-jobs-list-checkbox\" name=\"jobs[]\" value=\"{Text(dag.Dag)}\"/>" : "";
        string words = dag.Missing.Length == 0 ? Text(dag.Words) : $"{Text(dag.Words)}, with parameters: <code title=\"{Text(dag.Missing)}\">etl trigger {Text(dag.Dag)} --param …</code>";
        WriteLiteral($"<tr class=\"js-jobs-list-row hover\"><td>{box}</td><td class=\"min-width\"><strong>{Text(dag.Dag)}</strong></td><td class=\"min-width\"><code>{Text(dag.Cron)}</code></td><td class=\"min-width\">{Text(dag.Zone)}</td><td>{words}</td><td class=\"min-width\">");
        if (dag.IsPaused) WriteLiteral($"<span class=\"label label-warning\">paused</span> <code>etl dag resume {Text(dag.Dag)}</code>");
        else if (dag.Next is { } next)
        {
            WriteLiteral($"{Text(dag.Local(next))}<br/><small class=\"text-muted\">");
            Write(Html.RelativeTime(next.UtcDateTime));
            WriteLiteral("</small>");
        }
        else WriteLiteral("<em>when triggered</em>");
        WriteLiteral("</td><td style=\"max-width: 520px; overflow-wrap: anywhere\">");
        if (dag.Last is { } last) Last(last, dag.Job);
        else WriteLiteral("<em>none yet</em>");
        WriteLiteral("</td></tr>");
    }

    private void Last(Run run, string? job)
    {
        string because = run.IsEnded || job is null ? "" : BecauseOf(job);
        var (state, word) = run.State switch
        {
            RunState.Done => (SucceededState.StateName, "Succeeded"),
            RunState.Failed => (FailedState.StateName, "Failed"),
            RunState.Cancelled => (DeletedState.StateName, "Cancelled"),
            RunState.Queued => (EnqueuedState.StateName, "Queued"),
            _ => (InLedgerState.StateName, "Running"),
        };
        if (job is not null) WriteLiteral($"<a href=\"{Text(Url.JobDetails(job))}\">");
        if (because.Length > 0) WriteLiteral("<span class=\"label label-warning\">Tries again</span>");
        else Write(Html.StateLabel(state, word));
        WriteLiteral(job is null ? " " : "</a> ");
        Write(Html.RelativeTime((run.Ended ?? run.Started ?? run.Fire).UtcDateTime));
        string told = because.Length > 0 ? because : run.State == RunState.Failed ? run.Reason : run.IsEnded ? string.Create(CultureInfo.InvariantCulture, $"{run.Windows:N0} windows, {run.Rows:N0} rows") : "";
        if (told.Length > ReasonShown) told = told[..(ReasonShown - 1)] + "…";
        WriteLiteral($"<br/><small class=\"text-muted\">run {run.Id}{(told.Length > 0 ? $": {Text(told)}" : "")}</small>");
    }

    private string BecauseOf(string job)
    {
        using var connection = Storage.GetReadOnlyConnection();
        return connection.GetStateData(job)?.Data.TryGetValue(InLedgerState.Because, out string? because) == true ? because : "";
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}

/// <summary>Asks the ledger, then draws the page.</summary>
internal sealed class DagsDispatcher(DagLines lines) : IDashboardDispatcher
{
    public async Task Dispatch(DashboardContext context)
    {
        var (dags, trouble) = await AskAsync();
        var page = new RouteCollection(); // Hangfire's own way to a page's text is not public
        page.AddRazorPage("/", _ => new DagsPage(dags, trouble));
        await page.FindDispatcher("/").Item1.Dispatch(context);
    }

    private async Task<(IReadOnlyList<DagLine> Dags, string Trouble)> AskAsync()
    {
        try { return (await lines.ListAsync(CancellationToken.None), ""); }
        catch (StoreException error) { return ([], error.Message); }
    }
}
