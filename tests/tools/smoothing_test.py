#!/usr/bin/env python3
"""What tools/smoothing.py measures on tracks that are made up."""
import pathlib
import sys
import unittest

try:
    import numpy as np
except ImportError:
    sys.exit(77)

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))

import smoothing  # noqa: E402  (the path above comes first)

FPS = 30
PLACES = np.random.default_rng(5).uniform(100, 250, (478, 2))


def track_of(motion, delay_s=0.0, noise_px=0.0):
    """Points that follow the motion after a delay, with noise."""
    times = np.arange(smoothing.SECONDS * FPS) / FPS
    points = np.repeat(PLACES[None], len(times), axis=0)
    points[:, :, 0] += motion.shifts(times - delay_s)[:, None]
    points += np.random.default_rng(6).normal(0, noise_px, points.shape) if noise_px else 0
    return smoothing.Track(points, times, 150.0)


class Measures(unittest.TestCase):
    still = smoothing.Motion("still", "still")
    moving = (smoothing.Motion("swing", "swing", 0.5, 60.0), smoothing.Motion("swing", "swing", 1.0, 60.0),
              smoothing.Motion("ramp", "ramp", 60.0, 150.0), smoothing.Motion("ramp", "ramp", 375.0, 150.0))

    def test_jitter_is_the_noise_of_a_coordinate(self):
        self.assertAlmostEqual(smoothing.jitter_px(track_of(self.still, noise_px=0.3)), 0.3, delta=0.01)
        self.assertAlmostEqual(smoothing.jitter_px(track_of(self.still)), 0, delta=1e-9)

    def test_jitter_of_a_shaken_picture_is_that_of_its_motion(self):
        jitter = smoothing.jitter_px(track_of(smoothing.Motion("shaken", "shaken")))
        self.assertAlmostEqual(jitter, smoothing.TREMBLE_PX / 2**0.5, delta=0.02)  # Along one of two axes.

    def test_lag_is_the_delay_also_in_noise(self):
        for motion in self.moving:
            for delay_s in (0.0, 0.012, 0.1):
                track = track_of(motion, delay_s, noise_px=0.5)
                self.assertAlmostEqual(smoothing.lag_s(track, motion, PLACES), delay_s, delta=0.001)

    def test_what_does_not_move_has_no_lag(self):
        self.assertIsNone(smoothing.lag_s(track_of(self.still), self.still, PLACES))

    def test_error_is_the_distance_from_the_truth(self):
        for motion in (self.still, *self.moving):
            track = track_of(motion)
            track.points += (3, 4)
            self.assertAlmostEqual(smoothing.error_px(track, motion, PLACES), 5, places=6)

    def test_error_of_a_delay_is_speed_times_delay(self):
        ramp = smoothing.Motion("ramp", "ramp", 100.0, 600.0)
        self.assertAlmostEqual(smoothing.error_px(track_of(ramp, 0.05), ramp, PLACES), 5, delta=0.1)


class Pictures(unittest.TestCase):
    def test_a_shift_by_a_fraction_is_exact_for_what_repeats(self):
        x = np.arange(64)
        wave = lambda shift: np.repeat(np.cos(2 * np.pi * 3 * (x - shift) / 64)[None, :, None], 2, axis=0)
        np.testing.assert_allclose(smoothing.shifted(wave(0), 0.37), wave(0.37), atol=1e-12)

    def test_a_filter_that_is_wide_open_changes_nothing(self):
        track = track_of(smoothing.Motion("swing", "swing", 1.0, 60.0), noise_px=0.5)
        open_filter = smoothing.one_euro(track, 1e9, 0, 1)
        np.testing.assert_allclose(open_filter.points, track.points, atol=1e-4)


if __name__ == "__main__":
    unittest.main()
