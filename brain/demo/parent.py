"""Commands that the demo starts end with it, however it ends."""

import ctypes
import os
import signal

END_WITH_PARENT = "BRAIN_END_WITH_PARENT"
PR_SET_PDEATHSIG = 1  # linux/prctl.h


def end_with_parent() -> None:
    """Asks the kernel to send SIGTERM to this process when the one that started it is gone."""
    parent = int(os.environ.pop(END_WITH_PARENT))
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it was gone before the kernel was asked
        os.kill(os.getpid(), signal.SIGTERM)
