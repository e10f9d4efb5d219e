"""A listening socket whose connections are each served by a thread of the caller's."""

import threading


class Listening:
    def __init__(self, listener, serve):
        """listener: a listening socket, ours from now on. serve(connection) runs in a thread for each."""
        self._listener = listener
        self._serve = serve
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        """No more are accepted; those that are stay."""
        self._listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()
