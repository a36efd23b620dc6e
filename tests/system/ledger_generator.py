"""Asks for events from outside the product: SEED CAMERAS EVENTS FOLDER.

For each event it first writes what it asks for to its own ledger (fsync), then lets a feed of observations show it: a
crowd that comes, stays for some samples and goes. Prints `done` when everything has been asked for.
"""

import json
import os
import random
import sys
import time
from pathlib import Path

PRESENT, ABSENT = 5, 6
PERSON = ["person", 0.9, 0.4, 0.4, 0.45, 0.6]
EPOCH = 1_790_000_000.0


def main() -> None:
    seed, cameras, count, folder = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
    draw = random.Random(seed)
    ledger = (folder / "asked.jsonl").open("a", encoding="utf-8")
    feeds = {f"feed-{n}": (folder / f"feed-{n}.jsonl").open("a", encoding="utf-8") for n in range(cameras)}
    clock = dict.fromkeys(feeds, EPOCH)
    for number in range(count):
        camera = f"feed-{number % cameras}"
        began = clock[camera]
        ledger.write(json.dumps({"camera": camera, "began_s": began}) + "\n")
        ledger.flush()
        os.fsync(ledger.fileno())
        for step in range(PRESENT + ABSENT):
            seen = [PERSON] if step < PRESENT else []
            line = {"pts_s": clock[camera], "detections": {"person_detection": seen}}
            feeds[camera].write(json.dumps(line) + "\n")
            clock[camera] += 1.0
        feeds[camera].flush()
        if number % cameras == cameras - 1:
            time.sleep(draw.uniform(0.0, 0.4))
    print("done", flush=True)


main()
