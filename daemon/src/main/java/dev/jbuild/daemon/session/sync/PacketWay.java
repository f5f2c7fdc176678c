package dev.jbuild.daemon.session.sync;

import fsutil.types.Packet;

/** The way back to the sender. Calls of it need not be safe: the walk's lock is held. */
interface PacketWay {
  void request(int packets);

  void send(Packet packet);

  /** Nothing more is sent; whether the sender's own end is still told of. */
  boolean complete();

  /** Ends the call; what is under way is dropped. */
  void cancel(String why);
}
