/** What is wrong with a setting. Imports nothing. */
package org.tbptt.model.setting;
