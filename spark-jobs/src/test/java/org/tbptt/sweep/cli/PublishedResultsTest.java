package org.tbptt.sweep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

/** The tables in docs/results: trials that were trained by earlier versions are still done. */
class PublishedResultsTest {

  @Test
  void everyTrialOfThePublishedGridIsDone() {
    String ptb = System.getProperty("ptb.dir", "");
    assumeTrue(!ptb.isBlank(), "needs Penn Treebank: give its folder with -Dptb.dir=");

    Submission plan =
        Submission.to(
            "../docs/results/ptb", "plan", "../conf/ptb.conf", "--set", "sweep.corpus.path=" + ptb);

    assertThat(plan.exit()).as(plan.err()).isZero();
    assertThat(plan.out()).contains("21 trials, 21 of them done");
  }
}
