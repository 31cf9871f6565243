/**
 * Conf files in, validated values out. The only package that knows HOCON; it reads every key into
 * the model's own records and rejects what it does not know. Depends on the model alone.
 */
package org.tbptt.sweep.config;
