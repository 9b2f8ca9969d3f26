#!/usr/bin/env python3
"""What a user gets from `retinue run`."""
import csv
import json
import math
import os
import pathlib
import shutil
import signal
import subprocess
import unittest

from program_case import HANG_S, PROGRAM, ProgramCase, main, media, model

PICTURE = "robust/images/ref.jpg"
VIDEO = "videos/faces/pyfeat_single_face.mp4"
SKIER = "gt/coco_val2017/images/000000000785.jpg"
MOVENET = model("body_pose/derived/movenet_singlepose_lightning_192.onnx")
GAZE_MODEL = "gaze/derived/gaze-estimation-adas-0002.onnx"
FACE_KEYS = {"track", "score", "presence", "box", "keypoints", "landmarks", "blendshapes", "head_pose", "gaze"}


def centre(box):
    return box[0] + box[2] / 2, box[1] + box[3] / 2


def is_inside(point, box):
    return all(start <= at < start + size for at, start, size in zip(point, box[:2], box[2:]))


class Records(ProgramCase):
    def test_a_face_has_every_key_of_the_tasks_that_run_by_default(self):
        face = self.records(media("golden/tfjs_face/portrait.jpg"))[0]["faces"][0]
        self.assertEqual(set(face), FACE_KEYS)
        self.assertEqual([len(face[key]) for key in ("box", "keypoints", "landmarks", "blendshapes")], [4, 5, 478, 52])
        self.assertEqual(set(face["head_pose"]), {"yaw_deg", "pitch_deg", "roll_deg", "translation_mm"})

    def test_keys_of_tasks_that_were_not_asked_for_are_absent(self):
        face = self.records(media(PICTURE), "--tasks", "faces")[0]["faces"][0]
        self.assertEqual(set(face), {"track", "score", "box", "keypoints"})

    def test_gaze_is_measured_with_a_model_that_is_named(self):
        face = self.records(
            media(PICTURE), "--tasks", "gaze", "--model", f"gaze={model(GAZE_MODEL)}")[0]["faces"][0]
        self.assertEqual(set(face), FACE_KEYS - {"blendshapes"})
        self.assertEqual(set(face["gaze"]), {"yaw_deg", "pitch_deg", "left", "right"})
        self.assertEqual(set(face["gaze"]["left"]), {"yaw_deg", "pitch_deg"})

    def test_a_task_brings_those_that_it_needs(self):
        face = self.records(media(PICTURE), "--tasks", "blendshapes")[0]["faces"][0]
        self.assertEqual(set(face), FACE_KEYS - {"head_pose", "gaze"})

    def test_frames_without_faces_have_an_empty_list(self):
        record = self.records(media("images/noface").glob("*").__iter__().__next__(), "--tasks", "faces",
                              "--min-score", "0.95")[0]
        self.assertEqual(record["faces"], [])

    def test_persons_have_their_keys_and_bring_no_faces(self):
        record = self.records(media(SKIER), "--tasks", "persons")[0]
        self.assertNotIn("faces", record)
        self.assertEqual([set(person) for person in record["persons"]], [{"track", "score", "box"}])

    def test_poses_bring_persons(self):
        record = self.records(media(SKIER), "--tasks", "pose", "--model", f"pose={MOVENET}")[0]
        self.assertEqual([len(person["keypoints"]) for person in record["persons"]], [17])

    def test_no_more_persons_than_were_asked_for(self):
        picture = media("gt/coco_val2017/images/000000001000.jpg")
        persons = self.records(picture, "--tasks", "persons", "--max-persons", "3")[0]["persons"]
        self.assertEqual(len(persons), 3)

    def test_persons_keep_their_track_over_a_video(self):
        records = self.records(media("videos/persons/tfjs_pose_1.mp4"), "--tasks", "persons", "--frames", ":60")
        self.assertEqual({person["track"] for record in records for person in record["persons"]}, {1})

    def test_the_dancers_points_are_where_the_golden_has_them(self):
        golden = json.loads(media("golden/tfjs_pose/pose_1.json").read_text())
        records = self.records(media("videos/persons/tfjs_pose_1.mp4"), "--tasks", "pose", "--frames", ":60")
        self.assertEqual(len(records), 60)
        for record, expected in zip(records, golden):
            self.assertEqual(len(record["persons"]), 1)
            points = record["persons"][0]["keypoints"]
            apart = [math.dist(point[:2], (place["x"], place["y"]))
                     for point, place in zip(points, expected.values(), strict=True)]
            # The pictures are 576 pixels wide and high, the golden is another model's.
            self.assertLess(sum(apart) / len(apart), 12, record["frame"])

    def test_parallel_sequential_and_repeated_runs_are_byte_identical(self):
        outputs = []
        for number, options in enumerate([[], ["--sequential"], ["--lanes", "5", "--queue", "1"], []]):
            output = self.folder / f"{number}.jsonl"
            self.retinue("run", "-q", media(VIDEO), "--frames", ":40", "--jsonl", output, *options)
            outputs.append(output.read_bytes())
        self.assertEqual(len(set(outputs)), 1)
        self.assertEqual(outputs[0].count(b"\n"), 40)

    def test_sources_stand_one_after_the_other_in_the_order_of_the_arguments(self):
        first, second = media(VIDEO), media(PICTURE)
        records = self.records(second, first, second, "--tasks", "faces", "--frames", ":3")
        self.assertEqual([r["source"] for r in records],
                         [str(second)] + [str(first)] * 3 + [str(second)])

    def test_a_folder_is_its_media_sorted_by_name(self):
        for name in ["b.jpg", "a.jpg", "c.txt"]:
            shutil.copy(media(PICTURE), self.folder / name)
        records = self.records(self.folder, "--tasks", "faces")
        self.assertEqual([pathlib.Path(r["source"]).name for r in records], ["a.jpg", "b.jpg"])

    def test_images_are_sources_of_their_own_unless_joined(self):
        for name in ["a.jpg", "b.jpg"]:
            shutil.copy(media(PICTURE), self.folder / name)
        apart = self.records(self.folder, "--tasks", "faces")
        joined = self.records(self.folder, "--tasks", "faces", "--as-sequence")
        self.assertEqual([r["frame"] for r in apart], [0, 0])
        self.assertEqual([r["frame"] for r in joined], [0, 1])
        self.assertEqual(len({r["source"] for r in joined}), 1)

    def test_a_range_of_frames_keeps_their_numbers_and_times(self):
        whole = self.records(media(VIDEO), "--tasks", "faces", "--no-smoothing")
        part = self.records(media(VIDEO), "--tasks", "faces", "--no-smoothing", "--frames", "10:13")
        self.assertEqual([r["frame"] for r in part], [10, 11, 12])
        self.assertEqual([r["time_s"] for r in part], [r["time_s"] for r in whole[10:13]])

    def test_one_person_keeps_one_id(self):
        tracks = {face["track"] for record in self.records(media(VIDEO), "--tasks", "faces")
                  for face in record["faces"]}
        self.assertEqual(tracks, {1})

    def test_at_most_the_asked_number_of_faces(self):
        self.assertEqual(len(self.records(media(PICTURE), "--tasks", "faces", "--max-faces", "2")[0]["faces"]), 2)

    def test_a_wider_field_of_view_brings_the_head_nearer(self):
        def depth(fov):
            return self.records(media(PICTURE), "--fov", fov)[0]["faces"][0]["head_pose"]["translation_mm"][2]
        self.assertLess(depth(90), 0.7 * depth(60))

    def test_intrinsics_replace_the_field_of_view(self):
        # 60 degrees over 800 pixels is a focal length of 692.82.
        by_fov = self.records(media(PICTURE))[0]["faces"][0]["head_pose"]
        by_intrinsics = self.records(media(PICTURE), "--intrinsics", "692.82,692.82,400,266.5")[0]["faces"][0]
        for a, b in zip(by_fov["translation_mm"], by_intrinsics["head_pose"]["translation_mm"]):
            self.assertAlmostEqual(a, b, delta=0.05)

    def test_a_rotated_video_gives_the_same_faces_as_the_upright_one(self):
        # Both show one scene; the second is stored on its side and carries a display matrix.
        upright = self.folder / "upright.mp4"
        turned = self.folder / "turned.mp4"
        run = lambda *arguments: subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, arguments)], check=True)
        run("-i", media(VIDEO), "-frames:v", "3", "-c:v", "ffv1", "-pix_fmt", "yuv420p", self.folder / "u.mkv")
        run("-i", self.folder / "u.mkv", "-c:v", "libx264", "-qp", "1", upright)
        run("-i", self.folder / "u.mkv", "-vf", "transpose=clock", "-c:v", "libx264", "-qp", "1", self.folder / "t.mp4")
        # FFmpeg's "rotate" counts counter-clockwise turns of the stored picture.
        run("-i", self.folder / "t.mp4", "-c", "copy", "-metadata:s:v", "rotate=90", turned)
        a = self.records(upright, "--no-smoothing")[0]
        b = self.records(turned, "--no-smoothing")[0]
        self.assertEqual((a["width"], a["height"]), (b["width"], b["height"]))
        self.assertEqual(len(a["faces"]), len(b["faces"]))
        for p, q in zip(a["faces"][0]["landmarks"], b["faces"][0]["landmarks"]):
            # Chroma is subsampled along other axes in the two: half a pixel is what the mesh makes of that.
            self.assertAlmostEqual(p[0], q[0], delta=0.5)
            self.assertAlmostEqual(p[1], q[1], delta=0.5)


