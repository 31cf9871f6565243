/** What is read from the tables: queries as .sql resources, the comparison. Imports results. */
package org.tbptt.sweep.analysis;
