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
          .layer("setting")
          .definedBy("org.tbptt.model.setting..")
          .layer("corpus")
          .definedBy("org.tbptt.model.corpus..")
          .layer("baseline")
          .definedBy("org.tbptt.model.baseline..")
          .layer("truncation")
          .definedBy("org.tbptt.model.truncation..")
          .layer("tensors")
          .definedBy("org.tbptt.model.tensors..")
          .layer("core")
          .definedBy("org.tbptt.model.core..")
          .layer("reference")
          .definedBy("org.tbptt.model.reference..")
          .layer("nativecore")
          .definedBy("org.tbptt.model.nativecore..")
          .layer("handover")
          .definedBy("org.tbptt.model.handover..")
          .layer("dl4j")
          .definedBy("org.tbptt.model.dl4j..")
          .layer("engines")
          .definedBy("org.tbptt.model.engines..")
          .layer("diagnostics")
          .definedBy("org.tbptt.model.diagnostics..")
          .layer("train")
          .definedBy("org.tbptt.model.train..")
          .layer("store")
          .definedBy("org.tbptt.model.store..")
          .whereLayer("random")
          .mayNotAccessAnyLayer()
          .whereLayer("setting")
          .mayNotAccessAnyLayer()
          .whereLayer("truncation")
          .mayOnlyAccessLayers("setting")
          .whereLayer("tensors")
          .mayNotAccessAnyLayer()
          .whereLayer("corpus")
          .mayOnlyAccessLayers("random", "setting")
          .whereLayer("baseline")
          .mayOnlyAccessLayers("corpus")
          .whereLayer("core")
          .mayOnlyAccessLayers("random", "setting", "corpus", "truncation")
          .whereLayer("reference")
          .mayOnlyAccessLayers("corpus", "truncation", "core")
          .whereLayer("nativecore")
          .mayOnlyAccessLayers("corpus", "truncation", "core")
          .whereLayer("handover")
          .mayOnlyAccessLayers("core")
          .whereLayer("dl4j")
          .mayOnlyAccessLayers(
              "random", "setting", "corpus", "truncation", "core", "reference", "handover")
          .whereLayer("engines")
          .mayOnlyAccessLayers("setting", "core", "reference", "nativecore", "dl4j")
          .whereLayer("diagnostics")
          .mayOnlyAccessLayers("setting", "corpus", "truncation", "core")
          .whereLayer("train")
          .mayOnlyBeAccessedByLayers("store")
          .whereLayer("store")
          .mayOnlyAccessLayers("setting", "corpus", "core", "tensors", "train")
          .whereLayer("store")
          .mayNotBeAccessedByAnyLayer();
}
