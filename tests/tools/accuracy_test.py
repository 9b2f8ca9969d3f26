#!/usr/bin/env python3
"""Hand-made cases for the mathematics of tools/accuracy.py, above all for its signs."""

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

import accuracy  # noqa: E402  (the path above comes first)
import action_unit_accuracy  # noqa: E402
import gaze_accuracy  # noqa: E402
from head_rotation import (  # noqa: E402
    aflw2000_rotation,
    angle_difference_deg,
    contract_angles,
    contract_rotation,
    geodesic_deg,
)

# Directions of a head that looks into the camera; camera axes x right, y down, z away.
NOSE = np.array([0.0, 0.0, -1.0])
PICTURE_RIGHT_EAR = np.array([1.0, 0.0, 0.0])


class ContractRotation(unittest.TestCase):
    def test_positive_yaw_turns_the_nose_to_the_pictures_right(self):
        nose = contract_rotation(30, 0, 0) @ NOSE
        np.testing.assert_allclose(nose, [0.5, 0, -math.sqrt(0.75)], atol=1e-12)

    def test_positive_pitch_turns_the_nose_up(self):
        nose = contract_rotation(0, 30, 0) @ NOSE
        np.testing.assert_allclose(nose, [0, -0.5, -math.sqrt(0.75)], atol=1e-12)

    def test_positive_roll_turns_clockwise_as_seen(self):
        ear = contract_rotation(0, 0, 30) @ PICTURE_RIGHT_EAR
        np.testing.assert_allclose(ear, [math.sqrt(0.75), 0.5, 0], atol=1e-12)

    def test_angles_come_back(self):
        for angles in ((0, 0, 0), (25, -40, 60), (-80, 50, -120), (70, 10, 170)):
            with self.subTest(angles=angles):
                back = contract_angles(contract_rotation(*angles))
                np.testing.assert_allclose(back, angles, atol=1e-9)


class Aflw2000Rotation(unittest.TestCase):
    """pitch, yaw, roll of the ground truth, whose yaw is positive to the picture's left."""

    def test_yaw_to_the_pictures_left_is_negative_in_the_contract(self):
        np.testing.assert_allclose(
            contract_angles(aflw2000_rotation(0, 30, 0)), [-30, 0, 0], atol=1e-12
        )
        self.assertLess((aflw2000_rotation(0, 30, 0) @ NOSE)[0], 0)

    def test_pitch_up_is_up_in_both(self):
        np.testing.assert_allclose(
            contract_angles(aflw2000_rotation(20, 0, 0)), [0, 20, 0], atol=1e-12
        )
        self.assertLess((aflw2000_rotation(20, 0, 0) @ NOSE)[1], 0)

    def test_roll_is_clockwise_in_both(self):
        np.testing.assert_allclose(
            contract_angles(aflw2000_rotation(0, 0, 15)), [0, 0, 15], atol=1e-12
        )

    def test_order_is_pitch_last(self):
        # Rx·Ry·Rz: with a quarter turn of yaw to the picture's left the nose lies along the axis
        # that pitch turns about, so pitch cannot move it.
        nose = aflw2000_rotation(40, 90, 0) @ NOSE
        np.testing.assert_allclose(nose, [-1, 0, 0], atol=1e-12)

    def test_agrees_with_the_points_that_the_truth_was_fitted_to(self):
        # image00475, pitch 39.959 yaw 65.621 roll 19.99: rotation between its pt3d_68 (y down, z
        # towards the camera, so negated) and MediaPipe's canonical face, by an independent fit.
        fitted = contract_rotation(-60.0, 51.8, -36.8)
        self.assertLess(geodesic_deg(aflw2000_rotation(39.959, 65.621, 19.99), fitted), 3.5)

    def test_is_a_rotation(self):
        rotation = aflw2000_rotation(12, -34, 56)
        np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-12)
        self.assertAlmostEqual(np.linalg.det(rotation), 1.0)


class Differences(unittest.TestCase):
    def test_geodesic_of_two_turns_about_one_axis_is_their_difference(self):
        angle = geodesic_deg(contract_rotation(10, 0, 0), contract_rotation(-25, 0, 0))
        self.assertAlmostEqual(angle, 35.0)

    def test_angles_differ_across_the_seam(self):
        self.assertAlmostEqual(angle_difference_deg(179, -179), -2)
        self.assertAlmostEqual(angle_difference_deg(-170, 170), 20)

    def test_pose_error_is_found_minus_true(self):
        errors = accuracy.pose_errors(contract_rotation(10, 0, 0), contract_rotation(13, 0, 0))
        np.testing.assert_allclose(errors, [3, 3, 0, 0], atol=1e-6)


