#!/usr/bin/env python3
"""Wrong inputs: an exit status of the contract and one clear sentence each."""
import os
import subprocess

from program_case import HANG_S, PROGRAM, ProgramCase, main, media, model

PICTURE = "robust/images/ref.jpg"
VIDEO = "videos/faces/pyfeat_single_face.mp4"


class WrongInputs(ProgramCase):
    def failing_run(self, status, *arguments):
        return self.retinue("run", "-q", *arguments, expect=status)

    def test_a_missing_file_is_named_and_the_others_are_done(self):
        output = self.folder / "out.jsonl"
        done = self.failing_run(1, "missing.mp4", media(PICTURE), "--jsonl", output)
        self.assert_one_sentence(done, "missing.mp4", "no such file")
        self.assertEqual(len(output.read_text().splitlines()), 1)

    def test_a_folder_without_media_says_what_would_count(self):
        self.assert_one_sentence(self.failing_run(1, self.folder), str(self.folder), "no media", "mp4")

    def test_a_text_file_named_mp4_is_no_video(self):
        text = self.folder / "text.mp4"
        text.write_text("hello")
        self.assert_one_sentence(self.failing_run(1, text), "text.mp4", "not a video or picture")

    def test_a_glob_without_a_match_says_so(self):
        self.assert_one_sentence(self.failing_run(1, self.folder / "*.mp4"), "*.mp4", "no file matches")

    def test_a_model_that_is_no_gaze_model_says_what_one_would_be(self):
        wrong = f"gaze={model('face_detection/yunet_n_dynamic.onnx')}"
        self.assert_one_sentence(
            self.failing_run(3, media(PICTURE), "--tasks", "gaze", "--model", wrong), "left_eye_image", "gaze_bins")

    def test_an_unknown_task_is_wrong_usage(self):
        self.assert_one_sentence(self.failing_run(2, media(PICTURE), "--tasks", "hands"), "hands", "head-pose")

    def test_an_unknown_option_is_wrong_usage(self):
        self.assert_one_sentence(self.failing_run(2, media(PICTURE), "--bogus"), "--bogus", "--help")

    def test_a_device_that_is_not_built_is_wrong_usage(self):
        self.assert_one_sentence(self.failing_run(2, media(PICTURE), "--device", "cuda"), "cuda", "cpu")

    def test_an_empty_range_of_frames_is_wrong_usage(self):
        self.assert_one_sentence(self.failing_run(2, media(VIDEO), "--frames", "9:3"), "9:3", "A:B")

    def test_numbers_out_of_range_are_wrong_usage(self):
        for option, value in [("--fov", "0"), ("--fov", "180"), ("--min-score", "1.5"), ("--detect-size", "1"),
                              ("--lanes", "0"), ("--queue", "none"), ("--intrinsics", "1,2,3"),
                              ("--frames", "x:y"), ("--detect-every", "0"), ("--model", "faces")]:
            with self.subTest(option=option, value=value):
                self.assert_one_sentence(self.failing_run(2, media(VIDEO), option, value), option, value.rstrip("."))

    def test_a_model_of_another_kind_says_what_was_found_and_what_would_do(self):
        wrong = model("face_landmarks/landmarks_68_pfld_faceonnx.onnx")
        done = self.failing_run(3, media(PICTURE), "--model", f"faces={wrong}")
        self.assert_one_sentence(done, str(wrong), "[1, 3, 112, 112]", "cls_S")

    def test_a_truncated_model_is_invalid(self):
        truncated = self.folder / "cut.onnx"
        truncated.write_bytes(model("face_detection/yunet_n_dynamic.onnx").read_bytes()[:100_000])
        self.assert_one_sentence(
            self.failing_run(3, media(PICTURE), "--model", f"faces={truncated}"), "cut.onnx", "cut short")

    def test_a_missing_model_file_is_named(self):
        done = self.failing_run(3, media(PICTURE), "--model", "faces=nowhere.onnx")
        self.assert_one_sentence(done, "nowhere.onnx")

    def test_a_model_that_no_task_needs_is_named(self):
        done = self.retinue("run", media(PICTURE), "--tasks", "faces", "--model", "gaze=typo.onnx")
        self.assertIn("'typo.onnx' is not used: no task of this run needs one for 'gaze'", done.stderr)

    def test_a_full_disk_is_an_output_that_cannot_be_written(self):
        for option in ["--jsonl", "--csv", "--video", "--stats"]:
            with self.subTest(option=option):
                self.assert_one_sentence(
                    self.failing_run(5, media(VIDEO), option, "/dev/full"), "/dev/full", "o space left")

    def test_a_folder_that_does_not_exist_is_an_output_that_cannot_be_written(self):
        for option in ["--jsonl", "--csv", "--video"]:
            with self.subTest(option=option):
                path = self.folder / "missing" / "out"
                self.assert_one_sentence(self.failing_run(5, media(VIDEO), option, path), str(path))

    def test_no_permission_is_an_output_that_cannot_be_written(self):
        # Nobody may write here, root neither.
        self.assert_one_sentence(self.failing_run(5, media(PICTURE), "--jsonl", "/proc/version"), "/proc/version")

    def test_one_video_for_two_sources_is_wrong_usage(self):
        done = self.failing_run(2, media(PICTURE), media(VIDEO), "--video", self.folder / "o.mp4")
        self.assert_one_sentence(done, "{source}")

    def test_two_outputs_in_one_file_are_wrong_usage(self):
        path = self.folder / "out"
        self.assert_one_sentence(self.failing_run(2, media(PICTURE), "--jsonl", path, "--csv", path), str(path))

    def test_an_output_over_a_source_is_wrong_usage(self):
        source = self.folder / "photo.jpg"
        source.write_bytes(media(PICTURE).read_bytes())
        self.assert_one_sentence(self.failing_run(2, source, "--jsonl", source), str(source), "source")
        self.assertEqual(source.read_bytes(), media(PICTURE).read_bytes())

    def test_a_closed_pipe_is_an_output_that_cannot_be_written(self):
        reader, writer = os.pipe()
        os.close(reader)
        done = self.retinue_to(writer, "run", "-q", media(VIDEO), "--jsonl", "-")
        self.assertEqual(done.returncode, 5, done.stderr)
        self.assert_one_sentence(done, "stdout")

    def retinue_to(self, descriptor, *arguments):
        try:
            return subprocess.run([PROGRAM, *map(str, arguments)], stdout=descriptor, stderr=subprocess.PIPE,
                                  text=True, timeout=HANG_S)
        finally:
            os.close(descriptor)

    def test_no_command_is_wrong_usage_and_help_is_not(self):
        self.assert_one_sentence(self.retinue(expect=2), "--help")
        self.assertIn("--jsonl", self.retinue("run", "--help").stdout)


if __name__ == "__main__":
    main()
