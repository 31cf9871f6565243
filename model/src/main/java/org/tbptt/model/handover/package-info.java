/**
 * A trained network in DL4J's layers and file format, for programs that know nothing of this one.
 */
package org.tbptt.model.handover;
