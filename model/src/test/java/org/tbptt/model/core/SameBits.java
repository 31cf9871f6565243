package org.tbptt.model.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Equality to the last bit: to INDArray itself, numbers within 1e-5 of each other are equal. */
public final class SameBits {

  private SameBits() {}

  public static void assertSameBits(INDArray found, INDArray expected) {
    assertThat(found.dataType()).isEqualTo(expected.dataType());
    assertThat(found.shape()).isEqualTo(expected.shape());
    assertThat(found.dup('c').data().asBytes()).isEqualTo(expected.dup('c').data().asBytes());
  }

  public static <K> void assertSameBits(Map<K, INDArray> found, Map<K, INDArray> expected) {
    assertThat(found).hasSameSizeAs(expected);
    expected.forEach((name, values) -> assertSameBits(found.get(name), values));
  }

  public static void assertSameBits(CoreState found, CoreState expected) {
    assertThat(found.counters()).isEqualTo(expected.counters());
    assertSameBits(found.matrices(), expected.matrices());
  }
}
