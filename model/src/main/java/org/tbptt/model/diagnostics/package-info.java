/**
 * What truncation does to the gradient: how far back errors are felt, and how the gradient of a
 * style differs from the full one. Imports core, corpus and truncation.
 */
package org.tbptt.model.diagnostics;
