/**
 * Trained networks as they are kept: weights and where they come from. Imports train and tensors.
 */
package org.tbptt.model.store;
