#!/usr/bin/env python3
"""Action units by OpenFace's chain: its terms, its models, its second pass over recordings."""
import csv
import json
import os
import shutil
import signal
import subprocess
import unittest

from program_case import HANG_S, PROGRAM, ProgramCase, main, media, model

UNITS = [f"AU{n:02d}" for n in (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 25, 26, 45)]
VIDEO = "videos/faces/pyfeat_single_face.mp4"
PICTURE = "images/pyfeat/0-f1-su-ph.jpg"

# Posed expressions, and of the units that the Facial Action Coding System's table of emotions gives to each those that
# OpenFace's static predictors tell apart by a wide margin (tools/accuracy.py judges all of them).
POSED = {
    "images/pyfeat/0-f1-su-ph.jpg": ["AU01", "AU02"],
    "images/pyfeat/0-f15-hao-ph.jpg": ["AU06", "AU12"],
}


class OpenFaceCase(ProgramCase):
    """`self.environment` has a cache of its own, in which the terms are accepted unless a test says otherwise."""

    accepted = True

    def setUp(self):
        super().setUp()
        self.environment = dict(os.environ, XDG_CACHE_HOME=str(self.folder / "cache"))
        if self.accepted:
            self.retinue("models", "pull", "openface_au", "--accept-licence")

    def retinue(self, *arguments, expect=0, **options):
        return super().retinue(*arguments, expect=expect, **{"env": self.environment, **options})

    def users_folder(self):
        """OpenFace's models as a user has them."""
        folder = self.folder / "mine"
        shutil.copytree(model("face_action_units/openface2/AU_predictors"), folder / "AU_predictors")
        shutil.copy(model("face_action_units/In-the-wild_aligned_PDM_68_from_mat.txt"),
                    folder / "AU_predictors" / "In-the-wild_aligned_PDM_68.txt")
        return folder


class Terms(OpenFaceCase):
    accepted = False

    def test_nothing_is_measured_before_they_are_accepted(self):
        done = self.retinue("run", "-q", media(PICTURE), "--au", "openface", "--jsonl", "-", expect=3)
        self.assertEqual(done.stdout, "")
        self.assert_one_sentence(done, "openface_au", "not for commercial use", "--accept-licence",
                                 "--model action-units=FOLDER")

    def test_pull_shows_them_and_takes_nothing_before_they_are_accepted(self):
        done = self.retinue("models", "pull", "openface_au", expect=3)
        self.assert_one_sentence(done, "OpenFace-license.txt", "--accept-licence")
        pulled = self.retinue("models", "pull", "openface_au", "--accept-licence").stdout
        self.assertIn("OpenFace-license.txt", pulled)
        self.assertIn("openface_au: ready, 66 files", pulled)
        self.assertIn("ready", self.retinue("models", "pull", "openface_au").stdout)
        self.assertIn("openface_au: right, 66 files", self.retinue("models", "verify", "openface_au").stdout)

    def test_all_leaves_out_what_was_not_accepted(self):
        done = self.retinue("models", "pull", "--all")
        self.assertIn("left out", done.stderr)
        self.assertNotIn("openface_au: ready", done.stdout)

    def test_the_list_says_so(self):
        line = [line for line in self.retinue("models", "list").stdout.splitlines() if "openface_au" in line]
        self.assertIn("not for commercial use", line[0])
        self.assertIn("OpenFace-license.txt", self.retinue("models", "show", "openface_au").stdout)

    def test_a_folder_of_the_users_own_needs_none(self):
        records = self.records(media(PICTURE), "--au", "openface", "--model", f"action-units={self.users_folder()}")
        self.assertEqual(sorted(records[0]["faces"][0]["action_units"]), sorted([*UNITS, "AU28"]))

    def test_without_openface_nothing_of_it_is_loaded(self):
        statistics = self.folder / "stats.json"
        self.retinue("run", "-q", media(PICTURE), "--tasks", "action-units", "--stats", statistics)
        self.assertNotIn("action-units", [m["task"] for m in json.loads(statistics.read_text())["models"]])


