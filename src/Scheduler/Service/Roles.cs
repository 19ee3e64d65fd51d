namespace Etl.Scheduler.Service;

/// <summary>What a process does for the others.</summary>
[Flags]
public enum Roles
{
    None = 0,

    /// <summary>Makes runs of schedules that fire.</summary>
    Scheduler = 1,

    /// <summary>Carries out runs and due slots.</summary>
    Worker = 2,

    /// <summary>Lands topics.</summary>
    Feeds = 4,

    /// <summary>Serves the page of the DAGs.</summary>
    Page = 8,

    All = Scheduler | Worker | Feeds | Page,
}
