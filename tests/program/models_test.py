#!/usr/bin/env python3
"""`retinue models`, `devices` and `bench`."""
import json
import os
import unittest

from program_case import ProgramCase, main, media, model


BUNDLE = "face_landmarks/face_landmarker_v2_with_blendshapes.task"


class Models(ProgramCase):
    def environment(self, **changes):
        environment = dict(os.environ, XDG_CACHE_HOME=str(self.folder))
        environment.update(changes)
        return {name: value for name, value in environment.items() if value is not None}

    def test_the_list_says_which_are_defaults(self):
        lines = self.retinue("models", "list").stdout.splitlines()
        self.assertEqual(sum("default" in line for line in lines), 8)

    def test_pull_prepares_the_defaults_and_verify_finds_them_right(self):
        pulled = self.retinue("models", "pull", env=self.environment()).stdout
        self.assertEqual(pulled.count("ready"), 8)
        verified = self.retinue("models", "verify", env=self.environment()).stdout
        self.assertEqual(verified.count("right"), 8)

    def test_offline_the_error_says_how_to_help_oneself(self):
        environment = self.environment(RETINUE_MIRROR=None, https_proxy="http://127.0.0.1:9")
        done = self.retinue("models", "pull", expect=3, env=environment)
        self.assertIn("RETINUE_MIRROR", done.stderr)

    def test_show_says_what_a_file_is(self):
        shown = self.retinue("models", "show", model("face_detection/yunet_s_dynamic.onnx")).stdout
        self.assertIn("yunet", shown)
        self.assertIn("cls_8", shown)

    def test_show_says_by_what_a_detector_was_recognised(self):
        shown = self.retinue("models", "show", model("person_detection/yolox_nano.onnx")).stdout
        self.assertIn("yolox, for the task persons", shown)
        self.assertIn("because   one float input [N, 3, H, W]", shown)
        self.assertIn("class 0 is the person", shown)

    def test_show_says_that_outputs_are_left_out_which_nothing_reads(self):
        shown = self.retinue("models", "show", model("body_pose/pose_landmark_lite.tflite")).stdout
        self.assertIn("blazepose_landmarks, for the task pose", shown)
        self.assertIn("2 outputs left out that nothing reads", shown)

    def test_show_says_what_each_model_of_a_task_bundle_is(self):
        shown = self.retinue("models", "show", model(BUNDLE)).stdout
        self.assertIn("MediaPipe task bundle", shown)
        self.assertIn("member    face_landmarks_detector.tflite", shown)
        self.assertIn("mediapipe_face_mesh, for the task landmarks", shown)
        self.assertIn("mediapipe_blendshapes, for the task blendshapes", shown)
        self.assertIn("blazeface, for the task faces", shown)

    def test_show_reads_an_openvino_model_with_the_weights_beside_it(self):
        shown = self.retinue("models", "show", model("gaze/gaze-estimation-adas-0002_fp16.xml")).stdout
        self.assertIn("OpenVINO IR", shown)
        self.assertIn("gaze_vector float32 [1, 3]", shown)

    def test_a_damaged_model_of_any_format_is_named(self):
        for name in [BUNDLE, "body_pose/pose_detection.tflite", "head_pose/head-pose-estimation-adas-0001_fp16.xml"]:
            with self.subTest(name=name):
                cut = self.folder / ("cut" + model(name).suffix)
                cut.write_bytes(model(name).read_bytes()[:50_000])
                cut.with_suffix(".bin").write_bytes(b"")
                self.assert_one_sentence(self.retinue("models", "show", cut, expect=3), str(cut))

    def test_a_task_bundle_measures_what_the_default_models_do(self):
        picture = media("golden/tfjs_face/portrait.jpg")
        bundle = model(BUNDLE)
        expected = self.records(picture)[0]["faces"]
        models = ["--model", f"landmarks={bundle}", "--model", f"blendshapes={bundle}"]
        measured = self.records(picture, *models)[0]["faces"]
        self.assertEqual(len(measured), len(expected))
        for face, reference in zip(measured, expected):
            for point, there in zip(face["landmarks"], reference["landmarks"], strict=True):
                for place, other in zip(point, there):
                    self.assertAlmostEqual(place, other, delta=0.05)  # of 1024 pixels
            for name, score in reference["blendshapes"].items():
                self.assertAlmostEqual(face["blendshapes"][name], score, delta=0.01, msg=name)

    def test_show_says_why_a_file_is_not_known(self):
        shown = self.retinue("models", "show", model("head_pose/fsanet-1x1-iter-688590.onnx")).stdout
        self.assertIn("not ", shown)

    def test_a_name_that_is_not_in_the_catalogue_is_an_error(self):
        self.assert_one_sentence(self.retinue("models", "pull", "nonsense", expect=3), "nonsense", "models list")


class Machine(ProgramCase):
    def test_devices_as_json(self):
        devices = json.loads(self.retinue("devices", "--json").stdout)
        self.assertIn("CPUExecutionProvider", devices["providers"])
        self.assertIn("h264", devices["decoders"])

    def test_bench_prints_the_keys_of_the_contract(self):
        video = media("videos/faces/pyfeat_single_face.mp4")
        report = json.loads(self.retinue("bench", video, "--frames", ":10", "--repeat", "1", "--json").stdout)
        self.assertTrue({"frames", "frames_per_s", "bound_frames_per_s", "ratio", "cpu_s_per_frame", "peak_rss_bytes",
                         "latency_ms", "stages"} <= set(report))
        self.assertEqual(report["frames"], 10)
        self.assertEqual(report["ratio_range"], [report["ratio"], report["ratio"]])
        self.assertEqual(set(report["latency_ms"]), {"p50", "p95", "p99"})


    def test_bench_calibrates_every_model_and_counts_every_step(self):
        video = media("videos/faces/ptgaze_video03.mp4")
        tasks = "landmarks,blendshapes,gaze,action-units,pose,embedding,emotion"
        report = json.loads(self.retinue("bench", video, "--frames", ":4", "--repeat", "1", "--rounds", "2",
                                         "--tasks", tasks, "--json").stdout)
        models = ["faces", "landmarks", "blendshapes", "gaze", "embedding", "emotion", "persons", "pose"]
        self.assertEqual(set(report["calibration"]), {"decode", *models})
        self.assertTrue({*models, "head-pose", "action-units", "track"} <= set(report["stages"]))
        self.assertEqual(report["rounds"], 2)
        least, greatest = report["ratio_range"]
        self.assertTrue(least <= report["ratio"] <= greatest)


if __name__ == "__main__":
    main()
