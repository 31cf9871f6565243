package org.tbptt.model;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Data flows one way: each package sees only those that come before it. */
@AnalyzeClasses(packages = "org.tbptt.model", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest
  static final ArchRule PACKAGES_IMPORT_ONLY_DOWNWARDS =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("random")
          .definedBy("org.tbptt.model.random..")
          .layer("corpus")
          .definedBy("org.tbptt.model.corpus..")
          .layer("truncation")
          .definedBy("org.tbptt.model.truncation..")
          .layer("tensors")
          .definedBy("org.tbptt.model.tensors..")
          .layer("core")
          .definedBy("org.tbptt.model.core..")
          .layer("diagnostics")
          .definedBy("org.tbptt.model.diagnostics..")
          .layer("dl4j")
          .definedBy("org.tbptt.model.dl4j..")
          .layer("train")
          .definedBy("org.tbptt.model.train..")
          .layer("store")
          .definedBy("org.tbptt.model.store..")
          .whereLayer("random")
          .mayNotAccessAnyLayer()
          .whereLayer("truncation")
          .mayNotAccessAnyLayer()
          .whereLayer("tensors")
          .mayNotAccessAnyLayer()
          .whereLayer("corpus")
          .mayOnlyAccessLayers("random")
          .whereLayer("core")
          .mayOnlyAccessLayers("random", "corpus", "truncation")
          .whereLayer("diagnostics")
          .mayOnlyAccessLayers("corpus", "truncation", "core")
          .whereLayer("dl4j")
          .mayOnlyAccessLayers("random", "corpus", "truncation", "core")
          .whereLayer("train")
          .mayOnlyBeAccessedByLayers("store")
          .whereLayer("store")
          .mayNotBeAccessedByAnyLayer();
}
