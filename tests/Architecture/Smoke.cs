namespace Etl.Tests.Architecture;
