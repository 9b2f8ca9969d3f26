#!/usr/bin/env python3
"""A slow, plain reference of the face pipeline: pictures in, JSON lines out.

It follows the published descriptions step by step and shares no code with the C++ program, so that
the two can be held against each other (and both against ground truth with tools/accuracy.py):

    python3 -m venv refenv && refenv/bin/pip install -r tools/requirements-reference.txt
    refenv/bin/python tools/reference_faces.py --mirror MIRROR picture.jpg … > faces.jsonl

Coordinates: origin at the top-left corner of the top-left pixel, pixel centres at +0.5; x right,
y down. An affine map is a float64 [2, 3] matrix named to_from_source.
"""

import argparse
import json
import math
import os
import pathlib
import re
import sys
from dataclasses import dataclass

import numpy as np

from head_rotation import contract_angles
from reference_headpose import canonical_face, intrinsics_of, pose_weights, procrustes_perspective

DETECTOR = "models/face_detection/yunet_n_dynamic.onnx"
MESH = "models/face_landmarks/derived/mediapipe_face_landmarks_detector_478_fp32io.onnx"
BLENDSHAPES = "models/blendshapes/mediapipe_face_blendshapes.onnx"
BLENDSHAPE_TABLES = "models/blendshapes/mediapipe_landmark_subset_146_and_names.txt"

MESH_SIZE = 256
MESH_POINTS = 478
YUNET_STRIDES = (8, 16, 32)

# OpenCV's FaceDetectorYN defaults to 0.9 and 0.3. At 0.9 two of the 28 labelled faces are lost;
# what is found between 0.6 and 0.9 without being a face, the mesh's presence mostly denies.
SCORE_THRESHOLD = 0.6
NMS_IOU = 0.3
PRESENCE_THRESHOLD = 0.5

# Outer eye corners of the 478-point mesh: the person's right and left.
RIGHT_EYE_OUTER = 33
LEFT_EYE_OUTER = 263


@dataclass(frozen=True)
class Detection:
    """A face of the detector in picture pixels."""

    score: float  # [0, 1]
    box: np.ndarray  # f64 [4]: x, y, width, height
    keypoints: np.ndarray  # f64 [5, 2]: right eye, left eye, nose tip, right, left mouth corner


@dataclass(frozen=True)
class Roi:
    """A rotated square in picture pixels; its x axis points along angle_rad (clockwise as seen)."""

    center: np.ndarray  # f64 [2]
    size: float
    angle_rad: float


# --- sampling -----------------------------------------------------------------------------------


def read_picture(path):
    """The upright RGB picture, u8 [H, W, 3], turned as its EXIF orientation says."""
    from PIL import Image, ImageOps

    with Image.open(path) as picture:
        return np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))


def bilinear(picture, x, y, border):
    """Samples picture at corner-origin positions x, y (same shape); f64 [..., 3].

    border 'replicate' repeats the edge pixels; 'zero' is black outside.
    """
    height, width = picture.shape[:2]
    x, y = x - 0.5, y - 0.5
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    fraction_x, fraction_y = (x - left)[..., None], (y - top)[..., None]

    def pixel(column, row):
        value = picture[row.clip(0, height - 1), column.clip(0, width - 1)].astype(np.float64)
        if border == "zero":
            outside = (column < 0) | (column >= width) | (row < 0) | (row >= height)
            value[outside] = 0.0
        return value

    upper = pixel(left, top) * (1 - fraction_x) + pixel(left + 1, top) * fraction_x
    lower = pixel(left, top + 1) * (1 - fraction_x) + pixel(left + 1, top + 1) * fraction_x
    return upper * (1 - fraction_y) + lower * fraction_y


def sample(picture, picture_from_tensor, width, height, border, antialias=True):
    """The picture seen through picture_from_tensor, f64 [height, width, 3] in 0..255.

    When the map shrinks, each tensor pixel is the mean of k x k bilinear samples spread over it,
    k the shrink factor rounded up: without that, small tensors of large pictures alias.
    """
    shrink = math.sqrt(abs(np.linalg.det(picture_from_tensor[:, :2])))
    taps = max(1, math.ceil(shrink - 1e-6)) if antialias else 1
    total = np.zeros((height, width, 3))
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    for tap_y in range(taps):
        for tap_x in range(taps):
            u = columns + (tap_x + 0.5) / taps
            v = rows + (tap_y + 0.5) / taps
            x = picture_from_tensor[0, 0] * u + picture_from_tensor[0, 1] * v
            y = picture_from_tensor[1, 0] * u + picture_from_tensor[1, 1] * v
            x, y = x + picture_from_tensor[0, 2], y + picture_from_tensor[1, 2]
            total += bilinear(picture, x, y, border)
    return total / (taps * taps)


