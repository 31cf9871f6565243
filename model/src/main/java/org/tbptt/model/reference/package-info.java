/** The reference engine: plain ND4J operations, to be read and to check the others by. */
package org.tbptt.model.reference;
