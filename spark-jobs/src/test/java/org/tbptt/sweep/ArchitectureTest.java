package org.tbptt.sweep;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Data flows one way: each package sees only those that come before it. */
@AnalyzeClasses(packages = "org.tbptt", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest
  static final ArchRule PACKAGES_IMPORT_ONLY_DOWNWARDS =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("model")
          .definedBy("org.tbptt.model..")
          .layer("stopping")
          .definedBy("org.tbptt.sweep.stopping..")
          .layer("config")
          .definedBy("org.tbptt.sweep.config..")
          .layer("grid")
          .definedBy("org.tbptt.sweep.grid..")
          .layer("results")
          .definedBy("org.tbptt.sweep.results..")
          .layer("run")
          .definedBy("org.tbptt.sweep.run..")
          .layer("analysis")
          .definedBy("org.tbptt.sweep.analysis..")
          .layer("live")
          .definedBy("org.tbptt.sweep.live..")
          .layer("models")
          .definedBy("org.tbptt.sweep.models..")
          .layer("cli")
          .definedBy("org.tbptt.sweep.cli..")
          .whereLayer("model")
          .mayNotAccessAnyLayer()
          .whereLayer("stopping")
          .mayOnlyAccessLayers("model")
          .whereLayer("config")
          .mayOnlyAccessLayers("model", "stopping")
          .whereLayer("grid")
          .mayOnlyAccessLayers("model", "config")
          .whereLayer("results")
          .mayOnlyAccessLayers("model", "stopping", "config")
          .whereLayer("run")
          .mayOnlyAccessLayers("model", "stopping", "config", "grid", "results")
          .whereLayer("analysis")
          .mayOnlyAccessLayers("model", "config", "results")
          .whereLayer("live")
          .mayOnlyAccessLayers("model", "config", "results", "run", "analysis")
          .whereLayer("models")
          .mayOnlyAccessLayers("model", "config", "results", "analysis")
          .whereLayer("cli")
          .mayNotBeAccessedByAnyLayer();
}
