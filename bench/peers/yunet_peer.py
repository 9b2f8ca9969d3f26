#!/usr/bin/env python3
"""OpenCV's FaceDetectorYN, decoding left out: resize to a long side of 320, then detect.

Frames are decoded beforehand. The model file and the score threshold are Retinue's.
"""

import argparse
import pathlib
from collections.abc import Sequence

import cv2
import numpy as np

import peer

MODEL = "models/face_detection/yunet_n_dynamic.onnx"
LONG_SIDE = 320
MIN_SCORE = 0.7


def detector_size(frame: np.ndarray) -> tuple[int, int]:
    """Width and height of the frame at the detector's long side."""
    height, width = frame.shape[:2]
    scale = LONG_SIDE / max(width, height)
    return round(width * scale), round(height * scale)


def faces_in(detector: cv2.FaceDetectorYN, frames: Sequence[np.ndarray]) -> int:
    """How many faces there are in all the frames."""
    faces = 0
    size = detector_size(frames[0])
    for frame in frames:
        _, found = detector.detect(cv2.resize(frame, size))
        faces += 0 if found is None else len(found)
    return faces


def create_detector(options: argparse.Namespace, frame: np.ndarray) -> cv2.FaceDetectorYN:
    """A detector for frames of this size, with OpenCV's own defaults otherwise."""
    model = str(pathlib.Path(options.mirror) / MODEL)
    return cv2.FaceDetectorYN.create(model, "", detector_size(frame), MIN_SCORE)


def main() -> None:
    parser = peer.arguments(__doc__.splitlines()[0])
    parser.add_argument("--opencv-threads", type=int, help="cv2.setNumThreads; default: OpenCV's own")
    options = parser.parse_args()
    if options.opencv_threads is not None:
        cv2.setNumThreads(options.opencv_threads)
    frames = peer.part_of(peer.decoded(options.video, options.frames), options.part)
    shares = [peer.part_of(frames, f"{k}/{options.threads}") for k in range(options.threads)]
    detectors = [create_detector(options, frames[0]) for _ in shares]
    for detector in detectors:
        faces_in(detector, frames[: peer.WARM_UP_FRAMES])

    def job(detector: cv2.FaceDetectorYN, share: Sequence[np.ndarray]) -> int:
        return sum(faces_in(detector, share) for _ in range(options.passes))

    jobs = [lambda pair=pair: job(*pair) for pair in zip(detectors, shares)]
    peer.measure(len(frames) * options.passes, lambda: peer.run_threads(jobs))


if __name__ == "__main__":
    main()