class WrongUse(OpenFaceCase):
    accepted = False

    def test_a_folder_that_is_not_there_is_named(self):
        done = self.retinue("run", "-q", media(PICTURE), "--au", "openface", "--model",
                            f"action-units={self.folder}/nowhere", "--jsonl", "-", expect=3)
        self.assert_one_sentence(done, "nowhere", "no such folder")

    def test_a_folder_without_predictors_or_shape_model_is_named_with_what_it_lacks(self):
        folder = self.users_folder()
        shape = next((folder / "AU_predictors").glob("*.txt"))
        shape.unlink()
        arguments = ["run", "-q", media(PICTURE), "--au", "openface", "--model", f"action-units={folder}"]
        self.assert_one_sentence(self.retinue(*arguments, expect=3), str(folder), "no shape model")
        shape.write_text("204\n1\n6\nnose")
        self.assert_one_sentence(self.retinue(*arguments, expect=3), str(shape), "'nose'")
        shutil.rmtree(folder / "AU_predictors" / "svm_combined")
        self.assert_one_sentence(self.retinue(*arguments, expect=3), str(folder), "svm_combined")

    def test_a_damaged_predictor_is_named(self):
        folder = self.users_folder()
        file = folder / "AU_predictors" / "svr_combined" / "AU_12_static_intensity_comb.dat"
        file.write_bytes(file.read_bytes()[:1000])
        done = self.retinue("run", "-q", media(PICTURE), "--au", "openface", "--model", f"action-units={folder}",
                            expect=3)
        self.assert_one_sentence(done, str(file), "ends too early")

    def test_ways_that_there_are_not_are_refused(self):
        done = self.retinue("run", "-q", media(PICTURE), "--au", "guess", expect=2)
        self.assert_one_sentence(done, "--au 'guess'", "blendshapes or openface")
        done = self.retinue("run", "-q", media(PICTURE), "--model", f"action-units={self.folder}", expect=2)
        self.assert_one_sentence(done, "--au openface")


