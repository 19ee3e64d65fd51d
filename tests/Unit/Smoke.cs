namespace Etl.Tests.Unit;
