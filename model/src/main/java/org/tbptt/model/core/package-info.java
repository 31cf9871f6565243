/**
 * The network and the engines that compute it. Imports truncation, random and, of corpus, only
 * windows.
 */
package org.tbptt.model.core;
