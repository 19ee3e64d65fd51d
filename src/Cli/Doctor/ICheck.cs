namespace Etl.Cli.Doctor;

/// <summary>One part to look at.</summary>
internal interface ICheck
{
    string Name { get; }

    /// <summary>One finding or more. What is foreseen is a finding; the rest is thrown, and becomes one.</summary>
    Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancel);
}