class Measurement(OpenFaceCase):
    def test_a_short_clip_has_every_unit_in_every_frame(self):
        statistics = self.folder / "stats.json"
        records = self.records(media(VIDEO), "--au", "openface", "--frames", ":30", "--stats", statistics)
        self.assertEqual([record["frame"] for record in records], list(range(30)))
        for record in records:
            units = record["faces"][0]["action_units"]
            self.assertEqual(sorted(units), sorted([*UNITS, "AU28"]))
            self.assertTrue(all(0 <= units[name]["intensity"] <= 5 for name in UNITS))
        report = json.loads(statistics.read_text())
        self.assertEqual(report["sources"][0]["held_back"], 30)
        self.assertIn("openface_au", [m["name"] for m in report["models"] if m["task"] == "action-units"])
        self.assertIn("shape-fit", report["stages"])

    def test_the_mapping_from_blendshapes_does_not_run(self):
        records = self.records(media(PICTURE), "--tasks", "action-units", "--au", "openface")
        self.assertNotIn("blendshapes", records[0]["faces"][0])
        self.assertIn("action_units", records[0]["faces"][0])

    def test_units_of_an_expression_are_present_and_above_those_of_another(self):
        pictures = list(POSED)
        records = self.records(*map(media, pictures), "--au", "openface")
        found = {picture: record["faces"][0]["action_units"] for picture, record in zip(pictures, records)}
        for picture, other in (pictures, pictures[::-1]):
            for unit in POSED[picture]:
                with self.subTest(picture=picture, unit=unit):
                    expressed = found[picture][unit]
                    self.assertTrue(expressed["present"], expressed)
                    self.assertGreater(expressed["intensity"], found[other][unit]["intensity"] + 0.5)

    def test_the_users_folder_gives_what_the_catalogues_files_give(self):
        measured = [record["faces"][0]["action_units"] for record in self.records(media(PICTURE), "--au", "openface")]
        own = self.records(media(PICTURE), "--au", "openface", "--model", f"action-units={self.users_folder()}")
        for name, unit in measured[0].items():
            # The text has the shape model's numbers with fewer digits.
            self.assertAlmostEqual(own[0]["faces"][0]["action_units"][name].get("intensity", 0),
                                   unit.get("intensity", 0), delta=0.002)

    def test_parallel_and_sequential_runs_are_byte_identical(self):
        outputs = []
        for number, options in enumerate([[], ["--sequential"], ["--lanes", "4", "--queue", "1"]]):
            output = self.folder / f"{number}.jsonl"
            self.retinue("run", "-q", media(VIDEO), "--au", "openface", "--jsonl", output, *options)
            outputs.append(output.read_bytes())
        self.assertEqual(len(set(outputs)), 1)

    def test_openfaces_csv_has_the_corrected_numbers_of_the_records(self):
        output = self.folder / "out.csv"
        self.retinue("run", "-q", media(VIDEO), "--au", "openface", "--csv", output, "--csv-format", "openface")
        with open(output, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        records = self.records(media(VIDEO), "--tasks", "head-pose", "--au", "openface")
        self.assertEqual(len(rows), len(records))
        for record, row in zip(records, rows, strict=True):
            units = record["faces"][0]["action_units"]
            for name in UNITS:
                self.assertAlmostEqual(float(row[f"{name}_r"]), units[name]["intensity"], delta=0.006)
                self.assertEqual(float(row[f"{name}_c"]), units[name]["present"])

    def test_recordings_are_corrected_and_what_is_live_is_not(self):
        corrected = self.records(media(VIDEO), "--au", "openface", "--frames", ":40")
        self.assertEqual(len(corrected), 40)
        # A person's median is the face itself in the first frame, so dynamic units begin at rest; by the end
        # another median is known.
        live = self.folder / "live.jsonl"
        statistics = self.folder / "stats.json"
        self.retinue("run", "-q", media(VIDEO), "--au", "openface", "--frames", ":40", "--live", "--jsonl", live,
                     "--stats", statistics)
        self.assertNotIn("held_back", json.loads(statistics.read_text())["sources"][0])
        first = json.loads(live.read_text().splitlines()[0])["faces"][0]["action_units"]
        self.assertLess(first["AU02"]["intensity"], 0.5)

    def test_several_recordings_stand_one_behind_the_other(self):
        sources = [media(VIDEO), media(PICTURE), media(VIDEO)]
        records = self.records(*sources, "--au", "openface", "--frames", ":12")
        self.assertEqual([record["source"] for record in records],
                         [str(sources[0])] * 12 + [str(sources[1])] + [str(sources[2])] * 12)

    def test_ctrl_c_writes_what_was_read_corrected(self):
        output = self.folder / "out.jsonl"
        with subprocess.Popen([PROGRAM, "run", "-vv", str(media("videos/faces/ptgaze_video00.mp4")), "--au",
                               "openface", "--jsonl", str(output)], stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True, env=self.environment) as process:
            for line in process.stderr:  # One for each frame.
                if "frame 20 of" in line:
                    break
            self.assertEqual(output.read_text(), "")
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=HANG_S)
        self.assertEqual(process.returncode, 130)
        frames = [json.loads(line)["frame"] for line in output.read_text().splitlines()]
        self.assertEqual(frames, list(range(len(frames))))
        self.assertGreater(len(frames), 20)
        self.assertLess(len(frames), 433)
        self.assertTrue((self.folder / "out.jsonl.incomplete").exists())

    def test_the_annotated_video_has_every_frame_beside_held_back_records(self):
        video = self.folder / "out.mp4"
        output = self.folder / "out.jsonl"
        self.retinue("run", "-q", media(VIDEO), "--au", "openface", "--frames", ":10", "--video", video, "--jsonl",
                     output)
        counted = subprocess.run(
            ["ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0",
             str(video)], capture_output=True, text=True)
        self.assertEqual(int(counted.stdout.strip().strip(",")), 10)
        self.assertEqual(len(output.read_text().splitlines()), 10)

    def test_bench_shows_its_stages(self):
        done = self.retinue("bench", media(VIDEO), "--frames", ":10", "--repeat", "1", "--au", "openface", "--json")
        stages = json.loads(done.stdout)["stages"]
        self.assertGreater(stages["shape-fit"]["calls"], 0)
        self.assertGreater(stages["action-units"]["calls"], 0)


if __name__ == "__main__":
    main()
