#!/usr/bin/env python3
"""Judges Retinue's faces against ground truth: recall, landmarks, head pose, gaze, units.

    tools/accuracy.py                       run build/retinue on the pictures and judge its records
    tools/accuracy.py --records FILE.jsonl  judge records that are there already
    tools/accuracy.py --worst 10            name the faces that are farthest off

The pictures and their truth are under media/gt of the mirror (--mirror or RETINUE_MIRROR). Exit
code: 0 every threshold is kept, 1 one is not, 2 nothing could be judged. Needs numpy only.

What is measured
  recall     faces whose box meets the extent of the truth's 68 points with IoU >= 0.5, one record
             for one face; once for the record's box, once for the extent of our own 68 points
  precision  the share of records that meet a face, in pictures whose faces are all labelled
  NME        mean distance of the 68 points (and of the 51 inside the outline) over the distance of
             the truth's outer eye corners; of the faces that are met
  head pose  the angle between our rotation and the truth's, and the mean absolute difference of
             each angle after the truth is expressed in the contract's order
  gaze       the angle between the gaze and the direction to the camera, on portraits of people who
             look into it (gaze_accuracy.py); not with --records
"""

import argparse
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field

import numpy as np

import action_unit_accuracy
import gaze_accuracy
from head_rotation import (
    aflw2000_rotation,
    angle_difference_deg,
    contract_angles,
    contract_rotation,
    geodesic_deg,
)

FACES = "gt/unified/dev_faces_lm68.jsonl"
POSES = "gt/unified/dev_headpose_aflw2000.csv"

# The points of the 478 mesh that stand for the 68 iBUG points, in iBUG order: outline, brows, nose,
# eyes, outer lips, inner lips.
MESH_OF_IBUG = np.array(
    [162, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 389]
    + [71, 63, 105, 66, 107, 336, 296, 334, 293, 301]
    + [168, 197, 5, 4, 75, 97, 2, 326, 305]
    + [33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380]
    + [61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181]
    + [78, 82, 13, 312, 308, 317, 14, 87]
)
FIRST_INNER_POINT = 17
RIGHT_EYE_OUTER, LEFT_EYE_OUTER = 36, 45  # iBUG indices, the person's right and left

# Points that hardly move with the expression, on MediaPipe's canonical face (Apache-2.0): iBUG
# index to millimetres, x right, y down, z away as the face looks into the camera.
RIGID_POINTS = {
    8: (0.0, 94.0, -42.6),
    27: (0.0, -32.7, -52.4),
    30: (0.0, 4.6, -75.9),
    33: (0.0, 20.9, -60.6),
    36: (-44.5, -26.6, -31.7),
    39: (-18.6, -25.9, -37.6),
    42: (18.6, -25.9, -37.6),
    45: (44.5, -26.6, -31.7),
    48: (-24.6, 43.4, -42.8),
    54: (24.6, 43.4, -42.8),
}

MIN_IOU = 0.5
LARGE_FACE_PX = 40.0  # long side of the 68 points' extent
MIN_EYE_DISTANCE_PX = 30.0
MAX_FRONTAL_YAW_DEG = 40.0

# name of the measure -> (kind, limit)
THRESHOLDS = {
    "recall_large_by_box": ("at least", 0.95),
    "recall_large_by_points": ("at least", 0.95),
    "nme_51_frontal": ("at most", 0.045),
    "nme_68_frontal": ("at most", 0.060),
    "pose_geodesic_deg": ("at most", 10.0),
    "pose_yaw_deg": ("at most", 7.0),
    "pose_pitch_deg": ("at most", 7.0),
    "pose_roll_deg": ("at most", 7.0),
}

ALL_THRESHOLDS = {
    **THRESHOLDS,
    **gaze_accuracy.THRESHOLDS,
    **action_unit_accuracy.THRESHOLDS,
}


class JudgingError(Exception):
    """What was tried, on which input, what was found."""


# --- truth and records --------------------------------------------------------------------------


