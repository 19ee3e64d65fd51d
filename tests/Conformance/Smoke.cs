namespace Etl.Tests.Conformance;
