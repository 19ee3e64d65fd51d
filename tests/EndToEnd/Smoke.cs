namespace Etl.Tests.EndToEnd;
