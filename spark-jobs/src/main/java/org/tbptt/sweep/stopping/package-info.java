/**
 * Rules that stop bad trials early. Each verdict is a function of the losses of one trial and of
 * earlier ones, so it is the same for any number of slots and any order of completion. Without
 * Spark; imports the model.
 */
package org.tbptt.sweep.stopping;
