#!/usr/bin/env python3
"""Judges Retinue's tracks on videos of known motion, which it makes from stills.

    tools/tracking_accuracy.py                 run build/retinue and judge its records
    tools/tracking_accuracy.py --only cross    only sequences with this in their names
    tools/tracking_accuracy.py --keep FOLDER   leave videos and records there, to look at

Options that it does not know are the program's. The stills and their truth are under media of the
mirror (--mirror or RETINUE_MIRROR). Exit code: 0 every threshold is kept, 1 one is not, 2 nothing
could be judged. Needs numpy and ffmpeg.

The sequences, of 3 seconds at 30 frames a second, once of faces and once of persons
  pan        the camera goes to and fro over a group
  zoom       the camera goes nearer and back
  jump       the camera stands, but for jumps of widths between two frames
  cross      three pass each other; who is behind is hidden for up to a second
  cross-vfr  the same, with one to seven frames' time from each frame to the next
What is printed: tracking_metrics.py says what the measures are. A box that less than 0.6 of is seen
need not be found.
"""

import argparse
import json
import math
import os
import pathlib
import random
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import partial

import numpy as np

from moving_pictures import (
    FPS,
    CutOut,
    Stage,
    View,
    clipped,
    composed,
    read_picture,
    write_video,
)
from tracking_metrics import Score, score

FACES = "gt/unified/dev_faces_lm68.jsonl"
PERSONS = "gt/unified/dev_persons_coco17.jsonl"
BACKGROUND = "images/noface/face-alignment_grass.jpg"
SECONDS = 3

# kind -> name of the measure -> limit, over all sequences of the kind
THRESHOLDS = {
    "faces": {"idf1": 0.98, "mota": 0.97, "switches": 1},
    "persons": {"idf1": 0.87, "mota": 0.96, "switches": 9},
}


class JudgingError(Exception):
    """What was tried, on which input, what was found."""


@dataclass
class Sequence:
    name: str
    kind: str  # "faces" or "persons"
    scene: object  # View or Stage
    kept: list  # numbers of the frames that the video has, of 30 a second

    @property
    def file_name(self):
        return f"{self.kind}-{self.name}.mp4"


# --- truth --------------------------------------------------------------------------------------


def face_box(points):
    """What detectors call a face: from the brow, a quarter above the points, to the chin."""
    low, high = np.array(points, dtype=float).min(axis=0), np.array(points, dtype=float).max(axis=0)
    (x, y), (width, height) = low, high - low
    return (x, y - 0.25 * height, width, 1.25 * height)


class Stills:
    """Pictures below media/ with the boxes that are labelled in them."""

    def __init__(self, media):
        self.media = media
        self.boxes = {}
        for entry in self.entries(FACES):
            self.boxes[entry["image"]] = [face_box(face["lm68"]) for face in entry["faces"]]
        for entry in self.entries(PERSONS):
            self.boxes[entry["image"]] = [tuple(p["box_xywh"]) for p in entry["persons"]]

    def entries(self, name):
        path = self.media / name
        if not path.is_file():
            raise JudgingError(f"read ground truth '{path}': there is no such file")
        return map(json.loads, path.read_text(encoding="utf-8").splitlines())

    def picture(self, name):
        path = self.media / name
        if not path.is_file():
            raise JudgingError(f"read picture '{path}': there is no such file")
        return read_picture(path)

    def view(self, name, path):
        return View(self.picture(name), self.boxes[name], path)

    def cut_out(self, name, number, margin, height, path):
        return CutOut.of(self.picture(name), self.boxes[name][number], margin, height, path)


# --- sequences ----------------------------------------------------------------------------------


def swing(middle, reach, zoom, seconds):
    """To and fro around `middle` by `reach` pixels, at a `zoom`, once in `seconds`."""

    def path(t):
        share = math.sin(2 * math.pi * t / seconds)
        return middle[0] + reach[0] * share, middle[1] + reach[1] * share, zoom

    return path


def approach(middle, zooms, seconds):
    """From one zoom to the other and back, once in `seconds`."""

    def path(t):
        share = (1 - math.cos(2 * math.pi * t / seconds)) / 2
        return *middle, zooms[0] * (zooms[1] / zooms[0]) ** share

    return path


