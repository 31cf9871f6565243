/** The native engine: the C++ core behind its C interface, by JNI. */
package org.tbptt.model.nativecore;