def projected_face(yaw_deg, pitch_deg, roll_deg):
    """68 points, the rigid ones projected without perspective; the others at the origin."""
    rotation = contract_rotation(yaw_deg, pitch_deg, roll_deg)
    points = np.zeros((68, 2))
    for index, position in accuracy.RIGID_POINTS.items():
        points[index] = 0.7 * (rotation @ np.array(position))[:2] + [300, 200]
    return points


class EstimatedYaw(unittest.TestCase):
    def test_is_exact_without_perspective(self):
        for angles in ((0, 0, 0), (35, 0, 0), (-35, 0, 0), (50, 20, -15), (-20, -25, 40)):
            with self.subTest(angles=angles):
                self.assertAlmostEqual(
                    accuracy.estimated_yaw_deg(projected_face(*angles)), angles[0], places=6
                )


class NormalizedErrors(unittest.TestCase):
    def setUp(self):
        self.truth = projected_face(0, 0, 0)
        self.eyes = np.linalg.norm(self.truth[36] - self.truth[45])

    def test_is_zero_on_the_truth(self):
        self.assertEqual(accuracy.normalized_errors(self.truth, self.truth), (0.0, 0.0))

    def test_is_the_shift_over_the_distance_of_the_eyes(self):
        inner, all_points = accuracy.normalized_errors(self.truth, self.truth + [3, 4])
        self.assertAlmostEqual(inner, 5 / self.eyes)
        self.assertAlmostEqual(all_points, 5 / self.eyes)

    def test_the_outline_counts_only_among_all(self):
        found = self.truth.copy()
        found[:17] += [68, 0]
        inner, all_points = accuracy.normalized_errors(self.truth, found)
        self.assertEqual(inner, 0.0)
        self.assertAlmostEqual(all_points, 17 / self.eyes)


class Match(unittest.TestCase):
    def test_the_best_overlap_comes_first_and_each_box_is_used_once(self):
        truth = [np.array([0, 0, 10, 10.0]), np.array([2, 0, 10, 10.0])]
        found = [np.array([2, 0, 10, 10.0])]
        self.assertEqual(accuracy.match(truth, found), {1: 0})

    def test_less_than_half_an_overlap_is_a_miss(self):
        truth = [np.array([0, 0, 10, 10.0])]
        self.assertEqual(accuracy.match(truth, [np.array([0, 0, 10, 4.9])]), {})
        self.assertEqual(accuracy.match(truth, [np.array([0, 0, 10, 5.1])]), {0: 0})

    def test_overlap_is_intersection_over_union(self):
        self.assertAlmostEqual(accuracy.iou([0, 0, 10, 10], [5, 0, 10, 10]), 1 / 3)
        self.assertEqual(accuracy.iou([0, 0, 10, 10], [20, 0, 10, 10]), 0.0)
        self.assertEqual(accuracy.iou([0, 0, 0, 0], [0, 0, 0, 0]), 0.0)


class Judgement(unittest.TestCase):
    def picture(self, found):
        truth = accuracy.TrueFace("a.jpg", projected_face(0, 0, 0), rotation=np.eye(3))
        return accuracy.Picture("a.jpg", True, [truth], found)

    def found(self, shift=0.0, yaw_deg=0.0):
        points = projected_face(0, 0, 0) + [shift, 0]
        return accuracy.FoundFace(
            0.9, accuracy.extent(points), points, contract_rotation(yaw_deg, 0, 0)
        )

    def measures(self, found):
        verdicts, counts = accuracy.judge_picture(self.picture(found))
        return accuracy.summarize(verdicts, [counts])

    def test_a_perfect_face_keeps_every_threshold(self):
        measures = self.measures([self.found()])
        verdicts = {name: accuracy.kept(name, measures[name][0]) for name in accuracy.THRESHOLDS}
        self.assertTrue(all(verdicts.values()), verdicts)

    def test_a_mirrored_yaw_is_an_error_of_twice_the_angle(self):
        picture = self.picture([self.found(yaw_deg=-20)])
        picture.truth[0].rotation = contract_rotation(20, 0, 0)
        verdicts, _ = accuracy.judge_picture(picture)
        np.testing.assert_allclose(verdicts[0].pose, [40, -40, 0, 0], atol=1e-6)

    def test_nothing_found_keeps_no_threshold(self):
        measures = self.measures([])
        for name in accuracy.THRESHOLDS:
            self.assertFalse(accuracy.kept(name, measures[name][0]), name)

    def test_a_second_box_on_a_face_costs_precision(self):
        measures = self.measures([self.found(), self.found(shift=3)])
        self.assertEqual(measures["precision_by_box"], (0.5, 2))
        self.assertEqual(measures["recall_large_by_box"], (1.0, 1))

    def test_an_ignored_face_counts_neither_way(self):
        picture = self.picture([self.found()])
        picture.truth[0].ignored = True
        verdicts, counts = accuracy.judge_picture(picture)
        self.assertEqual((verdicts, counts), ([], (0, 0)))


