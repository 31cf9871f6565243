/** The commands. Imports everything else. */
package org.tbptt.sweep.cli;
