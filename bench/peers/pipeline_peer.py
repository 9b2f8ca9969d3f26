#!/usr/bin/env python3
"""The usual Python pipeline: a capture thread, a queue, ONNX Runtime; decoding included.

A thread reads cv2.VideoCapture into a bounded queue; one or more workers take frames from it, detect
with YuNet at a long side of 320, and look at each face with the 478-point mesh and the blendshape
model. Model files, thresholds and the region around a face are Retinue's.
"""

import argparse
import json
import math
import pathlib
import queue
import re
import threading

import cv2
import numpy as np
import onnxruntime

import peer

DETECTOR = "models/face_detection/yunet_n_dynamic.onnx"
MESH = "models/face_landmarks/derived/mediapipe_face_landmarks_detector_478_fp32io.onnx"
BLENDSHAPES = "models/blendshapes/mediapipe_face_blendshapes.onnx"
BLENDSHAPE_TABLES = "models/blendshapes/mediapipe_landmark_subset_146_and_names.txt"

LONG_SIDE = 320
MESH_SIZE = 256
MIN_SCORE = 0.7
NMS_IOU = 0.3
MIN_PRESENCE_LOGIT = 0.0  # a presence of 0.5
QUEUE_FRAMES = 8


def versions() -> dict[str, str]:
    """Of what is measured."""
    return {"onnxruntime": onnxruntime.__version__, "opencv": cv2.__version__, "numpy": np.__version__}


