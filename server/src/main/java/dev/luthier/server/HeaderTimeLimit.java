package dev.luthier.server;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.apache.coyote.Processor;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/** HTTP that closes a connection whose request's headers trickle in; Tomcat's own limit begins anew with each byte. */
public final class HeaderTimeLimit extends Http11NioProtocol {
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);

    @Override
    protected Processor createProcessor() {
        return new Http11Processor(this, getAdapter()) {
            /* Whose headers have begun and are not complete yet, and when they did. Other connections use this object later. */
            private @Nullable SocketWrapperBase<?> incomplete;
            private long sinceNanos;

            @Override
            public SocketState service(SocketWrapperBase<?> socket) throws IOException {
                SocketState state = super.service(socket);
                if (state != SocketState.LONG) {
                    incomplete = null;
                } else if (!socket.equals(incomplete)) {
                    incomplete = socket;
                    sinceNanos = System.nanoTime();
                } else if (System.nanoTime() - sinceNanos > LIMIT_NANOS) {
                    incomplete = null;
                    return SocketState.CLOSED;
                }
                return state;
            }
        };
    }
}