def jumps(middle, steps, zoom):
    """Half a second at each of `steps` pixels from `middle`, again and again."""

    def path(t):
        step = steps[int(t * 2) % len(steps)]
        return middle[0] + step[0], middle[1] + step[1], zoom

    return path


def line(begin, speed):
    """Pixels and pixels a second."""
    return lambda t: (begin[0] + speed[0] * t, begin[1] + speed[1] * t)


EVERY_FRAME = list(range(SECONDS * FPS))


def some_frames():
    """One to seven frames apart, the same on every run."""
    randomly, kept = random.Random(5), [0]
    while kept[-1] + 7 < SECONDS * FPS:
        kept.append(kept[-1] + randomly.randint(1, 7))
    return kept


def sequences_of(kind, scenes):
    """One of each scene, and one more of the last, at a variable rate."""
    sequences = [Sequence(name, kind, scene, EVERY_FRAME) for name, scene in scenes.items()]
    last = sequences[-1]
    return [*sequences, Sequence(f"{last.name}-vfr", kind, last.scene, some_frames())]


def face_sequences(stills):
    group, trio = (f"gt/dlib_faces/{name}.jpg" for name in ("2007_007763", "2008_001322"))
    crossing = Stage(
        stills.picture(BACKGROUND),
        [
            stills.cut_out(trio, 0, 0.4, 90, line((560, 110), (-190, 0))),
            stills.cut_out(trio, 1, 0.4, 95, line((240, 20), (15, 75))),
            stills.cut_out(trio, 2, 0.4, 105, line((10, 130), (180, 5))),
        ],
    )
    steps = [(0, 0), (60, 8), (-50, 0), (20, -10)]
    scenes = {
        "pan": stills.view(group, swing((235, 165), (70, 10), 1.7, 1.5)),
        "zoom": stills.view(group, approach((250, 165), (1.35, 2.0), 2.0)),
        "jump": stills.view(group, jumps((235, 170), steps, 1.6)),
        "cross": crossing,
    }
    return sequences_of("faces", scenes)


def person_sequences(stills):
    numbers = (785, 7088, 181542, 196141)
    skier, child, woman, batter = (
        f"gt/coco_val2017/images/{number:012d}.jpg" for number in numbers
    )
    field = stills.picture(BACKGROUND)
    # Four in a row, on a field wide enough for the camera to move.
    row = [(skier, 240, 90), (batter, 230, 310), (child, 190, 560), (woman, 250, 720)]
    standing = [
        stills.cut_out(still, 0, 0.05, height, line((x, 420 - height), (0, 0)))
        for still, height, x in row
    ]
    group = partial(View, *composed(np.hstack([field, field[:, ::-1]]), standing, 0))
    crossing = Stage(
        field,
        [
            stills.cut_out(skier, 0, 0.05, 230, line((-40, 80), (150, 0))),
            stills.cut_out(child, 0, 0.05, 200, line((300, 130), (5, 0))),
            stills.cut_out(woman, 0, 0.05, 260, line((560, 70), (-190, 0))),
        ],
    )
    steps = [(0, 0), (110, 5), (-90, 0), (40, -8)]
    scenes = {
        "pan": group(swing((460, 300), (120, 5), 1.05, 1.5)),
        "zoom": group(approach((470, 300), (0.85, 1.3), 2.0)),
        "jump": group(jumps((450, 300), steps, 1.0)),
        "cross": crossing,
    }
    return sequences_of("persons", scenes)


# --- judgement ----------------------------------------------------------------------------------


def make_video(sequence, folder):
    """Writes the video; the truth of each of its frames, by number."""
    truths = {}

    def pictures():
        for number in range(SECONDS * FPS):
            picture, truths[number] = sequence.scene.at(number / FPS)
            yield picture

    write_video(folder / sequence.file_name, pictures(), sequence.kept)
    return {number: truths[number] for number in sequence.kept}


