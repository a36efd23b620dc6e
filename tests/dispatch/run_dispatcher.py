"""A dispatcher in a process of its own, to be killed: state folder, address and secret are the arguments."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from pydantic import SecretStr

from brain.config.settings import DeskSettings
from brain.dispatch.dispatcher import Dispatcher
from brain.store.database import Database
from brain.store.evidence import EvidenceFolder

state, url, secret = Path(sys.argv[1]), sys.argv[2], SecretStr(sys.argv[3])
with Database.open(state, writer=True) as db:
    desk = DeskSettings(id="city", url=url, timeout=10.0, retry_base=0.05, retry_cap=0.3)
    dispatcher = Dispatcher(db, EvidenceFolder(state / "evidence"), [(desk, secret)])
    dispatcher.start()
    print("running", flush=True)
    threading.Event().wait()
