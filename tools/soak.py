#!/usr/bin/env python3
"""Runs retinue on a video for minutes and fails if its memory grows.

usage: tools/soak.py PROGRAM VIDEO MINUTES

The video is repeated, without re-encoding, into one long file. Resident memory is sampled every half second;
the first quarter of the run is warm-up. The largest sample of the last quarter may exceed the largest of the
second quarter by ALLOWED_GROWTH_BYTES: allocator noise, far under one 720p frame a minute.
"""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

ALLOWED_GROWTH_BYTES = 8 << 20
SAMPLE_INTERVAL_S = 0.5
# More frames than a core gets through in the time (one face at 720p: about 50 a second): the run must
# end by SIGINT, which leaves valid files and exit code 130.
REPEATED_FPS_PER_CORE = 100
EXIT_INTERRUPTED = 130


def repeat(video: pathlib.Path, seconds: float, target: pathlib.Path) -> None:
    """Writes the video over and over into target until it lasts longer than the run."""
    probe = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-count_packets",
             "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", video]
    frames = int(subprocess.run(probe, check=True, capture_output=True, text=True).stdout)
    loops = int(seconds * REPEATED_FPS_PER_CORE * (os.cpu_count() or 1) / frames) + 1
    subprocess.run(["ffmpeg", "-v", "error", "-stream_loop", str(loops), "-i", video, "-map", "0:v:0",
                    "-c", "copy", "-y", target], check=True)


def resident_bytes(pid: int) -> int:
    """VmRSS of a process; 0 once it has ended."""
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    except FileNotFoundError:
        pass
    return 0


def watch(command: list[str], seconds: float) -> tuple[list[int], int]:
    """Runs the command for the time, then interrupts it. Returns the samples and the exit code."""
    samples = []
    with subprocess.Popen(command) as process:
        end = time.monotonic() + seconds
        while time.monotonic() < end and process.poll() is None:
            samples.append(resident_bytes(process.pid))
            time.sleep(SAMPLE_INTERVAL_S)
        process.send_signal(signal.SIGINT)
        return samples, process.wait()


def main(program: str, video: str, minutes: str) -> int:
    seconds = float(minutes) * 60
    with tempfile.TemporaryDirectory(dir="build") as folder:
        long_video = pathlib.Path(folder) / "long.mkv"
        repeat(pathlib.Path(video), seconds, long_video)
        samples, code = watch([program, "run", str(long_video), "--jsonl", "/dev/null", "-q"], seconds)
    if code != EXIT_INTERRUPTED:
        print(f"soak: '{program}' ended by itself with exit code {code} after {len(samples) * SAMPLE_INTERVAL_S:.0f} s; "
              f"expected it to run on until the interrupt and then to exit {EXIT_INTERRUPTED}")
        return 1
    quarter = len(samples) // 4
    if quarter == 0:
        print(f"soak: {len(samples)} samples are too few, give it more minutes")
        return 1
    early, late = max(samples[quarter:2 * quarter]), max(samples[3 * quarter:])
    print(f"soak: {minutes} minutes; memory {early / 1e6:.1f} MB in the second quarter, {late / 1e6:.1f} MB in the last, "
          f"{ALLOWED_GROWTH_BYTES / 1e6:.1f} MB of growth allowed")
    return 0 if late <= early + ALLOWED_GROWTH_BYTES else 1


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
