package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.internal.plugin.PluginContextImpl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.TestTrials;

/** An executor's way to the driver, where Spark's own half of it can be asked. */
class SweepPluginTest {

  private static final SweepEvent.OfTrial EVENT =
      new SweepEvent.CheckpointSaved(
          new PlannedTrial("id", TestTrials.spec(new TensorFlowStyle(5), 0.003, 1), "label"),
          "epoch 2");

  private final BlockingQueue<SweepEvent.OfTrial> heard = new LinkedBlockingQueue<>();
  private SparkEnv spark;

  @BeforeEach
  void aDriverThatListens() {
    LocalSpark.session();
    spark = SparkEnv.get();
    SweepPlugin.listen(heard::add);
  }

  /** The executor of the session that all tests share has its way again. */
  @AfterEach
  void nobodyListens() throws Exception {
    init(context(spark.conf()));
    SweepPlugin.removeListener();
  }

  @Test
  void anExecutorLooksForTheDriverBeforeItsFirstTrial() throws Exception {
    List<Object> sent = new ArrayList<>();
    init(
        (PluginContext)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {PluginContext.class},
                (proxy, method, arguments) -> {
                  assertThat(method.getName()).isEqualTo("send");
                  sent.add(arguments[0]);
                  return null;
                }));

    assertThat(sent).hasSize(1);
    assertThat(new SweepPlugin().driverPlugin().receive(sent.get(0))).isNull();
    assertThat(heard).isEmpty();
  }

  @Test
  void theDriverHearsOfTrials() throws Exception {
    init(context(spark.conf()));

    SweepPlugin.send(EVENT);

    assertThat(heard.poll(1, TimeUnit.MINUTES)).isEqualTo(EVENT);
  }

  @Test
  void anEventThatCannotBeSentFailsNoTrial() throws Exception {
    PluginContext lost = context(spark.conf().clone().set("spark.driver.port", closedPort()));
    assertThatThrownBy(() -> lost.send(EVENT)).isInstanceOf(IllegalStateException.class);
    init(lost);

    assertThatCode(() -> SweepPlugin.send(EVENT)).doesNotThrowAnyException();
  }

  private static void init(PluginContext context) throws Exception {
    new SweepPlugin().executorPlugin().init(context, Map.of());
  }

  private PluginContext context(SparkConf conf) {
    return new PluginContextImpl(
        SweepPlugin.class.getName(), spark.rpcEnv(), spark.metricsSystem(), conf, "test", Map.of());
  }

  private static String closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return String.valueOf(socket.getLocalPort());
    }
  }
}
