package org.tbptt.sweep.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.linesOf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.types.StructField;
import org.junit.jupiter.api.Test;
import org.tbptt.sweep.results.Table;
import org.tbptt.sweep.results.Tables;

/**
 * docs/tables.md is made from the schemas and from the queries' own comments; with
 * -Dgolden.write=true it is written anew.
 */
class TablesDocumentTest {

  private static final Path DOCUMENT = Path.of("../docs/tables.md");
  private static final String BEGIN = "<!-- from the code: begin -->";
  private static final String END = "<!-- from the code: end -->";

  @Test
  void theDocumentHasEveryTableColumnAndView() throws IOException {
    List<String> document = new ArrayList<>(Files.readAllLines(DOCUMENT));
    List<String> fromCode = document.subList(document.indexOf(BEGIN) + 1, document.indexOf(END));
    if (Boolean.getBoolean("golden.write")) {
      fromCode.clear();
      fromCode.addAll(fromCode());
      Files.write(DOCUMENT, document);
    }

    assertThat(fromCode)
        .as("docs/tables.md: -Dgolden.write=true writes it anew")
        .isEqualTo(fromCode());
  }

  private static List<String> fromCode() {
    List<String> lines = new ArrayList<>();
    Tables.ALL.forEach(table -> lines.addAll(table(table)));
    lines.addAll(List.of("", "## Views", "", "| view | what it answers |", "|---|---|"));
    Queries.views().forEach(view -> lines.add("| `" + view + "` | " + comment(view) + " |"));
    lines.add("");
    return lines;
  }

  private static List<String> table(Table<?> table) {
    List<String> lines = new ArrayList<>();
    lines.addAll(
        List.of(
            "", "## " + table.name(), "", "| column | type | what it holds |", "|---|---|---|"));
    for (StructField column : table.schema().fields()) {
      lines.add(
          "| `%s` | %s | %s |"
              .formatted(
                  column.name(), column.dataType().simpleString(), column.getComment().get()));
    }
    return lines;
  }

  /** The lines that begin a query, as one. */
  private static String comment(String view) {
    return linesOf(Path.of("src/main/resources/org/tbptt/sweep/analysis", view + ".sql").toFile())
        .stream()
        .takeWhile(line -> line.startsWith("-- "))
        .map(line -> line.substring("-- ".length()))
        .reduce((text, line) -> text + " " + line)
        .orElseThrow();
  }
}
