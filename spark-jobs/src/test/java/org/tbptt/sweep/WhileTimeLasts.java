package org.tbptt.sweep;

import java.time.Instant;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * With -Dtests.until=SECONDS, a time in seconds since 1970, tests that have not begun by then show
 * as skipped: for a machine that is slow and lent for so long only. Asked before every class and
 * test; META-INF/services names it.
 */
public final class WhileTimeLasts implements ExecutionCondition {

  private static final long UNTIL = Long.getLong("tests.until", Long.MAX_VALUE);

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    return Instant.now().getEpochSecond() < UNTIL
        ? ConditionEvaluationResult.enabled("there is time")
        : ConditionEvaluationResult.disabled("no time is left: tests.until has passed");
  }
}
