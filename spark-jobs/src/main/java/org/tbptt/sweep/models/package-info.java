/**
 * What is done with a kept model: found, handed to DL4J, evaluated, written with. Imports results
 * and analysis.
 */
package org.tbptt.sweep.models;
