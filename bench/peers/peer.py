"""What the peers have in common: a measured section that starts on a signal and its report.

A peer is a process of its own, so that its CPU time is its own. It loads and warms up, prints
`ready`, waits for a line on stdin, does its work, and prints one JSON object.
"""

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

WARM_UP_FRAMES = 10


@dataclass(frozen=True)
class Report:
    """One measured section."""

    frames: int
    faces: int  # found in all frames together
    begin_s: float  # system-wide monotonic clock, comparable between processes
    end_s: float
    cpu_s: float  # of this process with all its threads, user and system


def arguments(description: str) -> argparse.ArgumentParser:
    """A parser with the options that every peer has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--versions", action="store_true", help="print versions as JSON and end")
    parser.add_argument("--mirror", default=os.environ.get("RETINUE_MIRROR"), help="where the models are")
    parser.add_argument("--video")
    parser.add_argument("--frames", type=int, help="of the video, from its start; default: all")
    parser.add_argument("--passes", type=int, default=1, help="over these frames")
    parser.add_argument("--threads", type=int, default=1, help="workers in this process")
    parser.add_argument("--part", default="0/1", help="K/N: only the K-th of N equal parts of the frames")
    return parser


def part_of(frames: Sequence, part: str) -> Sequence:
    """The part of the frames that `K/N` names."""
    index, count = (int(number) for number in part.split("/"))
    return frames[len(frames) * index // count : len(frames) * (index + 1) // count]


def decoded(video: str, count: int | None) -> list:
    """The first frames of the video as OpenCV gives them: u8 [H, W, 3], BGR."""
    import cv2

    capture = cv2.VideoCapture(video)
    frames = []
    while count is None or len(frames) < count:
        found, frame = capture.read()
        if not found:
            break
        frames.append(frame)
    if not frames:
        sys.exit(f"decoding '{video}': no frame found")
    return frames


def run_threads(jobs: Sequence[Callable[[], int]]) -> int:
    """Runs the jobs side by side, a thread each; the sum of what they return.

    An exception of a job ends the process: a peer that failed has no speed.
    """
    results = [0] * len(jobs)

    def run(index: int) -> None:
        try:
            results[index] = jobs[index]()
        except BaseException as error:
            print(f"a worker failed: {error!r}", file=sys.stderr, flush=True)
            os._exit(1)

    if len(jobs) == 1:
        return jobs[0]()
    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(results)


def cpu_s() -> float:
    """User and system time of this process so far."""
    times = os.times()
    return times.user + times.system


def measure(frames: int, work: Callable[[], int]) -> None:
    """Waits for the signal, runs `work` (which returns the faces it found) and prints the report."""
    print("ready", flush=True)
    if not sys.stdin.readline():
        sys.exit("no start signal: stdin was closed")
    begin_cpu_s, begin_s = cpu_s(), time.monotonic()
    faces = work()
    end_s, end_cpu_s = time.monotonic(), cpu_s()
    report = Report(frames, faces, begin_s, end_s, end_cpu_s - begin_cpu_s)
    print(json.dumps(asdict(report)), flush=True)