def create_session(path: pathlib.Path, intra_op_threads: int) -> onnxruntime.InferenceSession:
    """0 threads are ONNX Runtime's default: as many as cores."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = intra_op_threads
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


class FaceDetector:
    """YuNet: boxes and five points in frame pixels."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        self._input = session.get_inputs()[0].name
        self._outputs = [f"{kind}_{stride}" for kind in ("cls", "obj", "bbox", "kps") for stride in (8, 16, 32)]
        self._cells: dict[tuple[int, int], list[np.ndarray]] = {}

    def __call__(self, frame: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """f32 [N, 4] of x, y, width, height and f32 [N, 5, 2]."""
        height, width = frame.shape[:2]
        scale = LONG_SIDE / max(width, height)
        small = cv2.resize(frame, (round(width * scale), round(height * scale)))
        right, bottom = -small.shape[1] % 32, -small.shape[0] % 32
        padded = cv2.copyMakeBorder(small, 0, bottom, 0, right, cv2.BORDER_CONSTANT)
        outputs = self._session.run(self._outputs, {self._input: cv2.dnn.blobFromImage(padded)})
        boxes, keypoints = self._decode(outputs, padded.shape[0], padded.shape[1])
        return boxes / scale, keypoints / scale

    def _decode(self, outputs: list[np.ndarray], rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
        """Faces in pixels of the detector's input, without overlaps."""
        all_scores, all_boxes, all_keypoints = [], [], []
        for index, stride in enumerate((8, 16, 32)):
            cls, obj, bbox, kps = (outputs[kind * 3 + index][0] for kind in range(4))
            scores = np.sqrt(np.clip(cls[:, 0], 0, 1) * np.clip(obj[:, 0], 0, 1))
            keep = np.flatnonzero(scores >= MIN_SCORE)
            cells = self._grid(rows // stride, columns // stride)[keep]
            sizes = np.exp(bbox[keep, 2:]) * stride
            corners = (cells + bbox[keep, :2]) * stride - sizes / 2
            all_scores.append(scores[keep])
            all_boxes.append(np.hstack([corners, sizes]))
            all_keypoints.append((cells[:, None] + kps[keep].reshape(-1, 5, 2)) * stride)
        scores, boxes = np.concatenate(all_scores), np.concatenate(all_boxes)
        kept = np.asarray(cv2.dnn.NMSBoxes(boxes, scores, MIN_SCORE, NMS_IOU), dtype=int).reshape(-1)
        return boxes[kept], np.concatenate(all_keypoints)[kept]

    def _grid(self, rows: int, columns: int) -> np.ndarray:
        """Column and row of each cell, f32 [rows * columns, 2]."""
        if (rows, columns) not in self._cells:
            grid = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1)
            self._cells[rows, columns] = grid.reshape(-1, 2).astype(np.float32)
        return self._cells[rows, columns]


def tensor_from_frame(box: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """The affine map of the turned square around the face onto the mesh's input, f64 [2, 3]."""
    right_eye, left_eye = keypoints[0], keypoints[1]
    down = (keypoints[3] + keypoints[4]) / 2 - (right_eye + left_eye) / 2
    across = (left_eye - right_eye) + np.array([down[1], -down[0]])
    angle = math.atan2(across[1], across[0])
    side = math.sqrt(float(box[2] * box[3]))
    center = box[:2] + box[2:] / 2 + 0.05 * side * np.array([-math.sin(angle), math.cos(angle)])
    scale = MESH_SIZE / (1.4 * side)
    turn = scale * np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    return np.hstack([turn, (MESH_SIZE / 2 - turn @ center)[:, None]])


class FaceMesh:
    """The 478 points of a face in frame pixels, or nothing where there is no face."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        self._input = session.get_inputs()[0].name

    def __call__(self, frame: np.ndarray, box: np.ndarray, keypoints: np.ndarray) -> np.ndarray | None:
        affine = tensor_from_frame(box, keypoints)
        crop = cv2.warpAffine(frame, affine, (MESH_SIZE, MESH_SIZE))
        blob = cv2.dnn.blobFromImage(crop, 1 / 255, swapRB=True)
        landmarks, presence = self._session.run(["landmarks", "presence_logit"], {self._input: blob})
        if presence.item() < MIN_PRESENCE_LOGIT:
            return None
        points = landmarks.reshape(478, 3)
        back = cv2.invertAffineTransform(affine)
        xy = points[:, :2] @ back[:, :2].T + back[:, 2]
        z = points[:, 2:] * math.hypot(back[0, 0], back[0, 1])
        return np.hstack([xy, z])


class Blendshapes:
    """52 scores of a mesh."""

    def __init__(self, session: onnxruntime.InferenceSession, tables: pathlib.Path) -> None:
        self._session = session
        self._input = session.get_inputs()[0].name
        indices = re.search(r"\{([\d,\s]+)\}", tables.read_text())
        if indices is None:
            raise SystemExit(f"reading '{tables}': found no list of landmark indices in braces")
        self._subset = np.array([int(number) for number in re.findall(r"\d+", indices[1])])

    def __call__(self, landmarks: np.ndarray) -> np.ndarray:
        points = landmarks[None, self._subset, :2].astype(np.float32)
        return self._session.run(None, {self._input: points})[0]


class Analyser:
    """All models on one frame."""

    def __init__(self, mirror: pathlib.Path, intra_op_threads: int) -> None:
        self._detector = FaceDetector(create_session(mirror / DETECTOR, intra_op_threads))
        self._mesh = FaceMesh(create_session(mirror / MESH, intra_op_threads))
        self._blendshapes = Blendshapes(
            create_session(mirror / BLENDSHAPES, intra_op_threads), mirror / BLENDSHAPE_TABLES
        )

    def __call__(self, frame: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """Landmarks and blendshapes of each face."""
        faces = []
        for box, keypoints in zip(*self._detector(frame)):
            landmarks = self._mesh(frame, box, keypoints)
            if landmarks is not None:
                faces.append((landmarks, self._blendshapes(landmarks)))
        return faces


def capture(options: argparse.Namespace, frames: queue.Queue) -> None:
    """Decodes the video, `passes` times, into the queue; None for each worker at the end."""
    for _ in range(options.passes):
        source = cv2.VideoCapture(options.video)
        count = 0
        while options.frames is None or count < options.frames:
            found, frame = source.read()
            if not found:
                break
            frames.put(frame)
            count += 1
        source.release()
    for _ in range(options.threads):
        frames.put(None)


def analyse(frames: queue.Queue, analyser: Analyser, counts: list[int]) -> int:
    """Takes frames until None; appends how many they were, returns the faces found."""
    faces = count = 0
    while (frame := frames.get()) is not None:
        faces += len(analyser(frame))
        count += 1
    counts.append(count)
    return faces


def main() -> None:
    parser = peer.arguments(__doc__.splitlines()[0])
    parser.add_argument("--intra-op", type=int, default=0, help="ONNX Runtime threads; 0: its default")
    parser.add_argument("--opencv-threads", type=int, help="cv2.setNumThreads; default: OpenCV's own")
    options = parser.parse_args()
    if options.versions:
        print(json.dumps(versions()))
        return
    if options.opencv_threads is not None:
        cv2.setNumThreads(options.opencv_threads)
    analyser = Analyser(pathlib.Path(options.mirror), options.intra_op)
    warm_up = peer.decoded(options.video, options.frames)
    for frame in warm_up[: peer.WARM_UP_FRAMES]:
        analyser(frame)
    expected = len(warm_up) * options.passes
    del warm_up
    frames: queue.Queue = queue.Queue(maxsize=QUEUE_FRAMES)
    counts: list[int] = []

    def work() -> int:
        threading.Thread(target=capture, args=(options, frames), daemon=True).start()
        return peer.run_threads([lambda: analyse(frames, analyser, counts)] * options.threads)

    peer.measure(expected, work)
    if sum(counts) != expected:
        raise SystemExit(f"'{options.video}': {sum(counts)} frames analysed, expected {expected}")


if __name__ == "__main__":
    main()