class Outputs(ProgramCase):
    def test_the_csv_has_a_row_for_each_face_and_frame_and_one_for_none(self):
        output = self.folder / "out.csv"
        self.retinue("run", "-q", media(VIDEO), media("videos/faces/pyfeat_no_face.mp4"), "--frames", ":5",
                     "--csv", output)
        with output.open() as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(list(rows[0])[:10],
                         "source frame time_s kind track score box_x box_y box_w box_h".split())
        self.assertEqual([row["kind"] for row in rows], ["face"] * 5 + [""] * 5)
        self.assertTrue(rows[0]["yaw_deg"] and rows[0]["browInnerUp"])

    def test_csv_landmarks_add_a_column_for_each_coordinate(self):
        output = self.folder / "out.csv"
        self.retinue("run", "-q", media(PICTURE), "--csv", output, "--csv-landmarks")
        self.assertIn("landmark_477_z", output.read_text().splitlines()[0])

    def test_the_video_has_every_frame_at_its_time(self):
        output = self.folder / "out.mp4"
        self.retinue("run", "-q", media(VIDEO), "--frames", ":20", "--video", output)
        shown = json.loads(subprocess.run(
            ["ffprobe", "-v", "error", "-count_frames", "-show_entries",
             "stream=codec_name,pix_fmt,width,height,nb_read_frames", "-of", "json", str(output)],
            capture_output=True, text=True, check=True).stdout)["streams"][0]
        self.assertEqual(shown, {"codec_name": "h264", "width": 640, "height": 360, "pix_fmt": "yuv420p",
                                 "nb_read_frames": "20"})

    def test_the_detector_finds_none_of_the_faces_in_an_anonymized_video(self):
        for number, video in enumerate([VIDEO, "videos/faces/ptgaze_video03.mp4"]):
            output = self.folder / f"{number}.mp4"
            options = ["-q", media(video), "--tasks", "landmarks", "--frames", ":30", "--video", output]
            shown, hidden = [], []
            for records, more in [(shown, []), (hidden, ["--anonymize", "faces"])]:
                self.retinue("run", *options, *more)
                records += self.records(output, "--tasks", "faces")
            self.assertGreaterEqual(sum(len(r["faces"]) for r in shown), 30)
            for before, after in zip(shown, hidden, strict=True):
                # What else of a hidden picture a detector takes for a face is none.
                found = [face for face in after["faces"] for known in before["faces"]
                         if is_inside(centre(face["box"]), known["box"])]
                self.assertEqual(found, [], f"{video}, frame {after['frame']}")

    def test_anonymizing_changes_no_record(self):
        outputs = []
        for number, options in enumerate([[], ["--anonymize", "faces"]]):
            output = self.folder / f"{number}.jsonl"
            self.retinue("run", "-q", media(VIDEO), "--frames", ":20", "--jsonl", output, "--tasks", "faces",
                         "--video", self.folder / f"{number}.mp4", *options)
            outputs.append(output.read_bytes())
        self.assertEqual(outputs[0], outputs[1])
        self.assertEqual(outputs[0].count(b"\n"), 20)

    def test_source_in_a_name_makes_a_file_for_each_source(self):
        self.retinue("run", "-q", media(VIDEO), media(PICTURE), "--frames", ":2", "--tasks", "faces",
                     "--jsonl", self.folder / "{source}.jsonl")
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()),
                         ["pyfeat_single_face.jsonl", "ref.jsonl"])

    def test_stdout_gets_records_and_nothing_else(self):
        done = self.retinue("run", media(PICTURE), "--tasks", "faces", "--jsonl", "-")
        self.assertEqual(len([json.loads(line) for line in done.stdout.splitlines()]), 1)

    def test_statistics_balance_and_name_the_models(self):
        path = self.folder / "stats.json"
        self.retinue("run", "-q", media(VIDEO), "--frames", "10:20", "--stats", path)
        statistics = json.loads(path.read_text())
        source = statistics["sources"][0]
        self.assertEqual(source["captured"], source["delivered"] + sum(source["dropped"].values()))
        self.assertEqual(source["delivered"], 10)
        self.assertEqual([m["task"] for m in statistics["models"]],
                         ["faces", "landmarks", "blendshapes", "gaze"])
        self.assertTrue(all(len(m["sha256"]) == 64 for m in statistics["models"]))

    def test_statistics_tell_what_is_kept_for_reuse(self):
        path = self.folder / "stats.json"
        self.retinue("run", "-q", media(VIDEO), "--frames", ":40", "--lanes", "2", "--queue", "2", "--stats", path)
        pools = json.loads(path.read_text())["pools"]
        for name in ["pictures", "frames"]:
            self.assertEqual(pools[name]["in_use"], 0, name)
            self.assertEqual(pools[name]["created"], pools[name]["peak"], name)
        # Not a picture for each of 40 frames: the queue, those in the lanes, and what the producer holds.
        self.assertTrue(1 <= pools["frames"]["peak"] <= 6, pools)
        self.assertTrue(1 <= pools["pictures"]["peak"] <= 10, pools)
        self.assertGreater(pools["tensors"]["bytes"], 256 * 256 * 3 * 4)
        self.assertGreaterEqual(pools["tensors"]["allocations"], pools["tensors"]["count"])

    def test_a_line_for_each_frame_comes_at_trace_level_alone(self):
        def lines(*options):
            done = self.retinue("run", *options, media(VIDEO), "--frames", ":7", "--tasks", "faces")
            return [line for line in done.stderr.splitlines() if line.startswith("retinue: trace: frame ")]

        self.assertEqual(lines(), [])
        self.assertEqual(lines("-v"), [])
        self.assertEqual([int(line.split()[3]) for line in lines("-vv")], list(range(7)))

    def test_a_trace_shows_each_stage_on_its_thread(self):
        path = self.folder / "trace.json"
        self.retinue("run", "-q", media(VIDEO), "--frames", ":5", "--lanes", "2", "--trace", path)
        events = json.loads(path.read_text())
        names = {e["args"]["name"] for e in events if e["ph"] == "M"}
        self.assertLessEqual({"source 0"}, names)
        self.assertTrue({"lane 0", "lane 1"} & names)
        spans = [e for e in events if e["ph"] == "X"]
        self.assertLessEqual({"decode", "preprocess", "faces", "landmarks", "blendshapes", "track"},
                             {e["name"] for e in spans})
        self.assertEqual({e["args"]["frame"] for e in spans if e["name"] == "faces"}, set(range(5)))
        self.assertTrue(all(e["dur"] >= 0 and e["ts"] >= 0 for e in spans))

    def test_a_trace_that_cannot_be_written_fails_before_the_work(self):
        done = self.retinue("run", "-q", media(VIDEO), "--trace", self.folder / "none" / "t.json", expect=5)
        self.assert_one_sentence(done, "t.json")

    def test_closing_statistics_go_to_stderr_unless_quiet(self):
        self.assertIn("1 frame,", self.retinue("run", media(PICTURE), "--tasks", "faces").stderr)
        self.assertEqual(self.retinue("run", "-q", media(PICTURE), "--tasks", "faces").stderr, "")

    def test_complete_outputs_are_skipped_when_asked(self):
        output = self.folder / "{source}.jsonl"
        path = self.folder / "ref.jsonl"
        self.retinue("run", "-q", media(PICTURE), "--tasks", "faces", "--jsonl", output)
        first = path.stat().st_mtime_ns
        self.assertIn("skipped", self.retinue("run", media(PICTURE), "--tasks", "faces", "--jsonl", output,
                                              "--skip-existing").stderr)
        self.assertEqual(path.stat().st_mtime_ns, first)

    def test_errors_as_json_when_asked(self):
        done = self.retinue("run", "-q", "--log-format", "json", "missing.mp4", expect=1)
        self.assertEqual(json.loads(done.stderr)["level"], "error")


