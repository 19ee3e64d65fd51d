namespace Etl.Contracts.Workflow;

/// <summary>Work that cannot succeed as it stands: trying again gives the same. Its class says whose turn it is.</summary>
public class WorkException(FailureClass failure, string message, Exception? inner = null) : Exception(message, inner)
{
    public FailureClass Class => failure;
}
