package org.tbptt.sweep.config;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.corpus.PtbSource;
import org.tbptt.model.corpus.TextSource;
import org.tbptt.model.corpus.ToySource;
import org.tbptt.model.diagnostics.Diagnostics;
import org.tbptt.model.train.Training;
import org.tbptt.sweep.search.Budget;
import org.tbptt.sweep.search.Search;
import org.tbptt.sweep.stopping.Stopping;

/**
 * Every key that a conf file may have. Those of the corpus, the model, the training, the
 * diagnostics, the stopping rule, the search and its budget are the components of the records that
 * they are read into, so that a new component is a new key.
 */
final class Keys {

  static final String SWEEP = "sweep";
  static final String NAME = "sweep.name";
  static final String KEEP_MODELS = "sweep.keep-models";
  static final String BASELINES = "sweep.baselines";
  static final String CORPUS = "sweep.corpus";
  static final String CORPUS_KIND = CORPUS + ".kind";
  static final String CORPUS_PATH = CORPUS + ".path";
  static final String MODEL = "sweep.model";
  static final String TRAINING = "sweep.training";
  static final String EPOCHS = TRAINING + ".epochs";
  static final String UPDATE_EVERY = TRAINING + ".update-every";
  static final String DIAGNOSTICS = "sweep.diagnostics";
  static final String STOPPING = "sweep.stopping";
  static final String MIN_EPOCHS = STOPPING + ".min-epochs";
  static final String SEARCH = "sweep.search";
  static final String SEARCH_KIND = SEARCH + ".kind";
  static final String BUDGET = "sweep.budget";
  static final String GRID = "sweep.grid.";
  static final String TRUNCATION = GRID + "truncation";
  static final String STYLE = GRID + "style";
  static final String LEARNING_RATE = GRID + "learning-rate";
  static final String SEED = GRID + "seed";

  /** The corpus kinds, the default first. */
  static final Map<String, Class<? extends Record>> KINDS = kinds();

  private static final String ROOT = "sweep.";

  // The learning rate is always an axis, even with a single value.
  private static final String TRAINING_LEARNING_RATE = TRAINING + ".learning-rate";

  private static final Set<String> ALL = all();
  private static final Set<String> SECTIONS = sections();

  private Keys() {}

  static boolean isSetting(String key) {
    return ALL.contains(key);
  }

  static boolean isSection(String key) {
    return SECTIONS.contains(key);
  }

  static Set<String> settings() {
    return ALL;
  }

  /** Everything that a misspelt key may have meant. */
  static List<String> settingsAndSections() {
    return Stream.concat(ALL.stream(), SECTIONS.stream()).toList();
  }

  static boolean isAxis(String key) {
    return key.startsWith(GRID);
  }

  /** Whether a sweep on that kind of corpus may have that key. */
  static boolean fits(String kind, String key) {
    return !key.startsWith(CORPUS + ".")
        || key.equals(CORPUS_KIND)
        || components(CORPUS, KINDS.get(kind)).contains(key);
  }

  /** The kind of corpus that a key such as sweep.corpus.lags belongs to. */
  static String kindOf(String corpusKey) {
    return KINDS.keySet().stream().filter(k -> fits(k, corpusKey)).findFirst().orElseThrow();
  }

  /** The axis over a setting, such as sweep.model.cell, or null if it cannot be an axis. */
  static String axisOf(String key) {
    String axis = GRID + key.substring(Math.min(ROOT.length(), key.length()));
    return ALL.contains(axis) ? axis : null;
  }

  /** The setting that an axis runs over; otherwise the key itself. */
  static String settingOf(String axis) {
    if (!isAxis(axis)) {
      return axis;
    }
    if (axis.equals(LEARNING_RATE)) {
      return TRAINING_LEARNING_RATE;
    }
    String setting = ROOT + axis.substring(GRID.length());
    return ALL.contains(setting) ? setting : axis;
  }

  /** Whether an axis's values are numbers. */
  static boolean isNumber(String axis) {
    return isWhole(axis) || typeOf(axis) == double.class;
  }

  /** Whether they are whole numbers. */
  static boolean isWhole(String axis) {
    Class<?> type = typeOf(axis);
    return type == int.class || type == long.class;
  }

  private static Class<?> typeOf(String axis) {
    if (axis.equals(SEED)) {
      return long.class;
    }
    String setting = settingOf(axis);
    Class<?> type = setting.startsWith(MODEL + ".") ? RnnModel.class : Training.class;
    for (String word :
        setting.substring(setting.indexOf('.', ROOT.length()) + 1).split("\\.", -1)) {
      type =
          Arrays.stream(type.getRecordComponents())
              .filter(component -> SettingNames.word(component.getName()).equals(word))
              .findFirst()
              .orElseThrow()
              .getType();
    }
    return type;
  }

  private static List<String> components(String section, Class<? extends Record> type) {
    return Arrays.stream(type.getRecordComponents())
        .flatMap(
            component -> {
              String key = section + "." + SettingNames.word(component.getName());
              return component.getType().isRecord()
                  ? components(key, component.getType().asSubclass(Record.class)).stream()
                  : Stream.of(key);
            })
        .toList();
  }

  private static Set<String> all() {
    Set<String> keys = new TreeSet<>();
    keys.addAll(components(MODEL, RnnModel.class));
    keys.addAll(components(TRAINING, Training.class));
    keys.remove(TRAINING_LEARNING_RATE);
    List<String> axes = keys.stream().map(key -> GRID + key.substring(ROOT.length())).toList();
    keys.addAll(axes);
    keys.addAll(components(DIAGNOSTICS, Diagnostics.class));
    keys.addAll(components(STOPPING, Stopping.class));
    keys.addAll(components(SEARCH, Search.class));
    keys.addAll(components(BUDGET, Budget.class));
    KINDS.values().stream().map(kind -> components(CORPUS, kind)).forEach(keys::addAll);
    keys.addAll(List.of(NAME, KEEP_MODELS, BASELINES, CORPUS_KIND));
    keys.addAll(List.of(TRUNCATION, STYLE, LEARNING_RATE, SEED));
    return keys;
  }

  private static Set<String> sections() {
    return ALL.stream()
        .flatMap(Keys::sectionsAround)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Stream<String> sectionsAround(String key) {
    return Stream.iterate(
            key.lastIndexOf('.'), dot -> dot > 0, dot -> key.lastIndexOf('.', dot - 1))
        .map(dot -> key.substring(0, dot));
  }

  private static Map<String, Class<? extends Record>> kinds() {
    Map<String, Class<? extends Record>> kinds = new LinkedHashMap<>();
    kinds.put("toy", ToySource.class);
    kinds.put("ptb", PtbSource.class);
    kinds.put("text", TextSource.class);
    return kinds;
  }
}
