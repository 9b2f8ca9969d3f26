#!/usr/bin/env python3
"""How much smoothing stills a still face or person, and how far it lags behind a moving one.

Makes videos of one picture whose every frame is shifted by a known fraction of a pixel (a phase
shift: exact for any fraction), gets sensor noise of its own and is encoded by itself, so that
nothing but the truth is the same from frame to frame. Runs the program on each with and without
--no-smoothing, and prints, for the landmarks:

still   nothing moves but the noise
shaken  the picture trembles by 0.25 pixels besides, as under a desk that is leaned on
swing   a swing from side to side, at several rates
ramp    a rest, a movement of one speed, a rest

jitter  standard deviation of a point over time, root mean square over points and coordinates, in
        pixels and in per cent of the distance between the outer eye corners
lag     of a swing its phase behind the truth's; of a ramp the delay that explains the track best;
        in milliseconds and in frames
error   root mean square distance of a point from its truth, in pixels. The truth of a point is its
        mean place on the still video without smoothing, moved by the known shift

    tools/smoothing.py --program build/retinue --picture ../shared/media/golden/tfjs_face/portrait.jpg

With --persons, the same of the keypoints of a person, of which the picture then shows one; the
distance is that of the shoulders. --size and --fps set the size of the face or person in pixels and
the frames a second. --try MIN_CUTOFF,BETA,DERIVATIVE_CUTOFF prints the same for these settings of the
One-Euro filter, applied here to the points without smoothing: how the settings in src/smooth were
chosen. Needs numpy and ffmpeg.
"""

import argparse
import dataclasses
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError:
    sys.exit("tools/smoothing.py needs the Python package numpy")

SECONDS = 6
SETTLED_S = 1.0  # After this a filter has forgotten its start.
SENSOR_NOISE = 5.0  # Standard deviation in 8-bit levels.
TREMBLE_PX = 0.25
SWING = 0.4  # Amplitude, in sizes of the face or person.
SWINGS_HZ = (0.25, 0.5, 1.0)
RAMP = 1.2  # Length of the way, in sizes.
RAMPS_PER_S = (0.4, 1.0, 2.5)  # Speeds, in sizes a second.


@dataclasses.dataclass(frozen=True)
class Kind:
    """What is measured of whom."""

    name: str
    objects: str  # Key of the record.
    points: str  # Key of an object.
    task: str
    yardstick: str  # The distance that jitter is compared with: between two of the points.
    ends: tuple[int, int]


FACE = Kind("face", "faces", "landmarks", "landmarks", "the eyes' distance", (33, 263))
PERSON = Kind("person", "persons", "keypoints", "pose", "the shoulders' distance", (5, 6))


@dataclasses.dataclass(frozen=True)
class Motion:
    """How far the picture is shifted to the right at a time, in pixels."""

    name: str
    kind: str  # still, shaken, swing or ramp
    rate: float = 0.0  # Of a swing in Hz, of a ramp in pixels a second.
    extent: float = 0.0  # In pixels: amplitude of a swing, way of a ramp.

    def shifts(self, times):
        if self.kind == "shaken":
            return np.random.default_rng(2).normal(0, TREMBLE_PX, len(times))
        if self.kind == "swing":
            return self.extent * np.sin(2 * np.pi * self.rate * times)
        if self.kind == "ramp":
            begin = SECONDS / 2 - self.extent / self.rate / 2
            return np.clip((times - begin) * self.rate, 0, self.extent) - self.extent / 2
        return np.zeros(len(times))


def motions(size_px):
    """All that the benchmark shows."""
    yield Motion("still", "still")
    yield Motion("shaken", "shaken")
    for hz in SWINGS_HZ:
        yield Motion(f"swing {hz:g} Hz", "swing", hz, SWING * size_px)
    for speed in RAMPS_PER_S:
        yield Motion(f"ramp {speed * size_px:.0f} px/s", "ramp", speed * size_px, RAMP * size_px)