def run_program(program, sequences, kind, options, folder):
    """The records of all frames, by file name."""
    if not os.access(program, os.X_OK):
        raise JudgingError(f"run '{program}': there is no such program; ./dev build makes it")
    records = folder / f"{kind}.jsonl"
    command = [program, "run", *(folder / s.file_name for s in sequences), "--tasks", kind, "-q"]
    done = subprocess.run(
        [*map(str, command), "--jsonl", str(records), *options], stderr=subprocess.PIPE, text=True
    )
    if done.returncode != 0:
        raise JudgingError(f"run '{program}': exit code {done.returncode}: {done.stderr.strip()}")
    records_of = {s.file_name: [] for s in sequences}
    for text in records.read_text(encoding="utf-8").splitlines():
        record = json.loads(text)
        records_of[pathlib.Path(record["source"]).name].append(record)
    return records_of


def judge_sequence(sequence, truths, records):
    """Score of one video."""
    numbers = [round(record["time_s"] * FPS) for record in records]
    if numbers != sequence.kept:
        raise JudgingError(
            f"judge '{sequence.file_name}': {len(numbers)} records, not one at the time of each of"
            f" {len(sequence.kept)} frames"
        )
    return score(
        (truths[number], {o["track"]: clipped(o["box"]) for o in record[sequence.kind]})
        for number, record in zip(numbers, records)
    )


def kept(kind, total):
    """name of the measure -> whether its threshold is kept."""
    limits = THRESHOLDS[kind]
    return {
        "idf1": (total.idf1 or 0) >= limits["idf1"],
        "mota": (total.mota or 0) >= limits["mota"],
        "switches": total.switches <= limits["switches"],
    }


def print_row(name, total):
    measures = " ".join("   none" if v is None else f"{v:7.3f}" for v in (total.idf1, total.mota))
    counts = (total.switches, total.missed, total.false, total.true)
    print(f"{name:<20} {measures} {counts[0]:>9}" + "".join(f"{c:>8}" for c in counts[1:]))


def judge_kind(kind, sequences, arguments, options, folder):
    """Prints a row for each sequence and one for all; whether the thresholds are kept."""
    truths = {s.file_name: make_video(s, folder) for s in sequences}
    records = run_program(arguments.program, sequences, kind, options, folder)
    total = Score()
    for sequence in sequences:
        name = sequence.file_name
        one = judge_sequence(sequence, truths[name], records[name])
        print_row(name.removesuffix(".mp4"), one)
        total += one
    print_row(f"{kind}, all", total)
    if arguments.only:
        return True  # The thresholds are for all sequences.
    broken = [name for name, is_kept in kept(kind, total).items() if not is_kept]
    for name in broken:
        print(f"{kind}: {name} is NOT KEPT, the limit is {THRESHOLDS[kind][name]}")
    return not broken


def parse_arguments(words):
    root = pathlib.Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--program", default=str(root / "build" / "retinue"))
    parser.add_argument(
        "--mirror",
        type=pathlib.Path,
        default=pathlib.Path(os.environ.get("RETINUE_MIRROR", root.parent / "shared")),
        help="folder with media/ in it",
    )
    parser.add_argument("--only", default="", metavar="TEXT")
    parser.add_argument("--keep", type=pathlib.Path, metavar="FOLDER")
    return parser.parse_known_args(words)


def judge(arguments, options, folder):
    """Makes, runs, measures, prints; the exit code."""
    stills = Stills(arguments.mirror / "media")
    print(f"{'':<20}    IDF1    MOTA  switches  missed   false   boxes")
    all_kept, judged = True, 0
    for kind, sequences_from in (("faces", face_sequences), ("persons", person_sequences)):
        chosen = [s for s in sequences_from(stills) if arguments.only in s.file_name]
        judged += len(chosen)
        if chosen:
            all_kept &= judge_kind(kind, chosen, arguments, options, folder)
    if not judged:
        raise JudgingError(f"choose sequences by '{arguments.only}': there are none")
    return 0 if all_kept else 1


def main():
    arguments, options = parse_arguments(sys.argv[1:])
    try:
        if arguments.keep:
            arguments.keep.mkdir(parents=True, exist_ok=True)
            return judge(arguments, options, arguments.keep)
        with tempfile.TemporaryDirectory() as folder:
            return judge(arguments, options, pathlib.Path(folder))
    except JudgingError as error:
        print(f"tracking_accuracy: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
