using System.Globalization;
using System.Net;
using Hangfire.Dashboard;
using Hangfire.Dashboard.Pages;

namespace Etl.Scheduler.OnHangfire;

/// <summary>Hangfire's list of failed jobs as one of failed runs: why each failed and what mends it. Hangfire's own warns that failed jobs never expire, which is not so here.</summary>
internal sealed class FailedRunsPage : RazorPage
{
    private const int PerPage = 20, ReasonShown = 1_000;

    public override void Execute()
    {
        Layout = new LayoutPage("Failed runs");
        WriteLiteral("<div class=\"row\"><div class=\"col-md-3\">");
        Write(Html.JobsSidebar());
        WriteLiteral("</div><div class=\"col-md-9\"><h1 class=\"page-header\">Failed runs</h1>");
        var monitor = Storage.GetMonitoringApi();
        var pager = new Pager(Number("from"), Number("count"), PerPage, monitor.FailedCount());
        if (pager.TotalPageCount == 0) WriteLiteral("<div class=\"alert alert-success\">No run has failed.</div>");
        else List(pager, monitor.FailedJobs(pager.FromRecord, pager.RecordsPerPage));
        WriteLiteral($"<p class=\"text-muted\">A failed run is listed here for {LedgerFilter.FailedKept.TotalDays:0} days. The ledger keeps it longer: <code>etl runs list --state failed</code>.</p></div></div>");
    }

    /// <summary>Hangfire's script finds these classes, and posts the checked boxes with the page's token.</summary>
    private void List(Pager pager, Hangfire.Storage.Monitoring.JobList<Hangfire.Storage.Monitoring.FailedJobDto> jobs)
    {
        WriteLiteral("<div class=\"js-jobs-list\"><div class=\"btn-toolbar btn-toolbar-top\">");
        Command("/jobs/failed/requeue", "btn-primary", "repeat", "Requeue", "Enqueueing...", "");
        Command("/jobs/failed/delete", "btn-default", "remove", "Take off this list", "Deleting...", "Take the selected runs off this list? The ledger keeps them.");
        Write(Html.PerPageSelector(pager));
        WriteLiteral("</div><div class=\"table-responsive\"><table class=\"table\"><thead><tr><th class=\"min-width\"><input type=\"checkbox\" class=\"js-jobs-list-select-all\"/></th><th class=\"min-width\">Job</th><th>Why</th><th class=\"min-width align-right\">Failed</th></tr></thead><tbody>");
        foreach (var (id, job) in jobs)
        {
            WriteLiteral("<tr class=\"js-jobs-list-row hover\"><td>");
            if (job is { InFailedState: true }) WriteLiteral($"<input type=\"checkbox\" class=\"js-jobs-list-checkbox\" name=\"jobs[]\" value=\"{Text(id)}\"/>");
            WriteLiteral("</td><td class=\"min-width\">");
            Write(Html.JobIdLink(id));
            WriteLiteral("</td><td style=\"overflow-wrap: anywhere\">");
            WriteLiteral(job is { InFailedState: true } ? Why(job) : "<em>it has another state by now</em>");
            WriteLiteral("</td><td class=\"min-width align-right\">");
            if (job?.FailedAt is { } at) Write(Html.RelativeTime(at));
            WriteLiteral("</td></tr>");
        }
        WriteLiteral("</tbody></table></div>");
        Write(Html.Paginator(pager));
        WriteLiteral("</div>");
    }

    private void Command(string path, string style, string icon, string word, string during, string confirm)
    {
        WriteLiteral($"<button class=\"js-jobs-list-command btn btn-sm {style}\" disabled=\"disabled\" data-loading-text=\"{during}\"{(confirm.Length > 0 ? $" data-confirm=\"{confirm}\"" : "")} data-url=\"");
        Write(Url.To(path));
        WriteLiteral($"\"><span class=\"glyphicon glyphicon-{icon}\"></span> {word}</button>");
    }

    private static string Why(Hangfire.Storage.Monitoring.FailedJobDto job)
    {
        string reason = job.ExceptionMessage ?? "";
        if (reason.Length > ReasonShown) reason = $"{reason[..(ReasonShown - 1)]}…";
        return $"<strong>{Text(job.ExceptionType ?? job.Job?.ToString() ?? "")}</strong><br/>{Text(reason)}<br/><small class=\"text-muted\">{Text(job.Reason ?? "")}</small>";
    }

    private int Number(string name) => int.TryParse(Query(name), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
