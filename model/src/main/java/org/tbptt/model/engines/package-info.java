/** The choice of an engine. */
package org.tbptt.model.engines;
