"""Entry point of a worker process: ``python -m brain.runtime.entry SOCKET_FD LIFE_FD``; started by the supervisor.

Watches its service from its first moment on, before the second of imports that a worker needs: when the service dies,
however it dies, the kernel closes the other end of the life line and the worker ends.
"""

import os
import signal
import sys
import threading

from brain.runtime.exits import SERVICE_GONE


def end_with_service(life_line: int) -> None:
    """Waits until the service's end of the life line is closed, then ends this process at once."""
    os.read(life_line, 1)
    os._exit(SERVICE_GONE)


if __name__ == "__main__":
    # The service alone says when a worker ends, in good order; a stop that hits the whole group must not cut that off.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=end_with_service, args=(int(sys.argv[2]),), daemon=True).start()
    from brain.runtime.worker import main

    sys.exit(main(int(sys.argv[1])))
