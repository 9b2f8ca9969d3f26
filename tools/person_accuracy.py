#!/usr/bin/env python3
"""Judges Retinue's persons and poses against COCO's: recall, average precision, OKS.

    tools/person_accuracy.py --model pose=movenet.onnx     run build/retinue and judge its records
    tools/person_accuracy.py --records FILE.jsonl          judge records that are there already
    tools/person_accuracy.py --worst 10                    name what is missed and farthest off

Options that it does not know are the program's: --model persons=FILE judges another detector. The
pictures and their truth are under media/gt of the mirror (--mirror or RETINUE_MIRROR). Exit code: 0
every threshold is kept, 1 one is not, 2 nothing could be judged. Needs numpy only.

What is measured
  recall     persons whose box is met with IoU >= 0.5, one record for one person, best score first;
             of all, and of those that COCO calls medium and large (32 x 32 and 96 x 96 pixels)
  AP50       area under the precision-recall curve at IoU 0.5. Only persons with keypoints are
             labelled, so records of others count as wrong: a lower bound
  OKS        object keypoint similarity of the persons that are met and have labelled points, with
             COCO's constants; the area is 0.53 of the box's, as where there are no masks. Their
             mean, and the share with 0.5 or more
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
from dataclasses import dataclass

import numpy as np

TRUTH = "gt/unified/dev_persons_coco17.jsonl"
MIN_IOU = 0.5
MASK_SHARE = 0.53  # of a box; Xiao, Wu, Wei, 2018, use it where COCO has no mask
# COCO's constants, nose to ankles: twice the standard deviation of annotators, per root of area.
KAPPA = 2 * np.array(
    [26, 25, 25, 35, 35, 79, 79, 72, 72, 62, 62, 107, 107, 87, 87, 89, 89], dtype=float
) / 1000

# name of the measure -> (kind, limit)
THRESHOLDS = {
    "recall_all": ("at least", 0.75),
    "recall_large": ("at least", 0.90),
    "oks_mean": ("at least", 0.60),
}


class JudgingError(Exception):
    """What was tried, on which input, what was found."""


@dataclass
class Verdict:
    """A labelled person and what met them."""

    picture: str
    box: np.ndarray  # x, y, width, height
    met: bool
    oks: float = None  # None: not met, no pose, or no labelled points

    @property
    def area(self):
        return float(self.box[2] * self.box[3])


def iou(a, b):
    """Of boxes x, y, width, height."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return float(both / (a[2] * a[3] + b[2] * b[3] - both))


def oks(points, truth, box):
    """`points` [17, 2+], `truth` [17, 3] with visibility; None: nothing is labelled."""
    labelled = truth[:, 2] > 0
    if not labelled.any():
        return None
    squared = ((points[:, :2] - truth[:, :2]) ** 2).sum(axis=1)
    area = MASK_SHARE * box[2] * box[3]
    return float(np.exp(-squared / (2 * area * KAPPA**2))[labelled].mean())


def meet(found, true_boxes):
    """Index of the record that meets each true box, or None; records go best score first."""
    met_by = [None] * len(true_boxes)
    for index in sorted(range(len(found)), key=lambda i: -found[i]["score"]):
        best, best_iou = None, MIN_IOU
        for t, box in enumerate(true_boxes):
            value = iou(found[index]["box"], box)
            if met_by[t] is None and value >= best_iou:
                best, best_iou = t, value
        if best is not None:
            met_by[best] = index
    return met_by