class Interruption(ProgramCase):
    def interrupt(self, number, output, *options):
        """Sends the signal when the first record has arrived."""
        reader, writer = os.pipe()
        process = subprocess.Popen(
            [PROGRAM, "run", "-q", str(media("videos/faces/ptgaze_video00.mp4")), "--tasks", "faces", "--jsonl", "-",
             *options], stdout=writer, stderr=subprocess.PIPE, text=True)
        os.close(writer)
        with os.fdopen(reader) as records:
            lines = [records.readline()]
            process.send_signal(number)
            lines += records.readlines()
        _, errors = process.communicate(timeout=HANG_S)
        return process.returncode, lines, errors

    def test_ctrl_c_leaves_whole_records_and_a_video_that_plays(self):
        video = self.folder / "out.mp4"
        status, lines, errors = self.interrupt(signal.SIGINT, video, "--video", str(video))
        self.assertEqual(status, 130, errors)
        frames = [json.loads(line)["frame"] for line in lines]
        self.assertEqual(frames, list(range(len(frames))))
        self.assertLess(len(frames), 433)
        counted = subprocess.run(
            ["ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0",
             str(video)], capture_output=True, text=True)
        self.assertEqual(counted.stderr, "")
        self.assertEqual(int(counted.stdout.strip().strip(",")), len(frames))

    def test_sigterm_ends_with_143(self):
        self.assertEqual(self.interrupt(signal.SIGTERM, None)[0], 143)

    def test_an_interrupted_output_is_not_skipped_afterwards(self):
        path = self.folder / "out.csv"
        status, _, _ = self.interrupt(signal.SIGINT, path, "--csv", str(path))
        self.assertEqual(status, 130)
        self.assertTrue((self.folder / "out.csv.incomplete").exists())


if __name__ == "__main__":
    main()
