package org.tbptt.sweep.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ReferenceConfTest {

  private static final Path REFERENCE = Path.of("../conf/reference.conf");

  /** Those without a default stand as comments. */
  private static final Set<String> WITHOUT_DEFAULT =
      Set.of(
          "sweep.name",
          "sweep.corpus.path",
          "sweep.corpus.train",
          "sweep.corpus.valid",
          "sweep.corpus.test",
          "sweep.grid.truncation");

  @Test
  void everyKeyHasADefaultOrStandsAsAComment() throws IOException {
    Set<String> withDefault =
        SettingTree.flatten(ConfigFactory.parseFile(REFERENCE.toFile())).stream()
            .map(Setting::key)
            .collect(Collectors.toSet());
    String text = Files.readString(REFERENCE);

    // An axis over a setting is the setting's own key in the section grid.
    assertThat(Keys.settings())
        .filteredOn(key -> Keys.settingOf(key).equals(key) || key.equals(Keys.LEARNING_RATE))
        .allSatisfy(
            key -> {
              assertThat(withDefault.contains(key)).isNotEqualTo(WITHOUT_DEFAULT.contains(key));
              String word = key.substring(key.lastIndexOf('.') + 1);
              assertThat(text).containsPattern("(?m)^ *(# )?" + Pattern.quote(word) + " = ");
            });
  }

  @Test
  void thePackagedDefaultsAreTheDocumentedOnes() {
    assertThat(ConfSource.defaults().config())
        .isEqualTo(ConfigFactory.parseFile(REFERENCE.toFile()));
  }
}
