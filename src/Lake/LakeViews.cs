using System.Text;
using Etl.Lake.DuckDb;
using Etl.Metadata;

namespace Etl.Lake;

/// <summary>The lake for other tools: plain DuckDB statements that make each dataset a view over its live files.</summary>
public sealed class LakeViews(IMetadata store, LakeFiles files)
{
    /// <summary>Statements for all datasets as of now. They name files, so they are good until the next vacuum.</summary>
    /// <param name="known">Datasets whose identity the DAGs declare: their views show the newest row of each.</param>
    public async Task<string> WriteAsync(IReadOnlyList<LakeInput> known, CancellationToken cancel)
    {
        long head = await store.Commits.HeadAsync(cancel);
        var text = new StringBuilder(FormattableString.Invariant($"-- The lake {files.Folder} as of commit {head}. Make them anew after a vacuum.\nSET TimeZone = 'UTC';\n"));
        foreach (string dataset in await store.Catalog.DatasetsAsync(cancel))
        {
            var schemas = await store.Catalog.SchemasAsync(dataset, cancel);
            if (schemas.Count == 0) continue;
            var input = LakeSql.InputOf(dataset, schemas, known);
            string select = new DatasetView(dataset, input.Kind, schemas).Select(await store.Catalog.FilesAsync(dataset, head, cancel), files.FullPath);
            text.Append('\n').Append(Statement(input, select));
        }
        return text.ToString();
    }

    private static string Statement(LakeInput input, string select) => input.Identity.Count == 0
        ? $"CREATE OR REPLACE VIEW {Sql.Name(input.Dataset)} AS\n{select};\n"
        : $"""
          CREATE OR REPLACE VIEW {Sql.Name(input.Dataset)} AS
          SELECT * FROM (
          {select}
          ) QUALIFY row_number() OVER (PARTITION BY {string.Join(", ", input.Identity.Select(Sql.Name))} ORDER BY _generation DESC, _offset DESC, _partition DESC) = 1;

          """;
}
