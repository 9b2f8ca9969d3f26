#!/usr/bin/env python3
"""Compares rules that turn a YuNet detection into the mesh's region, on ground truth.

Each rule is judged by the landmark error of tools/accuracy.py's two groups of faces and by the
mesh's own presence: a rule that cuts faces badly shows there first.
"""

import argparse
import os
import pathlib
import sys

import numpy as np

import accuracy
import reference_faces
from reference_faces import RoiRule

RULES = [
    *(RoiRule("eyes", "long", scale / 10, 0.0) for scale in (12, 13, 14, 15, 16, 18, 20)),
    *(RoiRule("eyes", "long", 1.5, shift) for shift in (-0.1, -0.05, 0.05, 0.1)),
    *(RoiRule("eyes", "geometric", scale, 0.05) for scale in (1.3, 1.4, 1.5)),
    *(RoiRule("face", "long", scale, 0.05) for scale in (1.2, 1.3)),
    *(RoiRule("face", "geometric", scale, 0.05) for scale in (1.2, 1.3, 1.4, 1.5, 1.6)),
    *(RoiRule("face", "geometric", 1.4, shift) for shift in (0.0, 0.03, 0.08, 0.1)),
]


def labelled_faces(models, media):
    """(truth, picture, detection) of every labelled face that the detector finds."""
    faces = []
    for entry in accuracy.read_truth(media):
        picture = reference_faces.read_picture(media / entry.path)
        detections = models.detect(picture, 640)
        truth_boxes = [truth.extent for truth in entry.truth]
        found_of = accuracy.match(truth_boxes, [detection.box for detection in detections])
        faces += [(entry.truth[t], picture, detections[f]) for t, f in found_of.items()]
    return faces


def row(name, meshes):
    """One line of the table from (truth, landmarks, presence) of each face."""
    presences = np.array([presence for _, _, presence in meshes])
    text = f"{name:<34}"
    for frontal in (True, False):
        errors = [
            accuracy.normalized_errors(truth.points, landmarks[accuracy.MESH_OF_IBUG, :2])
            for truth, landmarks, _ in meshes
            if truth.frontal == frontal
        ]
        text += "  {:.4f} {:.4f}".format(*np.mean(errors, axis=0))
    return f"{text}  {presences.min():8.3f} {presences.mean():6.3f} {(presences < 0.5).sum():4d}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mirror", default=os.environ.get("RETINUE_MIRROR"))
    arguments = parser.parse_args()
    if not arguments.mirror:
        parser.error("--mirror is needed, or RETINUE_MIRROR")
    models = reference_faces.FaceModels(arguments.mirror)
    faces = labelled_faces(models, pathlib.Path(arguments.mirror) / "media")
    frontal = sum(truth.frontal for truth, _, _ in faces)
    print(f"{len(faces)} faces, {frontal} of them frontal and large enough")
    columns = "frontal 51 68   other 51 68     presence: min, mean, <.5"
    print(f"{'angle, side, scale, shift':<34}  {columns}")
    for rule in RULES:
        meshes = []
        for truth, picture, detection in faces:
            roi = reference_faces.roi_of_detection(detection, rule)
            meshes.append((truth, *models.landmarks(picture, roi)))
        print(
            row(f"{rule.angle}, {rule.side}, x{rule.scale:g}, {rule.shift:+g}", meshes), flush=True
        )
    refined = [
        (truth, *models.refined_landmarks(picture, detection))
        for truth, picture, detection in faces
    ]
    print(row("measured rule, twice in profile", refined))
    return 0


if __name__ == "__main__":
    sys.exit(main())
