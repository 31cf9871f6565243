/**
 * Search beyond the grid: which configurations a sweep tries next. Candidate i is a function of the
 * settings, i and the results of earlier candidates, so a search has the same candidates for any
 * number of slots, in any order of completion and after any kill. Without Spark; depends on the
 * model alone.
 *
 * <p>{@link org.tbptt.sweep.search.Candidates} is the whole of a search. Equations: {@link
 * org.tbptt.sweep.search.TpeProposals}, {@link org.tbptt.sweep.search.ParzenRange} and {@link
 * org.tbptt.sweep.search.ParzenChoices}.
 */
package org.tbptt.sweep.search;
