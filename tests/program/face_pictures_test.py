#!/usr/bin/env python3
"""Tasks that ask a model about a picture of each face: who it is like, and what it shows."""
import collections
import csv
import json
import math
import unittest

from program_case import ProgramCase, main, media, model

TWO_PEOPLE = "images/face_recognition/two_people.jpg"
SMILE = "images/pyfeat/0-f15-hao-ph.jpg"
CHILDREN = "videos/faces/ptgaze_video01.mp4"
EMOTIONS = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]


def cosine(a, b):
    return sum(x * y for x, y in zip(a, b)) / math.hypot(*a) / math.hypot(*b)


def mean(vectors):
    return [sum(numbers) / len(vectors) for numbers in zip(*vectors)]


class FacePictures(ProgramCase):
    def test_help_names_the_tasks(self):
        self.assertIn("embedding emotion", self.retinue("run", "--help").stdout)

    def test_both_bring_faces_and_nothing_else(self):
        faces = self.records(media(TWO_PEOPLE), "--tasks", "embedding,emotion")[0]["faces"]
        self.assertEqual(len(faces), 2)
        for face in faces:
            self.assertEqual(set(face), {"track", "score", "box", "keypoints", "embedding", "emotion"})
            self.assertEqual(len(face["embedding"]), 128)
            self.assertAlmostEqual(math.hypot(*face["embedding"]), 1, delta=1e-3)
            self.assertEqual(list(face["emotion"]), EMOTIONS)
            self.assertAlmostEqual(sum(face["emotion"].values()), 1, delta=1e-3)

    def test_a_table_has_the_emotions_of_the_records(self):
        records, table = self.folder / "out.jsonl", self.folder / "out.csv"
        self.retinue("run", media(SMILE), "--tasks", "embedding,emotion", "--jsonl", records, "--csv", table)
        emotions = json.loads(records.read_text())["faces"][0]["emotion"]
        with open(table, newline="") as file:
            row = next(csv.DictReader(file))
        self.assertEqual({name: float(row[f"emotion_{name}"]) for name in EMOTIONS}, emotions)
        self.assertEqual(max(emotions, key=emotions.get), "happy")

    def test_a_model_that_is_named_is_recognised(self):
        file = self.folder / "mine.onnx"
        file.write_bytes(model("face_recognition/mobilefacenet_arcface.onnx").read_bytes())
        face = self.records(media(SMILE), "--tasks", "embedding", "--model", f"embedding={file}")[0]["faces"][0]
        self.assertEqual(len(face["embedding"]), 128)
        refused = self.retinue("run", media(SMILE), "--tasks", "emotion", "--model", f"emotion={file}", expect=3)
        self.assert_one_sentence(refused, "emotion", "fer2013")

    def test_each_person_of_a_video_is_nearest_to_themselves(self):
        tracks = collections.defaultdict(list)
        for record in self.records(media(CHILDREN), "--tasks", "embedding", "--frames", ":120"):
            for face in record["faces"]:
                tracks[face["track"]].append(face["embedding"])
        lasting = {track: vectors for track, vectors in tracks.items() if len(vectors) >= 80}
        self.assertEqual(len(lasting), 3)
        before = {track: mean(vectors[:25]) for track, vectors in lasting.items()}
        after = {track: mean(vectors[-25:]) for track, vectors in lasting.items()}
        for track, vector in after.items():
            self.assertEqual(max(before, key=lambda other: cosine(before[other], vector)), track)


if __name__ == "__main__":
    main()
