package org.tbptt.sweep.run;

import java.io.Serializable;
import org.tbptt.model.train.StopCondition;

/**
 * What an executor is given to do.
 *
 * @param until when it stops before the last epoch: where the rule's verdict is not known yet, or
 *     is known to end the trial
 */
record Submission(PlannedTrial trial, StopCondition until) implements Serializable {}
