package org.tbptt.sweep.search;

/** How the values of a range are spread. */
public enum Scale {
  /** Equal differences are equally far apart. */
  LINEAR,
  /** Equal ratios are equally far apart. */
  LOG
}
