package dev.jbuild.daemon.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import moby.buildkit.v1.BytesMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a daemon says of the frames that it takes, to a client that speaks by the byte. */
@Timeout(60)
class LargeFramesTest {
  /** Kind and flags of a frame. */
  private static final ByteString SETTINGS = ByteString.copyFrom(new byte[] {4, 0});

  private static final ByteString ACKNOWLEDGED = ByteString.copyFrom(new byte[] {4, 1});

  /** SETTINGS_MAX_FRAME_SIZE, 65536. */
  private static final ByteString LARGE = ByteString.copyFrom(new byte[] {0, 5, 0, 1, 0, 0});

  private final BlockingQueue<ByteString> frames = new LinkedBlockingQueue<>();
  @TempDir private Path dir;
  private SessionFixture fixture;

  @BeforeEach
  void start() throws Exception {
    var soon = new SessionHost.Pulse(Duration.ofMillis(1), Duration.ofSeconds(50));
    fixture = new SessionFixture(dir, "large-frames", soon); // nothing is said before a call
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  private StreamObserver<BytesMessage> connect() {
    var headers =
        new SessionHeaders("large", "", Set.of("/moby.buildkit.secrets.v1.Secrets/GetSecret"));
    return fixture
        .calls(fixture.connect(), headers.write())
        .session(
            new StreamObserver<>() {
              private final FrameRecorder.Frames heard = new FrameRecorder.Frames();

              @Override
              public void onNext(BytesMessage message) {
                frames.addAll(heard.add(message.getData(), true));
              }

              @Override
              public void onError(Throwable cause) {}

              @Override
              public void onCompleted() {}
            });
  }

  private static void say(StreamObserver<BytesMessage> stream, ByteString kind) {
    byte[] frame = {0, 0, 0, kind.byteAt(0), kind.byteAt(1), 0, 0, 0, 0};
    stream.onNext(BytesMessage.newBuilder().setData(ByteString.copyFrom(frame)).build());
  }

  /** All settings up to a frame of a kind. */
  private List<ByteString> settingsUntil(ByteString kind) throws InterruptedException {
    var settings = new ArrayList<ByteString>();
    while (true) {
      ByteString frame = frames.poll(20, TimeUnit.SECONDS);
      if (frame == null) {
        throw new AssertionError("no frame of kind " + kind + " comes; settings: " + settings);
      }
      if (frame.substring(3, 5).equals(SETTINGS)) {
        settings.add(frame.substring(9));
      }
      if (frame.substring(3, 5).equals(kind)) {
        return settings;
      }
    }
  }

  /** Go acknowledges both at once when they come together, and takes them as told. */
  @Test
  void largeOnesAreOfferedWhenTheGreetingIsAcknowledgedAndNotBefore() throws Exception {
    StreamObserver<BytesMessage> stream = connect();
    say(stream, SETTINGS);
    assertEquals(1, settingsUntil(ACKNOWLEDGED).size(), "the greeting alone");
    say(stream, ACKNOWLEDGED);
    assertEquals(List.of(LARGE), settingsUntil(SETTINGS));
    stream.onCompleted();
  }
}
