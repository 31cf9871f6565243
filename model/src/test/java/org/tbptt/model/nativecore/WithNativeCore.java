package org.tbptt.model.nativecore;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import net.jqwik.api.lifecycle.LifecycleContext;
import net.jqwik.api.lifecycle.SkipExecutionHook;
import org.junit.jupiter.api.condition.EnabledIf;

/** Tests of the native core, which show as skipped where it was not built. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@EnabledIf(
    value = "org.tbptt.model.nativecore.WithNativeCore$Condition#isThere",
    disabledReason = "the native core was not built")
public @interface WithNativeCore {

  /** The condition, for JUnit and for jqwik. */
  final class Condition implements SkipExecutionHook {

    static boolean isThere() {
      return NativeLibrary.problem().isEmpty();
    }

    @Override
    public SkipResult shouldBeSkipped(LifecycleContext context) {
      return NativeLibrary.problem().map(SkipResult::skip).orElse(SkipResult.doNotSkip());
    }
  }
}
