#!/usr/bin/env python3
"""Live sources, followed faces, and several sources at once, as a user gets them."""
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import unittest

from program_case import HANG_S, PROGRAM, ProgramCase, main, media

VIDEO = "videos/faces/pyfeat_single_face.mp4"
FIVE_PEOPLE = "videos/faces/ptgaze_video03.mp4"
DANCER = "videos/persons/tfjs_pose_1.mp4"


def iou(a, b):
    """Of boxes x, y, width, height."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    both = max(0, width) * max(0, height)
    return both / (a[2] * a[3] + b[2] * b[3] - both)


class Live(ProgramCase):
    def statistics(self, *arguments):
        path = self.folder / "stats.json"
        self.retinue("run", "-q", *arguments, "--stats", path)
        return json.loads(path.read_text())

    def test_a_record_of_a_live_source_says_when_it_was_taken_and_how_old_it_is(self):
        records = self.records(media(VIDEO), "--live", "--frames", ":15", "--tasks", "faces")
        # Whoever is more than a second behind has a line that says how much was lost.
        analysed = [record for record in records if "frame" in record]
        self.assertTrue(analysed)
        for record in analysed:
            self.assertRegex(record["captured_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$")
            self.assertEqual(record["clock"], "arrival")
            self.assertGreater(record["latency_ms"], 0)

    def test_a_record_of_a_file_does_not(self):
        record = self.records(media(VIDEO), "--frames", ":1", "--tasks", "faces")[0]
        self.assertFalse({"captured_at", "clock", "latency_ms"} & set(record))

    def test_frames_come_at_the_pace_of_a_camera(self):
        """The first and the last of 16 frames at 25 a second are 0.6 s apart; counting may begin a little late."""
        statistics = self.statistics("test:64x64@25", "--frames", ":16", "--tasks", "faces")
        self.assertGreaterEqual(statistics["sources"][0]["wall_s"], 0.4)

    def test_the_books_of_an_overloaded_source_balance(self):
        statistics = self.statistics("test:640x480@1000", "--frames", ":300", "--detect-size", "640")
        source = statistics["sources"][0]
        self.assertTrue(source["live"])
        self.assertEqual(source["captured"], 300)
        self.assertEqual(source["in_flight"], 0)
        self.assertEqual(source["captured"], source["delivered"] + sum(source["dropped"].values()))
        self.assertGreater(source["dropped"]["superseded"], 0)

    def test_a_test_picture_loses_nothing_when_that_is_asked(self):
        statistics = self.statistics("test:64x64@1000", "--frames", ":100", "--tasks", "faces", "--lossless")
        self.assertEqual(statistics["sources"][0]["delivered"], 100)

    def test_every_live_source_is_served(self):
        """Three sources that together are too much for the machine, for as long as a slow one needs."""
        statistics = self.statistics(*["test:640x480@200"] * 3, "--frames", ":1000", "--detect-size", "640")
        for source in statistics["sources"]:
            self.assertGreater(source["delivered"], 1)
            self.assertEqual(source["in_flight"], 0)

    def test_live_and_lossless_exclude_each_other(self):
        self.retinue("run", media(VIDEO), "--live", "--lossless", expect=2)
        self.retinue("run", media(VIDEO), "--live", "--sequential", expect=2)

    def test_an_interrupted_live_run_leaves_whole_records(self):
        process = subprocess.Popen(
            [PROGRAM, "run", "-q", "test:64x64@30", str(media(FIVE_PEOPLE)), "--live", "--jsonl", "-"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        lines = [process.stdout.readline() for _ in range(20)]
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=HANG_S)
        self.assertEqual(process.returncode, 130, errors)
        self.assertEqual(len({json.loads(line)["source"] for line in lines + rest.splitlines()}), 2)


class Following(ProgramCase):
    def test_followed_faces_are_byte_identical_in_every_way_to_run(self):
        outputs = []
        for number, options in enumerate([[], ["--sequential"], ["--lanes", "5", "--queue", "1"], []]):
            output = self.folder / f"{number}.jsonl"
            self.retinue("run", "-q", media(FIVE_PEOPLE), "--frames", ":60", "--detect-every", "7", "--jsonl", output,
                         *options)
            outputs.append(output.read_bytes())
        self.assertEqual(len(set(outputs)), 1)

    def test_the_detector_runs_at_the_asked_frames_only(self):
        path = self.folder / "stats.json"
        self.retinue("run", "-q", media(VIDEO), "--frames", ":31", "--detect-every", "10", "--stats", path)
        stages = json.loads(path.read_text())["stages"]
        self.assertEqual(stages["faces"]["calls"], 4)
        self.assertEqual(stages["landmarks"]["calls"], 31)

    def test_a_followed_face_stays_where_detection_finds_it(self):
        """On average within two hundredths of the face's width: regions differ a little."""
        detected = self.records(media(VIDEO), "--frames", ":60", "--no-smoothing")
        followed = self.records(media(VIDEO), "--frames", ":60", "--no-smoothing", "--detect-every", "30")
        self.assertEqual([len(r["faces"]) for r in followed], [len(r["faces"]) for r in detected])
        distances = []
        for a, b in zip(detected, followed):
            p, q = a["faces"][0], b["faces"][0]
            width = p["box"][2]
            for i in range(478):
                (x, y, _), (u, v, _) = p["landmarks"][i], q["landmarks"][i]
                distances.append(((x - u) ** 2 + (y - v) ** 2) ** 0.5 / width)
        self.assertLess(sum(distances) / len(distances), 0.02)

    def test_followed_persons_are_byte_identical_in_every_way_to_run(self):
        outputs = []
        for number, options in enumerate([[], ["--sequential"], ["--lanes", "3", "--queue", "1"]]):
            output = self.folder / f"{number}.jsonl"
            self.retinue("run", "-q", media(FIVE_PEOPLE), "--frames", ":16", "--tasks", "pose", "--detect-every", "7",
                         "--jsonl", output, *options)
            outputs.append(output.read_bytes())
        self.assertEqual(len(set(outputs)), 1)

    def test_followed_persons_stay_where_detection_finds_them(self):
        """As far as arms, that are raised between two detections, let them; with a few looks more than one in six."""
        path = self.folder / "stats.json"
        options = [media(DANCER), "--frames", ":30", "--tasks", "pose", "--no-smoothing"]
        detected = self.records(*options)
        followed = self.records(*options, "--detect-every", "6", "--stats", path)
        self.assertLess(json.loads(path.read_text())["stages"]["persons"]["calls"], 10)
        self.assertEqual([len(r["persons"]) for r in followed], [len(r["persons"]) for r in detected])
        overlaps = [iou(a["persons"][0]["box"], b["persons"][0]["box"]) for a, b in zip(detected, followed)]
        self.assertGreater(min(overlaps), 0.5)
        self.assertGreater(sum(overlaps) / len(overlaps), 0.85)

    def test_faces_without_landmarks_are_looked_for_in_every_frame(self):
        path = self.folder / "stats.json"
        self.retinue("run", "-q", media(VIDEO), "--frames", ":12", "--tasks", "faces,pose", "--detect-every", "6",
                     "--stats", path)
        stages = json.loads(path.read_text())["stages"]
        self.assertEqual(stages["faces"]["calls"], 12)

    def test_following_needs_landmarks_or_poses(self):
        done = self.retinue("run", media(VIDEO), "--tasks", "faces", "--detect-every", "5", expect=2)
        self.assert_one_sentence(done, "--detect-every", "landmarks", "pose")


