#!/usr/bin/env python3
"""What tools/soak.py says of runs whose memory is made up."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))

import soak  # noqa: E402  (the path above comes first)


def run(minutes, resident_mb):
    """A sample each second; `resident_mb` of the time in seconds."""
    return [soak.Sample(t, resident_mb(t), 0.0) for t in range(int(60 * minutes) + 1)]


def growing(mb_per_h, noise_mb=0.0):
    return lambda t: 140 + mb_per_h * t / 3600 + noise_mb * (t * 7919 % 101 - 50) / 100


class LongRuns(unittest.TestCase):
    def test_memory_that_stays_is_good(self):
        self.assertTrue(soak.judge(run(30, growing(0))).good)

    def test_the_limit_lies_at_two_megabytes_an_hour(self):
        self.assertTrue(soak.judge(run(30, growing(1.8, noise_mb=1))).good)
        self.assertFalse(soak.judge(run(30, growing(2.2, noise_mb=1))).good)

    def test_what_grows_in_the_first_five_minutes_is_warm_up(self):
        self.assertTrue(soak.judge(run(30, lambda t: 100 + 50 * min(t, 290) / 290)).good)

    def test_a_step_after_the_warm_up_is_growth(self):
        self.assertFalse(soak.judge(run(30, lambda t: 140 if t < 900 else 142)).good)

    def test_memory_that_shrinks_is_good(self):
        self.assertTrue(soak.judge(run(30, growing(-20))).good)


class ShortRuns(unittest.TestCase):
    def test_memory_that_stays_is_good(self):
        self.assertTrue(soak.judge(run(1, growing(0, noise_mb=0.5))).good)

    def test_a_leak_of_a_picture_in_a_hundred_frames_is_seen(self):
        """720p at 120 frames a second in all: 1.4 MB x 1.2 a second."""
        self.assertFalse(soak.judge(run(1, growing(1.4 * 1.2 * 3600))).good)

    def test_a_leak_of_a_faces_landmarks_a_frame_is_seen(self):
        self.assertFalse(soak.judge(run(1, growing(478 * 12 * 120 * 3600 / 1e6))).good)

    def test_growth_of_the_warm_up_is_not_judged(self):
        self.assertTrue(soak.judge(run(1, lambda t: 130 + min(t, 29))).good)

    def test_growth_behind_the_warm_up_is(self):
        self.assertFalse(soak.judge(run(1, lambda t: 130 + 3 * (t > 45))).good)

    def test_too_few_samples_are_no_proof(self):
        self.assertFalse(soak.judge(run(0.1, growing(0))).good)
        self.assertFalse(soak.judge([]).good)


class MemoryOf(unittest.TestCase):
    def test_this_process_has_some(self):
        resident_mb, anonymous_mb = soak.memory_of(__import__("os").getpid())
        self.assertGreater(anonymous_mb, 1)
        self.assertGreater(resident_mb, anonymous_mb)

    def test_a_process_that_is_gone_has_none(self):
        self.assertIsNone(soak.memory_of(2 ** 22 + 1))  # Beyond the kernel's largest.


if __name__ == "__main__":
    unittest.main(verbosity=2)
