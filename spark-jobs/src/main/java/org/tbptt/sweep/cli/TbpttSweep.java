package org.tbptt.sweep.cli;

/** x */
public final class TbpttSweep {
  private TbpttSweep() {}
}
