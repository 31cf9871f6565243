/**
 * Named matrices in files: the safetensors format, readable from any language. Depends on nothing
 * but ND4J's arrays.
 */
package org.tbptt.model.tensors;
