using Hangfire.Dashboard;
using Hangfire.Dashboard.Pages;

namespace Etl.Scheduler.OnHangfire;

/// <summary>Jobs whose run is in the ledger and has not ended.</summary>
/// <param name="set">Of <see cref="InLedgerState"/>: all of them, or those that are tried again.</param>
internal sealed class LedgerJobsPage(string title, string heading, string set) : RazorPage
{
    private static readonly string[] Columns = ["Dag", "Run", "Fire", "Round", InLedgerState.TriesAgain, InLedgerState.Because];

    public override void Execute()
    {
        Layout = new LayoutPage(title);
        bool isOfJobs = set == InLedgerState.Set; // beside the lists of jobs by state
        WriteLiteral("<div class=\"row\">");
        if (isOfJobs)
        {
            WriteLiteral("<div class=\"col-md-3\">");
            Write(Html.JobsSidebar());
            WriteLiteral("</div>");
        }
        WriteLiteral($"<div class=\"col-md-{(isOfJobs ? 9 : 12)}\"><h1 class=\"page-header\">{heading}</h1>");
        using var connection = Storage.GetReadOnlyConnection();
        var ids = connection.GetAllItemsFromSet(set);
        if (ids.Count == 0) WriteLiteral("<div class=\"alert alert-success\">Nothing now.</div>");
        else
        {
            WriteLiteral($"<table class=\"table\"><thead><tr><th>Job</th>{string.Concat(Columns.Select(column => $"<th>{column}</th>"))}</tr></thead><tbody>");
            foreach (string id in ids)
            {
                if (connection.GetStateData(id)?.Data is not { } state) continue;
                WriteLiteral("<tr><td class=\"min-width\">");
                Write(Html.JobIdLink(id));
                foreach (string column in Columns)
                {
                    WriteLiteral($"</td><td class=\"{(column == InLedgerState.Because ? "word-break" : "min-width")}\">");
                    Write(state.TryGetValue(column, out string? told) ? told : "");
                }
                WriteLiteral("</td></tr>");
            }
            WriteLiteral("</tbody></table>");
        }
        WriteLiteral("</div></div>");
    }
}
