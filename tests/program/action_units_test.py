#!/usr/bin/env python3
"""Action units of real faces, and the CSV that scripts for OpenFace read."""
import csv
import statistics
import unittest

from program_case import ProgramCase, main, media

INTENSITIES = [f"AU{n:02d}" for n in (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 25, 26, 45)]
PRESENCES = sorted([*INTENSITIES, "AU28"])
VIDEO = "videos/faces/pyfeat_single_face.mp4"

# Posed expressions: the file's name says which (su surprise, hao happy, an anger). The units are those that the
# Facial Action Coding System's table of emotions gives to it and that can be seen in the picture. The disgusted face
# is turned to profile and is left out.
POSED = {
    "images/pyfeat/0-f1-su-ph.jpg": ["AU01", "AU02", "AU05", "AU25", "AU26"],
    "images/pyfeat/0-f15-hao-ph.jpg": ["AU06", "AU12", "AU25"],
    "images/pyfeat/15-f13-anc-ph.jpg": ["AU04", "AU07", "AU17", "AU23"],
}
# A broad smile narrows the eyes: whether the lids are tightened, too, cannot be told from the picture.
UNKNOWN = {("images/pyfeat/0-f15-hao-ph.jpg", "AU07")}


class ActionUnits(ProgramCase):
    def test_a_face_has_every_unit(self):
        face = self.records(media("images/pyfeat/0-f1-su-ph.jpg"), "--tasks", "action-units")[0]["faces"][0]
        self.assertEqual(sorted(face["action_units"]), PRESENCES)
        for name, unit in face["action_units"].items():
            self.assertEqual(set(unit), {"present"} if name == "AU28" else {"intensity", "present"})
            self.assertTrue(0 <= unit.get("intensity", 0) <= 5)
        self.assertIn("blendshapes", face)

    def test_units_of_an_expression_are_clearly_above_those_of_faces_without_it(self):
        pictures = list(POSED)
        records = self.records(*map(media, pictures), "--tasks", "action-units")
        found = {picture: record["faces"][0]["action_units"] for picture, record in zip(pictures, records)}
        for picture, units in POSED.items():
            for unit in units:
                expressed = found[picture][unit]
                with self.subTest(picture=picture, unit=unit):
                    self.assertTrue(expressed["present"], expressed)
                    others = [found[other][unit]["intensity"] for other in pictures
                              if unit not in POSED[other] and (other, unit) not in UNKNOWN]
                    self.assertGreater(expressed["intensity"], max(others) + 0.5)

    def test_smiles_come_and_go_in_a_recording(self):
        smiles = [face["action_units"]["AU12"]["intensity"]
                  for record in self.records(media("videos/faces/ptgaze_video00.mp4"), "--tasks", "action-units",
                                             "--max-faces", "1")
                  for face in record["faces"]]
        deciles = statistics.quantiles(smiles, n=10)
        self.assertLess(deciles[0], 2)
        self.assertGreater(deciles[-1], 3)

    def test_parallel_and_sequential_runs_are_byte_identical(self):
        outputs = []
        for number, options in enumerate([[], ["--sequential"], ["--lanes", "4", "--queue", "1"]]):
            output = self.folder / f"{number}.jsonl"
            self.retinue("run", "-q", media(VIDEO), "--tasks", "action-units", "--jsonl", output, *options)
            outputs.append(output.read_bytes())
        self.assertEqual(len(set(outputs)), 1)


class OpenFaceCsv(ProgramCase):
    def csv(self, *arguments):
        """Read as scripts for OpenFace do: names and values stripped, everything a number."""
        output = self.folder / "out.csv"
        self.retinue("run", "-q", *arguments, "--csv", output, "--csv-format", "openface")
        with open(output, newline="", encoding="utf-8") as file:
            reader = csv.reader(file)
            columns = [name.strip() for name in next(reader)]
            return columns, [dict(zip(columns, map(float, map(str.strip, row)), strict=True)) for row in reader]

    def test_a_script_for_openface_reads_it(self):
        columns, rows = self.csv(media(VIDEO))
        self.assertEqual(columns[:5], ["frame", "face_id", "timestamp", "confidence", "success"])
        self.assertEqual([c for c in columns if c.endswith("_r")], [f"{name}_r" for name in INTENSITIES])
        self.assertEqual([c for c in columns if c.endswith("_c")], [f"{name}_c" for name in PRESENCES])
        tracked = [row for row in rows if row["success"] == 1 and row["confidence"] > 0.7]
        self.assertEqual([row["frame"] for row in tracked], list(range(1, len(rows) + 1)))
        for row in tracked:
            self.assertEqual(row["face_id"], 0)
            self.assertTrue(all(0 <= row[f"{name}_r"] <= 5 for name in INTENSITIES))
            self.assertTrue(all(row[f"{name}_c"] in (0, 1) for name in PRESENCES))
            self.assertGreater(row["pose_Tz"], 100)
            # The person's right eye, left in the picture, its outer corner outside of the inner one; the chin below.
            self.assertLess(row["x_36"], row["x_39"])
            self.assertLess(row["x_39"], row["x_42"])
            self.assertGreater(row["y_8"], row["y_30"])
        self.assertGreater(statistics.median(row["AU12_r"] for row in tracked), 1)

    def test_it_has_the_numbers_of_the_records(self):
        records = self.records(media(VIDEO), "--tasks", "head-pose,action-units")
        _, rows = self.csv(media(VIDEO))
        for record, row in zip(records, rows, strict=True):
            face = record["faces"][0]
            self.assertAlmostEqual(row["timestamp"], record["time_s"], delta=0.0006)
            self.assertAlmostEqual(row["x_30"], face["landmarks"][4][0] - 0.5, delta=0.06)
            self.assertAlmostEqual(row["pose_Tz"], face["head_pose"]["translation_mm"][2], delta=0.06)
            for name in INTENSITIES:
                self.assertAlmostEqual(row[f"{name}_r"], face["action_units"][name]["intensity"], delta=0.006)
                self.assertEqual(row[f"{name}_c"], face["action_units"][name]["present"])

    def test_a_frame_without_a_face_is_a_row_without_success(self):
        _, rows = self.csv(media("videos/faces/pyfeat_no_face.mp4"), "--frames", ":5", "--min-score", "0.95")
        self.assertEqual([(row["frame"], row["success"]) for row in rows], [(n, 0) for n in range(1, 6)])

    def test_several_sources_need_a_file_each(self):
        done = self.retinue("run", "-q", media(VIDEO), media("images/pyfeat/0-f1-su-ph.jpg"), "--csv",
                            self.folder / "out.csv", "--csv-format", "openface", expect=2)
        self.assert_one_sentence(done, "{source}", "2 sources")

    def test_formats_that_there_are_not_are_refused(self):
        done = self.retinue("run", "-q", media(VIDEO), "--csv", self.folder / "out.csv", "--csv-format", "excel",
                            expect=2)
        self.assert_one_sentence(done, "--csv-format 'excel'", "native or openface")


if __name__ == "__main__":
    main()
