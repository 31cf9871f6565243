package org.tbptt.sweep.config;

import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigObject;

/** What a conf file of another file system includes: files beside it. */
record RelativeIncluder(String conf, HadoopTextFiles files) implements ConfigIncluder {

  @Override
  public ConfigObject include(ConfigIncludeContext context, String what) {
    String folder = conf.substring(0, conf.lastIndexOf('/') + 1);
    return ConfSource.remote(folder + what, files, context.parseOptions()).root();
  }

  @Override
  public ConfigIncluder withFallback(ConfigIncluder others) {
    return this;
  }
}