@dataclass
class TrueFace:
    """A labelled face; pixels with the origin at the top-left corner of the picture."""

    picture: str  # path below media/
    points: np.ndarray  # f64 [68, 2]
    ignored: bool = False
    yaw_deg: float = 0.0  # the truth's own, or estimated from the points
    rotation: np.ndarray = None  # f64 [3, 3] in camera axes; None where it is not known

    @property
    def extent(self):
        return extent(self.points)

    @property
    def eye_distance_px(self):
        return float(np.linalg.norm(self.points[RIGHT_EYE_OUTER] - self.points[LEFT_EYE_OUTER]))

    @property
    def large(self):
        return max(self.extent[2:]) > LARGE_FACE_PX

    @property
    def frontal(self):
        """Group (a): large enough to be labelled well, and turned so that both eyes are seen."""
        large_enough = self.eye_distance_px >= MIN_EYE_DISTANCE_PX
        return large_enough and abs(self.yaw_deg) <= MAX_FRONTAL_YAW_DEG


@dataclass
class FoundFace:
    """A face of a record."""

    score: float
    box: np.ndarray  # f64 [4]: x, y, width, height
    points: np.ndarray = None  # f64 [68, 2]; None without landmarks
    rotation: np.ndarray = None  # f64 [3, 3]; None without head pose


@dataclass
class Picture:
    """What is in a picture, and what was found there."""

    path: str
    all_labelled: bool
    truth: list
    found: list = field(default_factory=list)