def apply(to_from_source, points):
    """Maps f64 [..., 2] through an affine map."""
    return points @ to_from_source[:, :2].T + to_from_source[:, 2]


# --- detection: YuNet ---------------------------------------------------------------------------


def letterbox(picture, long_side):
    """The detector's tensor f32 [1, 3, H, W] (BGR, 0..255) and picture_from_tensor.

    The picture is scaled so that its long side is long_side, put top-left, and padded with black
    to multiples of 32.
    """
    height, width = picture.shape[:2]
    scale = long_side / max(width, height)
    padded_width = math.ceil(round(width * scale) / 32) * 32
    padded_height = math.ceil(round(height * scale) / 32) * 32
    picture_from_tensor = np.array([[1 / scale, 0, 0], [0, 1 / scale, 0]])
    pixels = sample(picture, picture_from_tensor, padded_width, padded_height, "zero")
    tensor = pixels[None, :, :, ::-1].transpose(0, 3, 1, 2)
    return np.ascontiguousarray(tensor, dtype=np.float32), picture_from_tensor


def yunet_detections(outputs, tensor_shape, picture_from_tensor, score_threshold):
    """All detections over the threshold, before suppression.

    Wu, Peng, Yu, "YuNet: A Tiny Millisecond-level Face Detector", MIR 2023; formulas as in OpenCV's
    face_detect.cpp: score = sqrt(cls * obj), centre = (cell + d) * s, size = exp(d) * s,
    keypoint = (cell + d) * s.
    """
    _, _, height, width = tensor_shape
    scale = picture_from_tensor[0, 0]
    found = []
    for stride in YUNET_STRIDES:
        columns, rows = width // stride, height // stride
        cls = outputs[f"cls_{stride}"].reshape(-1).clip(0, 1).astype(np.float64)
        obj = outputs[f"obj_{stride}"].reshape(-1).clip(0, 1).astype(np.float64)
        boxes = outputs[f"bbox_{stride}"].reshape(-1, 4).astype(np.float64)
        keypoints = outputs[f"kps_{stride}"].reshape(-1, 5, 2).astype(np.float64)
        assert len(cls) == rows * columns, (len(cls), rows, columns)
        score = np.sqrt(cls * obj)
        for index in np.flatnonzero(score >= score_threshold):
            cell = np.array([index % columns, index // columns], dtype=np.float64)
            center = (cell + boxes[index, :2]) * stride
            size = np.exp(boxes[index, 2:]) * stride
            corner = apply(picture_from_tensor, center - size / 2)
            found.append(
                Detection(
                    score=float(score[index]),
                    box=np.concatenate([corner, size * scale]),
                    keypoints=apply(picture_from_tensor, (cell + keypoints[index]) * stride),
                )
            )
    return found


def iou(a, b):
    """Intersection over union of two x, y, width, height boxes."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(0.0, width) * max(0.0, height)
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)


def suppress(detections, iou_threshold):
    """Greedy non-maximum suppression: best score first."""
    kept = []
    for detection in sorted(detections, key=lambda d: -d.score):
        if all(iou(detection.box, other.box) <= iou_threshold for other in kept):
            kept.append(detection)
    return kept


# --- from a detection to the mesh ---------------------------------------------------------------


@dataclass(frozen=True)
class RoiRule:
    """How a detection becomes the mesh's region; tools/reference_roi_sweep.py compares them."""

    angle: str  # "eyes": the line of the eyes; "face": that and the line from the eyes to the mouth
    side: str  # "long": the box's long side; "geometric": the square root of its area
    scale: float  # side of the region over side of the box
    shift: float  # of the centre, in box sides towards the chin


# MediaPipe's rule for its own detector, whose boxes have other proportions than YuNet's.
MEDIAPIPE_RULE = RoiRule("eyes", "long", 1.5, 0.0)
# The best of the sweep over errors and presence, on the ground truth and on turned copies of it.
MEASURED_RULE = RoiRule("face", "geometric", 1.4, 0.05)

# The mesh is run a second time on faces that are turned farther than this; the first mesh gives the
# region. Profiles gain, others do not.
REFINE_YAW_DEG = 30.0
REFINE_SCALE = 1.25


def roi_of_detection(detection, rule=MEASURED_RULE):
    """The region that the mesh looks at first."""
    right_eye, left_eye, _, right_mouth, left_mouth = detection.keypoints
    across = left_eye - right_eye
    if rule.angle == "face":
        # Turned by 90 degrees, the line from eyes to mouth points the same way. In the sum each
        # weighs by its length: a profile's eyes are close together and say little.
        down = (right_mouth + left_mouth - right_eye - left_eye) / 2
        across = across + np.array([down[1], -down[0]])
    angle = math.atan2(across[1], across[0])
    width, height = detection.box[2:]
    side = max(width, height) if rule.side == "long" else math.sqrt(width * height)
    towards_chin = np.array([-math.sin(angle), math.cos(angle)])
    center = detection.box[:2] + detection.box[2:] / 2 + rule.shift * side * towards_chin
    return Roi(center, side * rule.scale, angle)


def roi_of_landmarks(landmarks, scale=1.5):
    """MediaPipe's tracking rule: a square around the upright extent, its long side scaled."""
    right, left = landmarks[RIGHT_EYE_OUTER, :2], landmarks[LEFT_EYE_OUTER, :2]
    angle = math.atan2(left[1] - right[1], left[0] - right[0])
    low, high = landmarks[:, :2].min(0), landmarks[:, :2].max(0)
    return Roi((low + high) / 2, float((high - low).max()) * scale, angle)


def picture_from_mesh_tensor(roi):
    """Maps mesh-tensor pixels (0..256) to the picture."""
    step = roi.size / MESH_SIZE
    cosine, sine = math.cos(roi.angle_rad), math.sin(roi.angle_rad)
    linear = step * np.array([[cosine, -sine], [sine, cosine]])
    offset = roi.center - linear @ np.full(2, MESH_SIZE / 2)
    return np.column_stack([linear, offset])


def sigmoid(x):
    return 1.0 / (1.0 + math.exp(-x))


class FaceModels:
    """The three networks, each on one thread of the CPU."""

    def __init__(self, mirror, detector=DETECTOR, mesh=MESH):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1

        def session(path):
            return onnxruntime.InferenceSession(
                str(pathlib.Path(mirror) / path), options, providers=["CPUExecutionProvider"]
            )

        self.detector = session(detector)
        self.mesh = session(mesh)
        self.blendshapes = session(BLENDSHAPES)
        tables = (pathlib.Path(mirror) / BLENDSHAPE_TABLES).read_text(encoding="utf-8")
        self.blendshape_points, self.blendshape_names = blendshape_tables(tables)
        self.canonical, basis = canonical_face(mirror)
        self.weights = pose_weights(basis)

    def detect(self, picture, long_side, score_threshold=SCORE_THRESHOLD, nms_iou=NMS_IOU):
        tensor, picture_from_tensor = letterbox(picture, long_side)
        names = [output.name for output in self.detector.get_outputs()]
        values = self.detector.run(names, {self.detector.get_inputs()[0].name: tensor})
        outputs = dict(zip(names, values))
        found = yunet_detections(outputs, tensor.shape, picture_from_tensor, score_threshold)
        return suppress(found, nms_iou)

    def landmarks(self, picture, roi, border="replicate", antialias=True):
        """The mesh, f64 [478, 3] in picture pixels (z in the unit of x), and its presence."""
        picture_from_tensor = picture_from_mesh_tensor(roi)
        pixels = sample(picture, picture_from_tensor, MESH_SIZE, MESH_SIZE, border, antialias)
        tensor = np.ascontiguousarray(pixels.transpose(2, 0, 1)[None] / 255.0, dtype=np.float32)
        points, logit = self.mesh.run(
            ["landmarks", "presence_logit"], {self.mesh.get_inputs()[0].name: tensor}
        )
        points = points.reshape(MESH_POINTS, 3).astype(np.float64)
        mapped = apply(picture_from_tensor, points[:, :2])
        depth = points[:, 2:] * (roi.size / MESH_SIZE)
        return np.concatenate([mapped, depth], axis=1), sigmoid(float(logit.reshape(())))

    def head_pose(self, landmarks, picture, fov_deg=60.0):
        """Head rotation in camera axes and translation in millimetres."""
        height, width = picture.shape[:2]
        intrinsics = intrinsics_of(width, height, fov_deg)
        return procrustes_perspective(landmarks, self.canonical, self.weights, intrinsics)

    def refined_landmarks(self, picture, detection, rule=MEASURED_RULE):
        """Landmarks and presence after one mesh run, or two where the face is turned far."""
        landmarks, presence = self.landmarks(picture, roi_of_detection(detection, rule))
        yaw_deg = contract_angles(self.head_pose(landmarks, picture)[0])[0]
        if abs(yaw_deg) < REFINE_YAW_DEG:
            return landmarks, presence
        return self.landmarks(picture, roi_of_landmarks(landmarks, REFINE_SCALE))

    def expressions(self, landmarks):
        """MediaPipe's 52 blendshapes by name, from 146 points in picture pixels."""
        points = landmarks[self.blendshape_points, :2][None].astype(np.float32)
        scores = self.blendshapes.run(None, {self.blendshapes.get_inputs()[0].name: points})[0]
        return dict(zip(self.blendshape_names, (float(s) for s in scores.reshape(-1))))


def blendshape_tables(text):
    """The 146 point indices and 52 names from the excerpt of face_blendshapes_graph.cc.

    The excerpt breaks off after 48 names; the four that are missing are upstream's last.
    """
    indices_text = re.search(r"=\s*\{(.*?)\}", text, flags=re.DOTALL).group(1)
    indices = [int(number) for number in re.findall(r"\d+", indices_text)]
    names = re.findall(r'"(\w+)"', text)
    if names[-1] == "mouthStretchRight":
        names += ["mouthUpperUpLeft", "mouthUpperUpRight", "noseSneerLeft", "noseSneerRight"]
    if len(indices) != 146 or len(names) != 52:
        raise ValueError(f"blendshape tables: found {len(indices)} points and {len(names)} names")
    return indices, names


# --- records ------------------------------------------------------------------------------------


def face_record(models, picture, detection, landmarks, presence, fov_deg):
    """One entry of a record's faces."""
    rotation, translation = models.head_pose(landmarks, picture, fov_deg)
    yaw, pitch, roll = contract_angles(rotation)
    return {
        "score": detection.score,
        "presence": presence,
        "box": detection.box.tolist(),
        "keypoints": detection.keypoints.tolist(),
        "landmarks": landmarks.tolist(),
        "blendshapes": models.expressions(landmarks),
        "head_pose": {
            "yaw_deg": yaw,
            "pitch_deg": pitch,
            "roll_deg": roll,
            "translation_mm": translation.tolist(),
        },
    }


def picture_record(models, path, arguments):
    """The record of one picture."""
    picture = read_picture(path)
    faces = []
    for detection in models.detect(picture, arguments.detect_size, arguments.min_score):
        if arguments.roi_rule == "mediapipe":
            landmarks, presence = models.landmarks(
                picture, roi_of_detection(detection, MEDIAPIPE_RULE)
            )
        else:
            landmarks, presence = models.refined_landmarks(picture, detection)
        if presence >= PRESENCE_THRESHOLD:
            faces.append(
                face_record(models, picture, detection, landmarks, presence, arguments.fov)
            )
    height, width = picture.shape[:2]
    return {
        "source": path,
        "frame": 0,
        "time_s": 0.0,
        "width": width,
        "height": height,
        "faces": faces,
    }


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pictures", nargs="+")
    parser.add_argument(
        "--mirror", default=os.environ.get("RETINUE_MIRROR"), help="folder with models/ in it"
    )
    parser.add_argument("--detect-size", type=int, default=640)
    parser.add_argument("--min-score", type=float, default=SCORE_THRESHOLD)
    parser.add_argument("--fov", type=float, default=60.0, help="horizontal, in degrees")
    parser.add_argument("--roi-rule", choices=("measured", "mediapipe"), default="measured")
    arguments = parser.parse_args()
    if not arguments.mirror:
        parser.error("--mirror is needed, or RETINUE_MIRROR")
    return arguments


def main():
    arguments = parse_arguments()
    models = FaceModels(arguments.mirror)
    for path in arguments.pictures:
        print(json.dumps(picture_record(models, path, arguments)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