def average_precision(scores, right, true_count):
    """Area under the precision-recall curve, its precision made monotonous, as in VOC 2010."""
    if true_count == 0 or not scores:
        return 0.0
    order = np.argsort(-np.array(scores), kind="stable")
    hits = np.cumsum(np.array(right, dtype=float)[order])
    recall = hits / true_count
    precision = hits / np.arange(1, len(hits) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    return float((np.diff(np.concatenate([[0.0], recall])) * precision).sum())


def judge_picture(truth, found):
    """Verdicts of the labelled persons; score and rightness of each record."""
    boxes = [np.array(p["box_xywh"], dtype=float) for p in truth["persons"]]
    met_by = meet(found, boxes)
    verdicts = []
    for person, box, index in zip(truth["persons"], boxes, met_by):
        similarity = None
        if index is not None and "keypoints" in found[index]:
            points = np.array(found[index]["keypoints"], dtype=float)
            similarity = oks(points, np.array(person["kp17_xyv"], dtype=float), box)
        verdicts.append(Verdict(truth["image"], box, index is not None, similarity))
    right = set(met_by)
    return verdicts, [(f["score"], i in right) for i, f in enumerate(found)]


def summarize(verdicts, records):
    """name -> (value or None, count)"""

    def recall(chosen):
        return (float(np.mean([v.met for v in chosen])) if chosen else None, len(chosen))

    similarities = [v.oks for v in verdicts if v.oks is not None]
    count = len(similarities)
    ap = average_precision([s for s, _ in records], [r for _, r in records], len(verdicts))
    return {
        "recall_all": recall(verdicts),
        "recall_medium": recall([v for v in verdicts if v.area >= 32**2]),
        "recall_large": recall([v for v in verdicts if v.area >= 96**2]),
        "ap50_lower_bound": (ap, len(records)),
        "oks_mean": (float(np.mean(similarities)) if count else None, count),
        "oks_at_least_0.5": (
            float(np.mean([s >= 0.5 for s in similarities])) if count else None,
            count,
        ),
    }


def kept(name, value):
    """None: no threshold, or nothing to judge by it."""
    if name not in THRESHOLDS or value is None:
        return None
    kind, limit = THRESHOLDS[name]
    return value >= limit if kind == "at least" else value <= limit


def print_table(measures):
    for name, (value, count) in measures.items():
        text = "none" if value is None else f"{value:.3f}"
        verdict = {True: "kept", False: "NOT KEPT", None: ""}[kept(name, value)]
        limit = " ".join(map(str, THRESHOLDS[name])) if name in THRESHOLDS else ""
        print(f"{name:<20} {text:>8}  of {count:<5} {limit:<14} {verdict}")


def print_worst(verdicts, count):
    print("\nmissed, largest first")
    missed = sorted((v for v in verdicts if not v.met), key=lambda v: -v.area)
    for v in missed[:count]:
        print(f"  {v.picture} {v.box.round().astype(int).tolist()}")
    print("lowest OKS")
    for v in sorted((v for v in verdicts if v.oks is not None), key=lambda v: v.oks)[:count]:
        print(f"  {v.oks:.2f} {v.picture} {v.box.round().astype(int).tolist()}")


def run_program(program, pictures, options, records):
    command = [program, "run", *map(str, pictures), "--tasks", "persons,pose"]
    done = subprocess.run(
        [*command, "--jsonl", str(records), *options], stderr=subprocess.PIPE, text=True
    )
    if done.returncode != 0:
        raise JudgingError(f"run '{program}': exit code {done.returncode}\n{done.stderr}")


def read_records(path):
    """Persons by source."""
    persons = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if "persons" not in record:
                raise JudgingError(f"read '{path}': found a record without persons")
            persons[record["source"]] = record["persons"]
    return persons


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
    parser.add_argument(
        "--records", type=pathlib.Path, help="JSON lines to judge instead of running the program"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--worst", type=int, nargs="?", const=10, default=0, metavar="N")
    return parser.parse_known_args(words)


def judge(arguments, options):
    """Reads, runs, measures, prints; the exit code."""
    media = arguments.mirror / "media"
    if not (media / TRUTH).is_file():
        raise JudgingError(f"read ground truth '{media / TRUTH}': there is no such file")
    with open(media / TRUTH, encoding="utf-8") as lines:
        pictures = [json.loads(line) for line in lines]
    with tempfile.TemporaryDirectory() as folder:
        records = arguments.records
        if records is None:
            records = pathlib.Path(folder) / "records.jsonl"
            paths = [media / p["image"] for p in pictures]
            run_program(arguments.program, paths, options, records)
        elif not records.is_file():
            raise JudgingError(f"read records '{records}': there is no such file")
        persons_of = read_records(records)
    verdicts, scored = [], []
    for picture in pictures:
        # The source of a record is the path as it was given.
        sources = [s for s in persons_of if s.endswith(picture["image"])]
        if len(sources) != 1:
            raise JudgingError(
                f"find records of '{picture['image']}': found {len(sources)} sources, not one"
            )
        of_picture, of_records = judge_picture(picture, persons_of[sources[0]])
        verdicts += of_picture
        scored += of_records
    measures = summarize(verdicts, scored)
    if arguments.json:
        print(json.dumps({name: value for name, (value, _) in measures.items()}))
    else:
        print_table(measures)
    if arguments.worst:
        print_worst(verdicts, arguments.worst)
    return 1 if any(kept(name, value) is False for name, (value, _) in measures.items()) else 0


def main():
    try:
        return judge(*parse_arguments(sys.argv[1:]))
    except JudgingError as error:
        print(f"person_accuracy: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
