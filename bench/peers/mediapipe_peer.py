#!/usr/bin/env python3
"""MediaPipe's FaceLandmarker with blendshapes and transformation matrices, decoding left out.

Frames are decoded and made into MediaPipe images beforehand; only `detect` or `detect_for_video` is
measured. In IMAGE mode several threads or processes share the frames, a landmarker each. In VIDEO
mode a landmarker follows one source, so each thread or process has all frames, as a source of its
own.
"""

import argparse
import json
import pathlib
from collections.abc import Sequence

import mediapipe as mp
from mediapipe.tasks.python import BaseOptions, vision

import peer

MODEL = "models/face_landmarks/face_landmarker_v2_with_blendshapes.task"
FRAME_MS = 40


def versions() -> dict[str, str]:
    """Of what is measured and of what brings it the frames."""
    import cv2
    import numpy

    return {"mediapipe": mp.__version__, "opencv": cv2.__version__, "numpy": numpy.__version__}


class Landmarker:
    """One landmarker and the time of its source."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._video = options.mode == "video"
        running_mode = vision.RunningMode.VIDEO if self._video else vision.RunningMode.IMAGE
        self._task = vision.FaceLandmarker.create_from_options(
            vision.FaceLandmarkerOptions(
                base_options=BaseOptions(model_asset_path=str(pathlib.Path(options.mirror) / MODEL)),
                running_mode=running_mode,
                num_faces=options.num_faces,
                output_face_blendshapes=True,
                output_facial_transformation_matrixes=True,
            )
        )
        self._time_ms = 0

    def faces_in(self, images: Sequence[mp.Image]) -> int:
        """Analyses the images in order; how many faces were found in all of them."""
        faces = 0
        for image in images:
            if self._video:
                self._time_ms += FRAME_MS
                result = self._task.detect_for_video(image, self._time_ms)
            else:
                result = self._task.detect(image)
            assert len(result.face_blendshapes) == len(result.face_landmarks)
            faces += len(result.face_landmarks)
        return faces


def images_of(options: argparse.Namespace) -> list[mp.Image]:
    """The frames of this process, ready for the landmarker."""
    import cv2

    frames = peer.decoded(options.video, options.frames)
    if options.mode == "image":
        frames = list(peer.part_of(frames, options.part))
    return [
        mp.Image(image_format=mp.ImageFormat.SRGB, data=cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
        for frame in frames
    ]


def main() -> None:
    parser = peer.arguments(__doc__.splitlines()[0])
    parser.add_argument("--mode", choices=("image", "video"), default="image")
    parser.add_argument("--num-faces", type=int, default=1)
    options = parser.parse_args()
    if options.versions:
        print(json.dumps(versions()))
        return
    images = images_of(options)
    if options.mode == "image":
        shares = [peer.part_of(images, f"{k}/{options.threads}") for k in range(options.threads)]
    else:
        shares = [images] * options.threads
    landmarkers = [Landmarker(options) for _ in shares]
    for landmarker in landmarkers:
        landmarker.faces_in(images[: peer.WARM_UP_FRAMES])

    def job(landmarker: Landmarker, share: Sequence[mp.Image]) -> int:
        return sum(landmarker.faces_in(share) for _ in range(options.passes))

    jobs = [lambda pair=pair: job(*pair) for pair in zip(landmarkers, shares)]
    frames = sum(len(share) for share in shares) * options.passes
    peer.measure(frames, lambda: peer.run_threads(jobs))


if __name__ == "__main__":
    main()
