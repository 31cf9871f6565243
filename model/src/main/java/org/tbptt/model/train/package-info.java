/** One trial: its specification, its training, how it went. Imports core and corpus. */
package org.tbptt.model.train;
