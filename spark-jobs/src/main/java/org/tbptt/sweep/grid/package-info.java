/**
 * The axes of a sweep multiplied out: an ordered list of trials, in which no two are the same
 * computation. Depends on config and the model.
 */
package org.tbptt.sweep.grid;
