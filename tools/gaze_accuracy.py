"""How far the gaze is from the camera on portraits of people who look into it; part of accuracy.py.

Which pictures these are was judged by eye: one person each, both eyes seen, whole pictures and not
cut-outs (the ray to the face counts from the middle of the picture, which a cut-out has lost).

The ten synthetic eyes of the mirror (UnityEyes, gt/gaze_unityeyes_synthetic) are not judged: they are
eyes without a face, and the directions published with them are not theirs. Number 3 looks down and
number 6 up, and both are said to look down by 0.22 of the unit vector; the gaze net, fed with them,
follows the labels in no way (correlations between -0.3 and 0.15).
"""

import json
import math
import os
import subprocess

import numpy as np

# Below media/ of the mirror.
PORTRAITS = [
    "golden/tfjs_face/portrait.jpg",
    "images/faces/mediapipe_sergey.png",
    "images/face_recognition/biden.jpg",
    "images/face_recognition/obama.jpg",
    "images/pyfeat/0-f1-su-ph.jpg",
    "images/pyfeat/0-f15-hao-ph.jpg",
    "images/pyfeat/single_face.jpg",
    "gt/aflw2000/image00081.jpg",
]
# Below models/ of the mirror: the catalogue has no gaze model yet.
MODEL = "gaze/derived/gaze-estimation-adas-0002.onnx"

FIELD_OF_VIEW_DEG = 60.0  # the program's own default

# name of the measure -> (kind, limit)
THRESHOLDS = {
    "gaze_deg": ("at most", 8.0),
    "gaze_eyes_deg": ("at most", 10.0),
}

LABELS = {
    "gaze_deg": "gaze into the camera, mean angle off it (degrees)",
    "gaze_yaw_deg": "gaze into the camera, mean |yaw| off it",
    "gaze_pitch_deg": "gaze into the camera, mean |pitch| off it",
    "gaze_eyes_deg": "gaze of single eyes, mean angle off the camera",
}

RIGHT_EYE, LEFT_EYE = (33, 133), (263, 362)  # corners in the mesh


def direction(gaze):
    """f64 [3] in camera axes of the contract's yaw and pitch."""
    yaw, pitch = math.radians(gaze["yaw_deg"]), math.radians(gaze["pitch_deg"])
    return np.array(
        [
            math.cos(pitch) * math.sin(yaw),
            -math.sin(pitch),
            -math.cos(pitch) * math.cos(yaw),
        ]
    )


def towards_camera(record, face, corners):
    """Yaw and pitch of the direction from the middle of the corners to the camera."""
    landmarks = np.array(face["landmarks"], dtype=np.float64)
    x, y = landmarks[list(corners), :2].mean(axis=0)
    focal = record["width"] / 2 / math.tan(math.radians(FIELD_OF_VIEW_DEG / 2))
    x, y = (x - record["width"] / 2) / focal, (y - record["height"] / 2) / focal
    return {
        "yaw_deg": math.degrees(math.atan2(-x, 1)),
        "pitch_deg": math.degrees(math.atan2(y, math.hypot(x, 1))),
    }


def angle_deg(a, b):
    """Between two directions as yaw and pitch."""
    return math.degrees(math.acos(np.clip(direction(a) @ direction(b), -1, 1)))


def measures_of(records):
    """name -> (value or None, number of gazes) of records with one portrait each."""
    whole, eyes, yaws, pitches = [], [], [], []
    for record in records:
        for face in record["faces"][:1]:  # the surest
            if "gaze" not in face:
                continue
            gaze = face["gaze"]
            camera = towards_camera(record, face, RIGHT_EYE + LEFT_EYE)
            whole.append(angle_deg(gaze, camera))
            yaws.append(abs(gaze["yaw_deg"] - camera["yaw_deg"]))
            pitches.append(abs(gaze["pitch_deg"] - camera["pitch_deg"]))
            for eye, corners in (("left", LEFT_EYE), ("right", RIGHT_EYE)):
                if eye in gaze:
                    eyes.append(angle_deg(gaze[eye], towards_camera(record, face, corners)))

    def measure(values):
        return (float(np.mean(values)) if values else None, len(values))

    return {
        "gaze_deg": measure(whole),
        "gaze_yaw_deg": measure(yaws),
        "gaze_pitch_deg": measure(pitches),
        "gaze_eyes_deg": measure(eyes),
    }


def judge(program, mirror):
    """Runs the program on the portraits; the measures. RuntimeError: it failed."""
    pictures = [str(mirror / "media" / picture) for picture in PORTRAITS]
    command = [program, "run", *pictures, "--jsonl", "-", "-q", "--tasks", "gaze"]
    command += ["--model", f"gaze={mirror / 'models' / MODEL}"]
    environment = {**os.environ, "RETINUE_MIRROR": str(mirror)}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment
    )
    if done.returncode != 0:
        raise RuntimeError(f"exit code {done.returncode}: {done.stderr.strip()}")
    return measures_of([json.loads(line) for line in done.stdout.splitlines()])
