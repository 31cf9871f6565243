/** Counter-based random numbers. Depends on nothing. */
package org.tbptt.model.random;