@dataclasses.dataclass
class Track:
    """Points f64 [frames, N, 2] in pixels, the times of the frames in seconds."""

    points: np.ndarray
    times: np.ndarray
    size_px: float  # Of the face or person: the mean side of their box.
    kind: Kind = FACE

    @property
    def yardstick_px(self):
        one, other = (self.points[:, end].mean(axis=0) for end in self.kind.ends)
        return float(np.hypot(*(one - other)))

    def settled(self):
        return (self.times >= SETTLED_S) & (self.times <= self.times[-1] - SETTLED_S / 2)


# --- videos ---------------------------------------------------------------------------------


def read_picture(path, scale):
    """f64 [H, W, 3], scaled by `scale`, both sides even."""
    sides = f"2*round(iw*{scale}/2):2*round(ih*{scale}/2)"
    probe = ["ffprobe", "-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0", path]
    width, height = map(int, subprocess.run(probe, check=True, capture_output=True).stdout.split(b",")[:2])
    command = ["ffmpeg", "-v", "error", "-i", path, "-vf", f"scale={sides}:flags=area", "-f", "rawvideo"]
    raw = subprocess.run([*command, "-pix_fmt", "rgb24", "-"], check=True, capture_output=True).stdout
    width, height = (2 * math.floor(side * scale / 2 + 0.5) for side in (width, height))
    return np.frombuffer(raw, np.uint8).reshape(height, width, 3).astype(float)


def shifted(padded, shift_px):
    """The picture moved to the right by a fraction of a pixel, by its spectrum: exact within."""
    frequencies = np.fft.rfftfreq(padded.shape[1])
    phase = np.exp(-2j * np.pi * frequencies * shift_px)[None, :, None]
    return np.fft.irfft(np.fft.rfft(padded, axis=1) * phase, padded.shape[1], axis=1)


def make_video(picture, motion, fps, path):
    """Frames of the picture's size, moved and noisy, in H.264."""
    height, width = picture.shape[:2]
    margin = math.ceil(motion.extent) + 8
    # There and back: the spectrum's ends meet without a step.
    padded = np.pad(picture, ((0, 0), (margin, margin), (0, 0)), mode="symmetric")
    command = ["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24"]
    command += ["-s", f"{width}x{height}", "-r", str(fps), "-i", "-", "-c:v", "libx264"]
    command += ["-crf", "20", "-g", "1", "-pix_fmt", "yuv420p", path]
    chance = np.random.default_rng(1)
    times = np.arange(int(SECONDS * fps)) / fps
    with subprocess.Popen(command, stdin=subprocess.PIPE) as encoder:
        for shift in motion.shifts(times):
            frame = shifted(padded, shift)[:, margin : margin + width]
            frame = frame + chance.normal(0, SENSOR_NOISE, frame.shape)
            encoder.stdin.write(np.clip(np.rint(frame), 0, 255).astype(np.uint8).tobytes())
        encoder.stdin.close()
    if encoder.returncode != 0:
        sys.exit(f"ffmpeg could not make '{path}'")


def measure(program, video, kind, *options):
    """The track of the one face or person in the video."""
    command = [program, "run", video, "--tasks", kind.task, "--jsonl", "-", "-q", *options]
    lines = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    points, times, sizes = [], [], []
    for line in lines:
        record = json.loads(line)
        found = record[kind.objects]
        if len(found) != 1:
            sys.exit(f"{video}, frame {record['frame']}: {len(found)} {kind.objects}, need one")
        points.append([point[:2] for point in found[0][kind.points]])
        sizes.append(math.sqrt(found[0]["box"][2] * found[0]["box"][3]))
        times.append(record["time_s"])
    return Track(np.array(points), np.array(times), float(np.mean(sizes)), kind)


# --- measures -------------------------------------------------------------------------------


def one_euro(track, min_cutoff_hz, beta, derivative_cutoff_hz):
    """The filter of src/smooth on every coordinate; speeds are in sizes a second."""

    def weight(cutoff_hz, interval_s):
        r = 2 * np.pi * cutoff_hz * interval_s
        return r / (r + 1)

    points, times = track.points, track.times
    smooth, speed = points.copy(), np.zeros_like(points[0])
    for i in range(1, len(points)):
        interval = times[i] - times[i - 1]
        raw_speed = (points[i] - points[i - 1]) / interval / track.size_px
        speed += weight(derivative_cutoff_hz, interval) * (raw_speed - speed)
        cutoff = min_cutoff_hz + beta * np.abs(speed)
        smooth[i] = smooth[i - 1] + weight(cutoff, interval) * (points[i] - smooth[i - 1])
    return dataclasses.replace(track, points=smooth)