class SeveralSources(ProgramCase):
    def test_sources_with_outputs_of_their_own_are_the_same_as_alone(self):
        files = []
        for name in ["a.mp4", "b.mp4", "c.mp4"]:
            shutil.copy(media(VIDEO), self.folder / name)
            files.append(self.folder / name)
        self.retinue("run", "-q", *files, "--frames", ":20", "--jsonl", self.folder / "{source}.jsonl")
        texts = [(self.folder / f"{file.stem}.jsonl").read_text().replace(str(file), "X") for file in files]
        self.assertEqual(len(set(texts)), 1)
        self.assertEqual(texts[0].count("\n"), 20)

    def test_a_server_that_is_stopped_holds_up_nobody_else(self):
        served = self.folder / "served"
        served.mkdir()
        subprocess.run(["ffmpeg", "-v", "error", "-i", str(media(VIDEO)), "-c", "copy", "-frames:v", "30",
                        str(served / "stalled.ts")], check=True)
        server = subprocess.Popen(
            [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", str(served)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(server.wait)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.kill)
        port = server.stdout.readline().split(" port ")[1].split()[0]
        server.send_signal(signal.SIGSTOP)
        fifo = self.folder / "pyfeat_single_face.jsonl"
        os.mkfifo(fifo)
        run = subprocess.Popen(
            [PROGRAM, "run", "-q", f"http://127.0.0.1:{port}/stalled.ts", str(media(VIDEO)), "--frames", ":20",
             "--tasks", "faces", "--jsonl", str(self.folder / "{source}.jsonl")], stderr=subprocess.PIPE, text=True)

        def unblock():
            """A program that died before it opened the pipe must not leave its reader waiting."""
            run.wait()
            try:
                os.close(os.open(fifo, os.O_WRONLY | os.O_NONBLOCK))
            except OSError:
                pass  # Nobody waits.
        threading.Thread(target=unblock, daemon=True).start()
        # Read to the end while the first source has not even been answered.
        with fifo.open() as records:
            self.assertEqual([json.loads(line)["frame"] for line in records], list(range(20)))
        self.assertIsNone(run.poll())
        server.send_signal(signal.SIGCONT)
        _, errors = run.communicate(timeout=HANG_S)
        self.assertEqual(run.returncode, 0, errors)
        self.assertEqual(len((self.folder / "stalled.jsonl").read_text().splitlines()), 20)


if __name__ == "__main__":
    main()
