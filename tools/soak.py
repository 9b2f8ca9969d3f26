#!/usr/bin/env python3
"""Runs retinue for minutes and fails if its memory grows, or if a further camera takes too much.

usage: tools/soak.py PROGRAM VIDEO [--minutes 30] [--sources 4] [--lossless]

The video, as 1280x720 at 30 frames a second, is played by that many live cameras at once. Resident memory is read
every second. The first five minutes are warm-up, of a run of less than ten minutes the first half: buffers grow until
every lane has met every number of faces. What follows is judged so:

  growth      In a run of 20 minutes and more, the slope of a straight line through the samples: at most 2 MB an hour.
              A shorter run cannot tell 2 MB an hour from the last of the warm-up and an allocator's noise. There the
              median of what follows' second half may be 2 MB above that of the first: of one minute, that shows a leak
              of 1.1 kB and more a frame. The slope is printed all the same.
  a camera    A run of one source comes first, for a sixth of the time and a minute at most. Each further source may
              add 40 MB to the largest sample.

--lossless reads one endless video as fast as it can instead, without the run of one source.
"""
import argparse
import dataclasses
import math
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import live

MB = 1e6
GROWTH_MB_PER_H = 2.0
GROWTH_OF_SHORT_RUNS_MB = 2.0
SHORT_RUN_S = 20 * 60
SOURCE_MB = 40.0
WARM_UP_S = 300.0
SAMPLE_INTERVAL_S = 1.0
FRAMES_PER_S = 30
# More frames than a core gets through in the time (one face at 720p: about 100 a second): a run must end by SIGINT,
# which leaves valid files and exit code 130.
LOSSLESS_FPS_PER_CORE = 200
EXIT_INTERRUPTED = 130


@dataclasses.dataclass
class Sample:
    time_s: float
    resident_mb: float
    anonymous_mb: float  # Of that, what is no file: heaps and stacks.


@dataclasses.dataclass
class Verdict:
    text: str
    good: bool


def memory_of(pid: int) -> tuple[float, float] | None:
    """Resident and anonymous MB of a process; None once it has ended."""
    try:
        lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return None
    found = {key: int(value.split()[0]) * 1024 / MB for key, _, value in (line.partition(":") for line in lines)
             if key in ("VmRSS", "RssAnon")}
    return (found["VmRSS"], found["RssAnon"]) if len(found) == 2 else None


def slope_of(samples: list[Sample]) -> tuple[float, float]:
    """Growth of resident memory in MB an hour by least squares, and the standard error of that.

    The error takes samples for independent, which those of an allocator are not quite: it is a lower bound.
    """
    times = [s.time_s / 3600 for s in samples]
    values = [s.resident_mb for s in samples]
    slope, start = statistics.linear_regression(times, values)
    left = sum((v - start - slope * t) ** 2 for t, v in zip(times, values))
    spread = sum((t - statistics.fmean(times)) ** 2 for t in times)
    return slope, math.sqrt(left / max(1, len(samples) - 2) / spread)


def judge(samples: list[Sample]) -> Verdict:
    """Whether the memory stayed where it was after the warm-up."""
    seconds = samples[-1].time_s if samples else 0
    steady = [s for s in samples if s.time_s >= min(WARM_UP_S, seconds / 2)]
    if len(steady) < 8:
        return Verdict(f"{len(samples)} samples are too few, give it more minutes", False)
    slope, error = slope_of(steady)
    half = len(steady) // 2
    early, late = (statistics.median(s.resident_mb for s in part) for part in (steady[:half], steady[half:]))
    text = (f"{seconds / 60:.1f} minutes, from {steady[0].time_s / 60:.1f} on: {steady[0].resident_mb:.1f} MB at first, "
            f"{steady[-1].resident_mb:.1f} at last ({steady[-1].anonymous_mb:.1f} anonymous); median of the halves "
            f"{early:.2f} and {late:.2f} MB; growth {slope:+.2f} ± {error:.2f} MB an hour, ")
    if seconds >= SHORT_RUN_S:
        return Verdict(text + f"{GROWTH_MB_PER_H:.1f} allowed", slope <= GROWTH_MB_PER_H)
    return Verdict(text + f"not judged in so short a run; {GROWTH_OF_SHORT_RUNS_MB:.1f} MB between the halves allowed",
                   late - early <= GROWTH_OF_SHORT_RUNS_MB)


def watch(command: list[str], seconds: float) -> list[Sample]:
    """Runs the command for the time, then interrupts it. It must go on until then."""
    samples = []
    with subprocess.Popen(command) as process:
        begin = time.monotonic()
        while time.monotonic() - begin < seconds and process.poll() is None:
            if memory := memory_of(process.pid):
                samples.append(Sample(time.monotonic() - begin, *memory))
            time.sleep(SAMPLE_INTERVAL_S)
        process.send_signal(signal.SIGINT)
        code = process.wait()
    if code != EXIT_INTERRUPTED:
        sys.exit(f"soak: '{command[0]}' ended by itself with exit code {code} after {len(samples)} samples; expected it "
                 f"to run on until the interrupt and then to exit {EXIT_INTERRUPTED}")
    return samples


def peak(samples: list[Sample]) -> float:
    return max(s.resident_mb for s in samples)


def soak_lossless(program: str, video: pathlib.Path, seconds: float, folder: pathlib.Path) -> list[Verdict]:
    source = folder / "long.mp4"
    live.prepare(video, seconds * LOSSLESS_FPS_PER_CORE * (os.cpu_count() or 1) / FRAMES_PER_S, FRAMES_PER_S,
                 "1280x720", source)
    return [judge(watch([program, "run", str(source), "--jsonl", "/dev/null", "-q"], seconds))]


def soak_live(program: str, video: pathlib.Path, seconds: float, count: int, folder: pathlib.Path) -> list[Verdict]:
    camera = folder / "camera.mp4"
    # A recording that ends would end the run.
    live.prepare(video, seconds + 60, FRAMES_PER_S, "1280x720", camera)
    links = [folder / f"{number}.mp4" for number in range(count)]
    for link in links:
        link.symlink_to(camera)

    def run(sources: list[pathlib.Path], for_s: float) -> list[Sample]:
        return watch([program, "run", "-q", *map(str, sources), "--live", "--jsonl", "/dev/null"], for_s)

    verdicts = []
    one = run(links[:1], min(60.0, seconds / 6)) if count > 1 else []
    many = run(links, seconds)
    if one:
        added = (peak(many) - peak(one)) / (count - 1)
        verdicts.append(Verdict(f"one source {peak(one):.1f} MB, {count} sources {peak(many):.1f} MB: {added:.1f} MB a "
                                f"further source, {SOURCE_MB:.0f} allowed", added <= SOURCE_MB))
    return [*verdicts, judge(many)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("video", type=pathlib.Path)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--sources", type=int, default=4)
    parser.add_argument("--lossless", action="store_true")
    arguments = parser.parse_args()
    seconds = arguments.minutes * 60
    with tempfile.TemporaryDirectory(dir="build") as name:
        folder = pathlib.Path(name).absolute()
        if arguments.lossless:
            verdicts = soak_lossless(arguments.program, arguments.video, seconds, folder)
        else:
            verdicts = soak_live(arguments.program, arguments.video, seconds, arguments.sources, folder)
    for verdict in verdicts:
        print(f"soak: {verdict.text}{'' if verdict.good else ': TOO MUCH'}", flush=True)
    return 0 if all(verdict.good for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