def without_motion(track, motion):
    """The points as they would be if the picture had not been moved."""
    points = track.points.copy()
    points[:, :, 0] -= motion.shifts(track.times)[:, None]
    return points


def jitter_px(track):
    """Standard deviation of a coordinate over time."""
    return math.sqrt(np.mean(np.var(track.points[track.settled()], axis=0)))


def error_px(track, motion, places):
    """Distance from the truth: `places` f64 [N, 2] moved by the known shift."""
    distances = without_motion(track, motion)[track.settled()] - places
    return math.sqrt(np.mean(np.sum(distances**2, axis=2)))


def swing_phase(values, times, hz):
    angle = 2 * np.pi * hz * times
    terms = np.stack([np.sin(angle), np.cos(angle), np.ones_like(angle)], axis=1)
    (sine, cosine, _), *_ = np.linalg.lstsq(terms, values, rcond=None)
    return math.atan2(cosine, sine)


def lag_s(track, motion, places):
    """How far the mean of the points is behind the truth; None where nothing moves."""
    inner = track.settled()
    moved = track.points[:, :, 0].mean(axis=1) - places[:, 0].mean()
    if motion.kind == "swing":
        return -swing_phase(moved[inner], track.times[inner], motion.rate) / (2 * np.pi * motion.rate)
    if motion.kind != "ramp":
        return None
    delays = np.arange(-0.1, 0.3, 0.0005)
    errors = [np.sum((motion.shifts(track.times[inner] - delay) - moved[inner]) ** 2) for delay in delays]
    return float(delays[int(np.argmin(errors))])


def row(name, track, motion, places, fps, raw_jitter_px=None):
    """One line of the table."""
    text = f"  {name:18} error {error_px(track, motion, places):6.2f} px"
    if motion.kind in ("still", "shaken"):
        jitter = jitter_px(track)
        text += f"   jitter {jitter:6.3f} px = {100 * jitter / track.yardstick_px:5.2f} % of {track.kind.yardstick}"
        if raw_jitter_px is not None:
            text += f", {raw_jitter_px / jitter:.1f} times less"
        return text
    lag = lag_s(track, motion, places)
    return text + f"   lag {1000 * lag:6.1f} ms = {lag * fps:5.2f} frames"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default="build/retinue")
    parser.add_argument("--picture", required=True, help="a picture with one large face or person")
    parser.add_argument("--persons", action="store_true", help="of a person's keypoints")
    parser.add_argument("--size", type=float, help="of the face or person in pixels (150 or 300)")
    parser.add_argument("--fps", type=int, default=30)
    parser.add_argument("--try", dest="tried", action="append", default=[], metavar="M,B,D")
    arguments = parser.parse_args()
    settings = {text: [float(part) for part in text.split(",")] for text in arguments.tried}
    kind = PERSON if arguments.persons else FACE
    size_px = arguments.size or (300 if arguments.persons else 150)
    whole = measure(arguments.program, arguments.picture, kind, "--no-smoothing")
    picture = read_picture(arguments.picture, size_px / whole.size_px)
    with tempfile.TemporaryDirectory() as folder:
        places = None
        for motion in motions(size_px):
            video = os.path.join(folder, "video.mp4")
            make_video(picture, motion, arguments.fps, video)
            raw = measure(arguments.program, video, kind, "--no-smoothing")
            smooth = measure(arguments.program, video, kind)
            if places is None:
                places = raw.points[raw.settled()].mean(axis=0)
                print(f"{kind.name} of {raw.size_px:.0f} pixels, {kind.yardstick} {raw.yardstick_px:.0f}, {arguments.fps} fps")
            print(motion.name)
            raw_jitter_px = jitter_px(raw)
            print(row("raw", raw, motion, places, arguments.fps))
            print(row("smoothed", smooth, motion, places, arguments.fps, raw_jitter_px))
            for text, numbers in settings.items():
                print(row(text, one_euro(raw, *numbers), motion, places, arguments.fps, raw_jitter_px))
            sys.stdout.flush()


if __name__ == "__main__":
    main()
