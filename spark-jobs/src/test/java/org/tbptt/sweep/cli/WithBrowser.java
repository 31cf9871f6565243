package org.tbptt.sweep.cli;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIf;

/** Tests of pages in a real browser, which show as skipped where there is none. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@EnabledIf(
    value = "org.tbptt.sweep.cli.Browser#isThere",
    disabledReason = "chromium and chromium-driver are not installed")
public @interface WithBrowser {}