class GazeAtTheCamera(unittest.TestCase):
    def record(self, gaze, x=320.0, y=240.0):
        face = {"landmarks": [[x, y, 0.0]] * 478, "gaze": gaze}
        return {"width": 640, "height": 480, "faces": [face]}

    def measures(self, gaze, x=320.0, y=240.0):
        return gaze_accuracy.measures_of([self.record(gaze, x, y)])

    def test_is_no_error_along_the_axis_for_a_face_on_it(self):
        measures = self.measures({"yaw_deg": 0, "pitch_deg": 0})
        self.assertAlmostEqual(measures["gaze_deg"][0], 0)
        self.assertEqual(measures["gaze_eyes_deg"], (None, 0))

    def test_is_relative_to_the_ray_to_the_face(self):
        # At the right edge of 60 degrees the camera is seen 30 degrees to the left.
        measures = self.measures({"yaw_deg": -30, "pitch_deg": 0}, x=640.0)
        self.assertAlmostEqual(measures["gaze_deg"][0], 0, places=5)
        measures = self.measures({"yaw_deg": 30, "pitch_deg": 0}, x=640.0)
        self.assertAlmostEqual(measures["gaze_yaw_deg"][0], 60)

    def test_looks_up_from_below_the_camera(self):
        focal = 320 / np.tan(np.radians(30))
        pitch = np.degrees(np.arctan2(200, focal))
        measures = self.measures({"yaw_deg": 0, "pitch_deg": pitch}, y=440.0)
        self.assertAlmostEqual(measures["gaze_deg"][0], 0, places=5)

    def test_each_open_eye_counts(self):
        gaze = {"yaw_deg": 0, "pitch_deg": 0, "left": {"yaw_deg": 0, "pitch_deg": 8}}
        angle, count = self.measures(gaze)["gaze_eyes_deg"]
        self.assertAlmostEqual(angle, 8)
        self.assertEqual(count, 1)

    def test_a_face_with_shut_eyes_does_not_count(self):
        record = self.record({})
        del record["faces"][0]["gaze"]
        self.assertEqual(gaze_accuracy.measures_of([record])["gaze_deg"], (None, 0))


class UnitsOfPosedExpressions(unittest.TestCase):
    def units(self, expressed, otherwise):
        """Every picture's units: `expressed` where they are expected, else `otherwise`."""
        names = {name for expected in action_unit_accuracy.POSED.values() for name in expected}
        return {
            picture: {
                name: {
                    "intensity": expressed if name in expected else otherwise,
                    "present": (expressed if name in expected else otherwise) > 1,
                }
                for name in names
            }
            for picture, expected in action_unit_accuracy.POSED.items()
        }

    def test_are_met_where_they_are_clearly_above_the_other_pictures(self):
        measures = action_unit_accuracy.measures_of("openface", self.units(3, 1))
        self.assertEqual(measures["au_openface"], (1, 12))
        self.assertAlmostEqual(measures["au_openface_margin"][0], 2)

    def test_are_not_met_without_a_margin_or_a_presence(self):
        for expressed, otherwise in ((3, 2.6), (0.9, 0)):
            measures = action_unit_accuracy.measures_of(
                "openface", self.units(expressed, otherwise)
            )
            self.assertEqual(measures["au_openface"][0], 0)

    def test_a_unit_that_cannot_be_told_is_no_counterexample(self):
        units = self.units(3, 1)
        units["images/pyfeat/0-f15-hao-ph.jpg"]["AU07"]["intensity"] = 5
        self.assertEqual(action_unit_accuracy.measures_of("blendshapes", units)["au_blendshapes"][0], 1)


class MeshOfIbug(unittest.TestCase):
    def test_names_68_points_of_the_mesh_with_the_right_eye_first(self):
        self.assertEqual(len(accuracy.MESH_OF_IBUG), 68)
        self.assertEqual(len(set(accuracy.MESH_OF_IBUG)), 68)
        self.assertEqual(accuracy.MESH_OF_IBUG[accuracy.RIGHT_EYE_OUTER], 33)
        self.assertEqual(accuracy.MESH_OF_IBUG[accuracy.LEFT_EYE_OUTER], 263)


if __name__ == "__main__":
    unittest.main()