def read_truth(media):
    """The labelled pictures, in the order of the file."""
    rotations = {}
    with open(media / POSES, encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            angles = [float(row[key]) for key in ("pitch_deg", "yaw_deg", "roll_deg")]
            rotations[row["image"]] = aflw2000_rotation(*angles)
    pictures = []
    for line in (media / FACES).read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        truth = [true_face(entry, face, rotations) for face in entry["faces"]]
        pictures.append(Picture(entry["image"], entry["complete_faces"], truth))
    return pictures


def true_face(entry, face, rotations):
    """One face of an entry of the ground truth."""
    points = np.array(face["lm68"], dtype=np.float64)
    if entry["source"] == "dlib":
        points += 0.5  # dlib's integers count pixels; their centres are meant
    angles = face.get("pitch_yaw_roll_deg")
    yaw_deg = -angles[1] if angles else estimated_yaw_deg(points)
    rotation = rotations.get(entry["image"]) if angles else None
    return TrueFace(entry["image"], points, face.get("ignore", False), yaw_deg, rotation)


def read_records(path):
    """source -> faces of its first frame."""
    faces_of = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise JudgingError(
                f"read records '{path}': line {number} is not JSON: {error}"
            ) from error
        if "frame" in record:
            faces_of.setdefault(record["source"], [found_face(f) for f in record.get("faces", [])])
    return faces_of


def found_face(face):
    """One face of a record."""
    points = rotation = None
    if "landmarks" in face:
        points = np.array(face["landmarks"], dtype=np.float64)[MESH_OF_IBUG, :2]
    if "head_pose" in face:
        pose = face["head_pose"]
        rotation = contract_rotation(pose["yaw_deg"], pose["pitch_deg"], pose["roll_deg"])
    return FoundFace(face["score"], np.array(face["box"], dtype=np.float64), points, rotation)


def run_program(program, pictures, records):
    """One call over all pictures; the records go to a file."""
    if not os.access(program, os.X_OK):
        raise JudgingError(f"run '{program}': there is no such program; ./dev build makes it")
    command = [program, "run", *map(str, pictures), "--jsonl", str(records), "-q"]
    command += ["--tasks", "faces,landmarks,head-pose"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise JudgingError(f"run '{program}': exit code {done.returncode}: {done.stderr.strip()}")


# --- measures -----------------------------------------------------------------------------------


def extent(points):
    """The upright box of points: f64 [4], x, y, width, height."""
    low, high = points.min(axis=0), points.max(axis=0)
    return np.concatenate([low, high - low])


def iou(a, b):
    """Intersection over union of two x, y, width, height boxes."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(0.0, width) * max(0.0, height)
    union = a[2] * a[3] + b[2] * b[3] - shared
    return shared / union if union > 0 else 0.0


def match(truth_boxes, found_boxes, min_iou=MIN_IOU):
    """truth index -> found index: best overlap first, each used once."""
    overlaps = [
        (iou(true_box, found_box), t, f)
        for t, true_box in enumerate(truth_boxes)
        for f, found_box in enumerate(found_boxes)
    ]
    found_of, used = {}, set()
    for overlap, t, f in sorted(overlaps, key=lambda entry: (-entry[0], entry[1], entry[2])):
        if overlap >= min_iou and t not in found_of and f not in used:
            found_of[t] = f
            used.add(f)
    return found_of


def estimated_yaw_deg(points):
    """Yaw of a face in the contract's sense from 68 points alone.

    Scaled orthographic pose (the POS step of DeMenthon and Davis, "Model-Based Object Pose in 25
    Lines of Code", IJCV 1995) on points that hardly move; within 5 degrees of the truth where it is
    known, which is enough to sort faces into groups.
    """
    model = np.array(list(RIGID_POINTS.values()))
    observed = points[list(RIGID_POINTS)]
    affine, *_ = np.linalg.lstsq(
        model - model.mean(axis=0), observed - observed.mean(axis=0), rcond=None
    )
    u, _, vt = np.linalg.svd(affine.T, full_matrices=False)
    right, down = u @ vt  # the nearest pair of orthonormal rows
    return contract_angles(np.stack([right, down, np.cross(right, down)]))[0]


def normalized_errors(true_points, found_points):
    """NME of the 51 inner points and of all 68."""
    scale = np.linalg.norm(true_points[RIGHT_EYE_OUTER] - true_points[LEFT_EYE_OUTER])
    distances = np.linalg.norm(found_points - true_points, axis=1) / scale
    return float(distances[FIRST_INNER_POINT:].mean()), float(distances.mean())


def pose_errors(true_rotation, found_rotation):
    """Geodesic error, then found - true of yaw, pitch, roll; degrees."""
    true_angles, found_angles = contract_angles(true_rotation), contract_angles(found_rotation)
    differences = map(angle_difference_deg, found_angles, true_angles)
    return (geodesic_deg(true_rotation, found_rotation), *differences)


# --- judgement ----------------------------------------------------------------------------------


@dataclass
class Verdict:
    """A labelled face and how it was met."""

    truth: TrueFace
    met_by_box: bool
    met_by_points: bool
    nme: tuple = None  # 51, 68
    pose: tuple = None  # geodesic, yaw, pitch, roll


def judge_picture(picture):
    """A verdict on each labelled face that counts, and (right, all) records for precision."""
    truth_boxes = [face.extent for face in picture.truth]
    by_box = match(truth_boxes, [face.box for face in picture.found])
    with_points = [face for face in picture.found if face.points is not None]
    by_points = match(truth_boxes, [extent(face.points) for face in with_points])
    verdicts = []
    for index, truth in enumerate(picture.truth):
        if truth.ignored:
            continue
        verdict = Verdict(truth, index in by_box, index in by_points)
        # The face is the one whose points meet it; a box alone also tells which face it is.
        found = None
        if index in by_points:
            found = with_points[by_points[index]]
        elif index in by_box:
            found = picture.found[by_box[index]]
        if found is not None and found.points is not None:
            verdict.nme = normalized_errors(truth.points, found.points)
        if found is not None and found.rotation is not None and truth.rotation is not None:
            verdict.pose = pose_errors(truth.rotation, found.rotation)
        verdicts.append(verdict)
    ignored = sum(picture.truth[index].ignored for index in by_box)
    return verdicts, (len(by_box) - ignored, len(picture.found) - ignored)


def share(flags):
    """Share of true flags, or None of nothing."""
    flags = list(flags)
    return sum(flags) / len(flags) if flags else None


def mean(values):
    """Mean, or None of nothing."""
    values = list(values)
    return float(np.mean(values)) if values else None


def summarize(verdicts, precision_counts):
    """name -> (value or None, number of faces or records it stands on)."""
    measures = {}

    def add(name, value, count):
        measures[name] = (value, count)

    for size, large in (("large", True), ("small", False)):
        chosen = [v for v in verdicts if v.truth.large == large]
        add(f"recall_{size}_by_box", share(v.met_by_box for v in chosen), len(chosen))
        add(f"recall_{size}_by_points", share(v.met_by_points for v in chosen), len(chosen))
    right, records = map(sum, zip(*precision_counts)) if precision_counts else (0, 0)
    add("precision_by_box", right / records if records else None, records)
    for group, frontal in (("frontal", True), ("other", False)):
        chosen = [v.nme for v in verdicts if v.nme and v.truth.frontal == frontal]
        add(f"nme_51_{group}", mean(nme[0] for nme in chosen), len(chosen))
        add(f"nme_68_{group}", mean(nme[1] for nme in chosen), len(chosen))
    poses = [v.pose for v in verdicts if v.pose]
    add("pose_geodesic_deg", mean(pose[0] for pose in poses), len(poses))
    for position, angle in enumerate(("yaw", "pitch", "roll"), start=1):
        add(f"pose_{angle}_deg", mean(abs(pose[position]) for pose in poses), len(poses))
        add(f"pose_{angle}_signed_deg", mean(pose[position] for pose in poses), len(poses))
    return measures


def kept(name, value):
    """True, False, or None where no threshold stands; a measure without faces is not kept."""
    if name not in ALL_THRESHOLDS:
        return None
    kind, limit = ALL_THRESHOLDS[name]
    if value is None:
        return False
    return bool(value >= limit if kind == "at least" else value <= limit)


# --- output -------------------------------------------------------------------------------------

LABELS = {
    "recall_large_by_box": "recall, faces over 40 px, box",
    "recall_large_by_points": "recall, faces over 40 px, extent of our points",
    "recall_small_by_box": "recall, other faces, box",
    "recall_small_by_points": "recall, other faces, extent of our points",
    "precision_by_box": "precision in completely labelled pictures",
    "nme_51_frontal": "NME of 51, eyes >= 30 px apart and |yaw| <= 40",
    "nme_68_frontal": "NME of 68, eyes >= 30 px apart and |yaw| <= 40",
    "nme_51_other": "NME of 51, all other faces",
    "nme_68_other": "NME of 68, all other faces",
    "pose_geodesic_deg": "head pose, mean geodesic error (degrees)",
    "pose_yaw_deg": "head pose, mean |yaw error|",
    "pose_pitch_deg": "head pose, mean |pitch error|",
    "pose_roll_deg": "head pose, mean |roll error|",
    "pose_yaw_signed_deg": "head pose, mean yaw error, signed",
    "pose_pitch_signed_deg": "head pose, mean pitch error, signed",
    "pose_roll_signed_deg": "head pose, mean roll error, signed",
}


def number(name, value):
    """A value as the table shows it."""
    if value is None:
        return "-"
    return f"{value:.2f}" if name.endswith("_deg") else f"{value:.4f}"


def print_table(measures):
    """One line a measure: value, faces it stands on, threshold, verdict."""
    print(f"{'measure':<48} {'value':>8} {'of':>4}  {'threshold':<15} verdict")
    labels = {**LABELS, **gaze_accuracy.LABELS, **action_unit_accuracy.LABELS}
    for name, label in labels.items():
        if name not in measures:
            continue
        value, count = measures[name]
        verdict = {True: "pass", False: "FAIL", None: ""}[kept(name, value)]
        limit = "{} {:g}".format(*ALL_THRESHOLDS[name]) if name in ALL_THRESHOLDS else ""
        print(f"{label:<48} {number(name, value):>8} {count:>4}  {limit:<15} {verdict}".rstrip())


def print_json(measures):
    """The same as one object."""
    rows = {}
    for name, (value, count) in measures.items():
        rows[name] = {"value": value, "count": count}
        if name in ALL_THRESHOLDS:
            kind, limit = ALL_THRESHOLDS[name]
            rows[name].update({kind.replace(" ", "_"): limit, "pass": kept(name, value)})
    print(json.dumps(rows, indent=1))


def describe(verdict):
    """One face in one line."""
    truth = verdict.truth
    x, y, width, height = truth.extent
    text = f"{truth.picture} at {x:.0f},{y:.0f} {width:.0f}x{height:.0f}"
    text += f"  yaw {truth.yaw_deg:.0f}{' frontal' if truth.frontal else ''}"
    if verdict.nme:
        text += "  NME 51 {:.4f} 68 {:.4f}".format(*verdict.nme)
    if verdict.pose:
        text += "  pose {:.1f} (yaw {:+.1f} pitch {:+.1f} roll {:+.1f})".format(*verdict.pose)
    return text


def print_worst(verdicts, count):
    """The missed faces, then those with the largest errors."""
    print("\nmissed")
    for verdict in verdicts:
        if not (verdict.met_by_box and verdict.met_by_points):
            by = "box" if verdict.met_by_points else "points" if verdict.met_by_box else "both"
            print(f"  by {by}: {describe(verdict)}")
    for title, chosen, key in (
        ("landmarks", [v for v in verdicts if v.nme], lambda v: -v.nme[0]),
        ("head pose", [v for v in verdicts if v.pose], lambda v: -v.pose[0]),
    ):
        print(f"worst {title}")
        for verdict in sorted(chosen, key=key)[:count]:
            print(f"  {describe(verdict)}")


# --- command line -------------------------------------------------------------------------------


def parse_arguments():
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
    return parser.parse_args()


def judge(arguments):
    """Reads, runs, measures, prints; the exit code."""
    media = arguments.mirror / "media"
    if not (media / FACES).is_file():
        raise JudgingError(f"read ground truth '{media / FACES}': there is no such file")
    pictures = read_truth(media)
    with tempfile.TemporaryDirectory() as folder:
        records = arguments.records
        if records is None:
            records = pathlib.Path(folder) / "records.jsonl"
            run_program(arguments.program, [media / p.path for p in pictures], records)
        elif not records.is_file():
            raise JudgingError(f"read records '{records}': there is no such file")
        faces_of = read_records(records)
    # The source of a record is the path as it was given; the part below media/ tells which it is.
    for picture in pictures:
        sources = [source for source in faces_of if source.endswith(picture.path)]
        if len(sources) != 1:
            raise JudgingError(
                f"find records of '{picture.path}': found {len(sources)} sources, not one"
            )
        picture.found = faces_of[sources[0]]

    verdicts, precision_counts = [], []
    for picture in pictures:
        of_picture, counts = judge_picture(picture)
        verdicts += of_picture
        if picture.all_labelled:
            precision_counts.append(counts)
    measures = summarize(verdicts, precision_counts)
    if arguments.records is None:
        try:
            measures.update(gaze_accuracy.judge(arguments.program, arguments.mirror))
        except RuntimeError as error:
            raise JudgingError(f"run '{arguments.program}' for gaze: {error}") from error
        try:
            measures.update(action_unit_accuracy.judge(arguments.program, arguments.mirror))
        except RuntimeError as error:
            raise JudgingError(f"run '{arguments.program}' for units: {error}") from error
    if arguments.json:
        print_json(measures)
    else:
        print_table(measures)
    if arguments.worst:
        print_worst(verdicts, arguments.worst)
    return 1 if any(kept(name, value) is False for name, (value, _) in measures.items()) else 0


def main():
    try:
        return judge(parse_arguments())
    except JudgingError as error:
        print(f"accuracy: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
