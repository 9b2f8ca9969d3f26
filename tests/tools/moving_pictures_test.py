#!/usr/bin/env python3
"""Shows that the truth of tools/moving_pictures.py is where the pictures have it."""

import pathlib
import sys
import unittest

SKIPPED = 77  # what CTest takes for skipped

try:
    import numpy as np
except ImportError:
    print("skipped: numpy is not installed for this Python")
    sys.exit(SKIPPED)

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))

import moving_pictures  # noqa: E402  (the path above comes first)
from moving_pictures import HEIGHT, WIDTH, CutOut, Stage, View  # noqa: E402
from tracking_metrics import Hidden  # noqa: E402

BOX = (400, 200, 60, 90)


def still_with(box, size=(600, 900)):
    """Black, with a white box."""
    still = np.zeros((*size, 3), np.uint8)
    x, y, width, height = box
    still[y : y + height, x : x + width] = 255
    return still


def bright_box(picture, level=127):
    """The bounds of what is brighter than half."""
    rows, columns = np.nonzero(picture[:, :, 0] > level)
    x, y = columns.min(), rows.min()
    return (x, y, columns.max() + 1 - x, rows.max() + 1 - y)


class Truth(unittest.TestCase):
    def check(self, box, picture, within=1.0):
        for found, true in zip(bright_box(picture), box):
            self.assertAlmostEqual(found, true, delta=within)

    def test_of_a_view_is_where_the_picture_has_it(self):
        for path in ((430, 240, 1.0), (410, 260, 1.7), (380.5, 210.25, 2.5)):
            view = View(still_with(BOX), [BOX], lambda _, at=path: at)
            picture, truth = view.at(0)
            self.assertEqual(picture.shape, (HEIGHT, WIDTH, 3))
            self.check(truth[0], picture)

    def test_of_a_view_is_cut_at_the_edge_and_hidden_beyond_most_of_it(self):
        for x, kind in ((400 + 320 + 20, tuple), (400 + 320 + 40, Hidden), (400 + 320 + 61, None)):
            truth = View(still_with(BOX), [BOX], lambda _, x=x: (x, 245, 1.0)).at(0)[1]
            self.assertEqual(type(truth[0]) if truth else None, kind)
            if kind is tuple:
                self.assertEqual(truth[0], (0, 135, 40, 90))

    def test_of_a_cut_out_is_where_the_picture_has_it(self):
        cut_out = CutOut.of(still_with(BOX), BOX, 0.5, 45, lambda t: (100 + 60 * t, 50))
        stage = Stage(np.zeros((HEIGHT, WIDTH, 3), np.uint8), [cut_out])
        for time_s in (0, 0.5, 2):
            picture, truth = stage.at(time_s)
            self.assertAlmostEqual(truth[0][0], 100 + 60 * time_s, delta=0.51)
            self.assertAlmostEqual(truth[0][3], 45)
            self.check(truth[0], picture)

    def test_of_a_cut_out_is_hidden_behind_a_nearer_one(self):
        still = still_with(BOX)
        farther = CutOut.of(still, BOX, 0.1, 90, lambda t: (100, 100))
        nearer = CutOut.of(still, BOX, 0.1, 90, lambda t: (100 + 60 * t, 100))
        stage = Stage(np.zeros((HEIGHT, WIDTH, 3), np.uint8), [farther, nearer])
        self.assertIsInstance(stage.at(0.5)[1][0], Hidden)
        self.assertIsInstance(stage.at(0.8)[1][0], tuple)
        self.assertIsInstance(stage.at(0.5)[1][1], tuple)


if __name__ == "__main__":
    unittest.main()
