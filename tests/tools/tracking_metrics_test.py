#!/usr/bin/env python3
"""Hand-computed cases for tools/tracking_metrics.py."""

import itertools
import pathlib
import random
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))

import tracking_metrics  # noqa: E402  (the path above comes first)
from tracking_metrics import Hidden, score  # noqa: E402

HERE, THERE, BETWEEN = (0, 0, 10, 10), (100, 0, 10, 10), (50, 0, 10, 10)


class BestAssignment(unittest.TestCase):
    def test_of_nothing_is_nothing(self):
        self.assertEqual(tracking_metrics.best_assignment([]), [])
        self.assertEqual(tracking_metrics.best_assignment([[]]), [])

    def test_takes_the_greatest_sum_and_not_the_greatest_gain_first(self):
        self.assertEqual(tracking_metrics.best_assignment([[9, 8], [8, 1]]), [(0, 1), (1, 0)])

    def test_pairs_nobody_for_nothing(self):
        self.assertEqual(tracking_metrics.best_assignment([[0, 2, 0], [0, 1, 0]]), [(0, 1)])

    def test_gains_as_much_as_the_best_of_all_that_there_are(self):
        randomly = random.Random(3)
        for rows, columns in itertools.product(range(1, 5), range(1, 6)):
            gains = [[randomly.randint(0, 9) for _ in range(columns)] for _ in range(rows)]
            found = sum(gains[r][c] for r, c in tracking_metrics.best_assignment(gains))
            padded = [row + [0] * rows for row in gains]  # the zeros stand for staying alone
            best = max(
                sum(padded[r][c] for r, c in enumerate(chosen))
                for chosen in itertools.permutations(range(columns + rows), rows)
            )
            self.assertEqual(found, best, (rows, columns, gains))


class Measures(unittest.TestCase):
    def check(self, result, **expected):
        self.assertEqual({name: getattr(result, name) for name in expected}, expected)

    def test_of_no_frames_are_none(self):
        self.check(score([]), true=0, mota=None, idf1=None)

    def test_of_tracks_on_the_truth_are_one(self):
        frames = [({"a": HERE, "b": THERE}, {1: HERE, 2: THERE})] * 3
        self.check(score(frames), true=6, found=6, switches=0, mota=1, idf1=1)

    def test_count_what_is_missed_and_what_is_false(self):
        frames = [({"a": HERE}, {1: HERE}), ({"a": HERE}, {}), ({}, {1: HERE}), ({}, {})]
        # Two true boxes, two found, one right.
        self.check(score(frames), missed=1, false=1, mota=0, idf1=0.5)

    def test_a_swap_of_two_is_two_switches(self):
        right = ({"a": HERE, "b": THERE}, {1: HERE, 2: THERE})
        swapped = ({"a": HERE, "b": THERE}, {2: HERE, 1: THERE})
        # Three of four frames are right with a = 1, b = 2: 6 of 8 boxes.
        self.check(score([right, right, right, swapped]), switches=2, mota=1 - 2 / 8, idf1=6 / 8)

    def test_a_track_that_begins_anew_after_a_gap_is_one_switch(self):
        frames = [({"a": HERE}, {1: HERE})] * 2 + [({}, {})] + [({"a": HERE}, {5: HERE})] * 3
        # Best is a = 5: 3 right of 5 true and 5 found.
        self.check(score(frames), switches=1, mota=1 - 1 / 5, idf1=2 * 3 / 10)

    def test_a_track_that_was_two_objects_in_turn_is_one_of_them(self):
        # Track 1 is a, then b; then both are where it is.
        frames = [({"a": HERE}, {1: HERE}), ({"b": HERE}, {1: HERE}), ({"a": HERE, "b": (1, 0, 10, 10)}, {1: HERE})]
        self.check(score(frames), missed=1, false=0)

    def test_a_correspondence_holds_while_it_overlaps_enough(self):
        frames = [({"a": HERE}, {1: HERE}), ({"a": HERE}, {1: (2, 0, 10, 10), 2: HERE})]
        # In the second frame 2 is nearer, but 1 still has an IoU of 2/3.
        self.check(score(frames), switches=0, false=1)

    def test_a_box_that_overlaps_by_less_than_half_is_wrong(self):
        # 4 of 10 pixels apart: IoU 6/14.
        self.check(score([({"a": HERE}, {1: (4, 0, 10, 10)})]), missed=1, false=1, mota=-1)

    def test_who_is_hidden_need_not_be_found_and_may_be(self):
        hidden = Hidden(BETWEEN)
        truth = {"a": HERE, "b": hidden}
        frames = [(truth, {1: HERE}), (truth, {1: HERE, 2: BETWEEN})]
        self.check(score(frames), true=2, found=2, mota=1, idf1=1)

    def test_a_swap_behind_somebody_counts_when_they_come_out(self):
        frames = [
            ({"a": HERE, "b": THERE}, {1: HERE, 2: THERE}),
            ({"a": BETWEEN, "b": Hidden(BETWEEN)}, {1: BETWEEN}),
            ({"a": THERE, "b": HERE}, {2: THERE, 1: HERE}),
        ]
        self.check(score(frames), true=5, switches=2)

    def test_of_sequences_add_up(self):
        one = score([({"a": HERE}, {1: HERE})])
        other = score([({"a": HERE}, {})])
        self.check(one + other, true=2, found=1, missed=1, mota=0.5, idf1=2 / 3)


if __name__ == "__main__":
    unittest.main()
