using System.Globalization;

namespace Etl.Embedded.Registry;

/// <summary>A refusal in Confluent's words, so that its clients understand it.</summary>
/// <param name="Status">HTTP's number.</param>
/// <param name="Code">Confluent's finer one; equal to <paramref name="Status"/> where there is none.</param>
internal sealed record RegistryFault(int Status, int Code, string Message)
{
    public static RegistryFault Http(int status, string name) => new(status, status, $"HTTP {status} {name}");

    public static RegistryFault BadBody(string message) => new(400, 400, message);

    public static RegistryFault NoSubject(string subject) => new(404, 40401, $"Subject '{subject}' not found.");

    public static RegistryFault NoVersion(int version) => new(404, 40402, $"Version {version} not found.");

    public static RegistryFault NoSchema { get; } = new(404, 40403, "Schema not found");

    public static RegistryFault NoSchemaId(int id) => new(404, 40403, string.Create(CultureInfo.InvariantCulture, $"Schema {id} not found"));

    public static RegistryFault SubjectIsDeleted(string subject) => new(404, 40404, $"Subject '{subject}' was soft deleted.Set permanent=true to delete permanently");

    public static RegistryFault SubjectIsNotDeleted(string subject) => new(404, 40405, $"Subject '{subject}' was not deleted first before being permanently deleted");

    public static RegistryFault VersionIsDeleted(string subject, int version) =>
        new(404, 40406, $"Subject '{subject}' Version {version} was soft deleted.Set permanent=true to delete permanently");

    public static RegistryFault VersionIsNotDeleted(string subject, int version) =>
        new(404, 40407, $"Subject '{subject}' Version {version} was not deleted first before being permanently deleted");

    public static RegistryFault NoLevel(string subject) => new(404, 40408, $"Subject '{subject}' does not have subject-level compatibility configured");

    public static RegistryFault NoMode(string subject) => new(404, 40409, $"Subject '{subject}' does not have subject-level mode configured");

    public static RegistryFault InvalidSchema(string subject, string details) => new(422, 42201, $"Invalid schema for subject '{subject}', details: {details}");

    public static RegistryFault InvalidType(string type) => new(422, 42201, $"Invalid schema type {type}");

    public static RegistryFault InvalidVersion(string text) =>
        new(422, 42202, $"The specified version '{text}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string \"latest\"");

    public static RegistryFault NotPermitted(string message) => new(422, 42205, message);

    public static RegistryFault InvalidSubject(string subject) => new(422, 42208, $"The specified subject '{subject}' is not a valid.");

    public static RegistryFault TooLarge(string message) => new(422, 42209, message);

    public static RegistryFault StoreFailed(string message) => new(500, 50001, message);
}

/// <summary>Ends a request with a refusal.</summary>
internal sealed class RegistryFaultException(RegistryFault fault) : Exception(fault.Message)
{
    public RegistryFault Fault => fault;
}
