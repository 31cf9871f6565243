package org.tbptt.model.corpus;

import java.util.AbstractList;
import java.util.Objects;
import java.util.function.IntFunction;

/** Windows that are created on each access, so that few are in memory at a time. */
final class LazyWindows extends AbstractList<Window> {

  private final int size;
  private final IntFunction<Window> maker;

  LazyWindows(int size, IntFunction<Window> maker) {
    this.size = size;
    this.maker = maker;
  }

  @Override
  public Window get(int index) {
    return maker.apply(Objects.checkIndex(index, size));
  }

  @Override
  public int size() {
    return size;
  }
}
