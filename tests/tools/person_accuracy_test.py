#!/usr/bin/env python3
"""Hand-made cases for the mathematics of tools/person_accuracy.py."""

import math
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

import person_accuracy  # noqa: E402  (the path above comes first)


def truth_with(points):
    return np.array([[x, y, 2] for x, y in points], dtype=float)


class Iou(unittest.TestCase):
    def test_of_a_box_with_itself_is_one(self):
        self.assertEqual(person_accuracy.iou([1, 2, 3, 4], [1, 2, 3, 4]), 1)

    def test_of_half_a_box_beside_itself_is_a_third(self):
        self.assertAlmostEqual(person_accuracy.iou([0, 0, 2, 1], [1, 0, 2, 1]), 1 / 3)

    def test_of_boxes_apart_is_nothing(self):
        self.assertEqual(person_accuracy.iou([0, 0, 1, 1], [5, 5, 1, 1]), 0)


class Oks(unittest.TestCase):
    BOX = [0, 0, 100, 200]

    def test_of_points_on_the_truth_is_one(self):
        truth = truth_with([(i, i) for i in range(17)])
        self.assertEqual(person_accuracy.oks(truth, truth, self.BOX), 1)

    def test_falls_with_cocos_constants(self):
        truth = truth_with([(50, 50)] * 17)
        points = truth.copy()
        points[:, 0] += 10
        area = 0.53 * 100 * 200
        sigmas = [0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072, 0.062, 0.062]
        sigmas += [0.107, 0.107, 0.087, 0.087, 0.089, 0.089]
        expected = sum(math.exp(-100 / (2 * area * (2 * s) ** 2)) for s in sigmas) / 17
        self.assertAlmostEqual(person_accuracy.oks(points, truth, self.BOX), expected)

    def test_leaves_out_points_that_are_not_labelled(self):
        truth = truth_with([(50, 50)] * 17)
        points = truth.copy()
        points[3] += 1000
        truth[3] = 0
        self.assertEqual(person_accuracy.oks(points, truth, self.BOX), 1)
        self.assertIsNone(person_accuracy.oks(points, np.zeros((17, 3)), self.BOX))


class Meet(unittest.TestCase):
    def test_the_better_record_meets_first_and_one_person_once(self):
        found = [{"score": 0.5, "box": [0, 0, 10, 10]}, {"score": 0.9, "box": [1, 0, 10, 10]}]
        self.assertEqual(person_accuracy.meet(found, [[0, 0, 10, 10]]), [1])

    def test_a_record_that_is_beside_everybody_meets_nobody(self):
        self.assertEqual(
            person_accuracy.meet([{"score": 1, "box": [8, 0, 10, 10]}], [[0, 0, 10, 10]]), [None]
        )


class AveragePrecision(unittest.TestCase):
    def test_of_all_found_and_nothing_wrong_is_one(self):
        self.assertAlmostEqual(person_accuracy.average_precision([0.9, 0.8], [True, True], 2), 1)

    def test_counts_what_is_not_found(self):
        self.assertAlmostEqual(person_accuracy.average_precision([0.9], [True], 2), 0.5)

    def test_a_wrong_record_costs_only_what_comes_behind_it(self):
        value = person_accuracy.average_precision([0.9, 0.8, 0.7], [True, False, True], 2)
        self.assertAlmostEqual(value, 0.5 * 1 + 0.5 * 2 / 3)


if __name__ == "__main__":
    unittest.main()
