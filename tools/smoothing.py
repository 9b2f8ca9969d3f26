#!/usr/bin/env python3
"""How much smoothing stills a still face, and how far it lags behind a moving one.

Makes two videos of one picture with ffmpeg: in one the picture trembles by a sensor's noise only,
in the other it swings from side to side as well. Runs the program on each with and without
--no-smoothing, and prints, for the landmarks of the face:

jitter  root mean square of the change from frame to frame on the still video, in per mille of the
        face's size
lag     the delay, in frames, that best explains the smoothed track of the swinging face by the
        raw one

    tools/smoothing.py --program build/retinue --picture ../shared/media/golden/tfjs_face/portrait.jpg

--try MIN_CUTOFF,BETA,DERIVATIVE_CUTOFF prints the same for these settings of the One-Euro filter,
applied here to the raw landmarks: how the settings in src/smooth/face_smoother.cpp were chosen.
"""

import argparse
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

FPS = 30
SECONDS = 6
SETTLED = FPS  # Frames after which a filter has forgotten its start.
NOISE = "noise=alls=8:allf=t"
# A face of about 150 pixels swings by 60 to each side: quick and slow turns of a head.
SWINGS_HZ = (0.25, 0.5, 1.0)


def make_video(picture, swing_hz, path):
    """The picture 640 pixels high, with noise of its own in every frame."""
    shift = f"80+60*sin(2*PI*{swing_hz}*n/{FPS})" if swing_hz else "80"
    # The crop moves by whole pixels of a picture twice as large: by halves of a pixel.
    filters = (
        f"scale=-2:1280,pad=iw+320:ih:160:0,loop=-1:1:0,setpts=N/{FPS}/TB,"
        f"crop=iw-320:ih:'2*({shift})':0:exact=1,scale=-2:640,{NOISE},format=yuv420p"
    )
    command = ["ffmpeg", "-v", "error", "-y", "-framerate", str(FPS), "-i", picture]
    command += ["-vf", filters, "-t", str(SECONDS), "-c:v", "libx264", "-crf", "12", path]
    subprocess.run(command, check=True)


def landmarks(program, video, folder, *options):
    """Landmarks f64 [frames, 478, 3] of the one face, its mean size in pixels, and the times."""
    records = os.path.join(folder, "records.jsonl")
    command = [program, "run", video, "--tasks", "landmarks", "--jsonl", records, "-q", *options]
    subprocess.run(command, check=True)
    points, sizes, times = [], [], []
    for line in pathlib.Path(records).read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if len(record["faces"]) != 1:
            sys.exit(f"{video}, frame {record['frame']}: {len(record['faces'])} faces, need one")
        face = record["faces"][0]
        points.append(face["landmarks"])
        sizes.append(math.sqrt(face["box"][2] * face["box"][3]))
        times.append(record["time_s"])
    return np.array(points), float(np.mean(sizes)), np.array(times)


def one_euro(points, times, size, min_cutoff_hz, beta, derivative_cutoff_hz):
    """The filter of src/smooth on every coordinate; speeds are in face sizes a second."""

    def weight(cutoff_hz, interval_s):
        r = 2 * np.pi * cutoff_hz * interval_s
        return r / (r + 1)

    smooth, speed = points.copy(), np.zeros_like(points[0])
    for i in range(1, len(points)):
        interval = times[i] - times[i - 1]
        raw_speed = (points[i] - points[i - 1]) / interval / size
        speed += weight(derivative_cutoff_hz, interval) * (raw_speed - speed)
        cutoff = min_cutoff_hz + beta * np.abs(speed)
        smooth[i] = smooth[i - 1] + weight(cutoff, interval) * (points[i] - smooth[i - 1])
    return smooth


def jitter(points, size):
    """Per mille of the face's size."""
    return 1000 * math.sqrt(np.mean(np.diff(points[SETTLED:, :, :2], axis=0) ** 2)) / size


def lag(smooth, raw):
    """Frames by which the mean x of `smooth` is behind that of `raw`."""
    smooth, raw = smooth[:, :, 0].mean(axis=1), raw[:, :, 0].mean(axis=1)
    frames = np.arange(len(raw), dtype=float)
    inner = slice(SETTLED, -SETTLED)
    delays = np.arange(0, 6, 0.01)
    errors = [
        np.sum((np.interp(frames - delay, frames, raw) - smooth)[inner] ** 2) for delay in delays
    ]
    return float(delays[int(np.argmin(errors))])


def report(name, still, swings, still_raw, size):
    stiller = jitter(still_raw, size) / jitter(still, size)
    lags = "  ".join(f"{hz} Hz {lag(smooth, raw):.2f}" for hz, smooth, raw in swings)
    print(f"{name:20} jitter {jitter(still, size):.3f} ({stiller:.1f} x stiller)   lag {lags}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default="build/retinue")
    parser.add_argument("--picture", required=True, help="a picture with one large face")
    parser.add_argument("--try", dest="tried", action="append", default=[], metavar="M,B,D")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        runs = {}
        for swing in (0, *SWINGS_HZ):
            video = os.path.join(folder, f"swing-{swing}.mp4")
            make_video(arguments.picture, swing, video)
            raw, size, times = landmarks(arguments.program, video, folder, "--no-smoothing")
            smooth, _, _ = landmarks(arguments.program, video, folder)
            runs[swing] = (raw, smooth, size, times)
    still_raw, still_smooth, size, _ = runs[0]
    print(f"face of {size:.0f} pixels, {FPS} frames a second; lags in frames")
    report("raw", still_raw, [], still_raw, size)
    swings = [(hz, runs[hz][1], runs[hz][0]) for hz in SWINGS_HZ]
    report("smoothed", still_smooth, swings, still_raw, size)
    for text in arguments.tried:
        settings = [float(part) for part in text.split(",")]
        tried = {
            swing: one_euro(raw, times, size, *settings)
            for swing, (raw, _, size, times) in runs.items()
        }
        swings = [(hz, tried[hz], runs[hz][0]) for hz in SWINGS_HZ]
        report(text, tried[0], swings, still_raw, size)


if __name__ == "__main__":
    main()
