/**
 * The styles of truncation in time: how far the error of each step is propagated back. Depends on
 * nothing.
 */
package org.tbptt.model.truncation;
