"""Processes that end with the one that started them, however that one ends."""

import ctypes
import os
import signal

END_WITH_PARENT = "BRAIN_END_WITH_PARENT"
"""Environment variable by which a started command learns the number of the process that it is to end with."""
PR_SET_PDEATHSIG = 1  # linux/prctl.h


def end_with_parent(parent: int, number: signal.Signals = signal.SIGTERM) -> None:
    """Asks the kernel to send a signal to this process when the one that started it is gone.

    The kernel watches the *thread* that started this process: start processes from a thread that stays.

    Args:
        parent: process id of the one that started this one.
        number: SIGKILL for a process that leaves nothing to put in order.
    """
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:  # it was gone before the kernel was asked
        os.kill(os.getpid(), number)


def end_with_parent_if_told() -> None:
    """The same where the environment asks for it."""
    parent = os.environ.pop(END_WITH_PARENT, None)
    if parent is not None:
        end_with_parent(int(parent))
