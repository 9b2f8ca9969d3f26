"""Head rotations: the contract's angles, the ground truth's, and what lies between two of them.

Contract: camera axes x right, y down, z away; R = Rz(roll) · Ry(-yaw) · Rx(-pitch) with the usual
right-handed matrices, so that yaw is positive towards the picture's right edge, pitch upwards, roll
clockwise as seen. A face that looks into the camera has R = I and its nose along -z.

3DDFA and AFLW2000 (Zhu, Lei, Liu, Shi, Li, "Face Alignment Across Large Poses", CVPR 2016; their
RotationMatrix.m): axes x right, y up, z towards the camera; R = Rx(pitch) · Ry(yaw) · Rz(roll) with
matrices that turn the other way round than the usual ones, so that yaw is positive towards the
picture's left edge, pitch upwards, roll clockwise as seen.
"""

import math

import numpy as np

# Turns axes (x right, y up, z towards the camera) into (x right, y down, z away) and back.
FLIP_Y_Z = np.diag([1.0, -1.0, -1.0])


def rotation_x(angle_rad):
    """The usual right-handed matrix: y towards z."""
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def rotation_y(angle_rad):
    """The usual right-handed matrix: z towards x."""
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])


def rotation_z(angle_rad):
    """The usual right-handed matrix: x towards y."""
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


def contract_rotation(yaw_deg, pitch_deg, roll_deg):
    """Head rotation in camera axes from the angles of a record."""
    yaw, pitch, roll = np.radians([yaw_deg, pitch_deg, roll_deg])
    return rotation_z(roll) @ rotation_y(-yaw) @ rotation_x(-pitch)


def contract_angles(rotation):
    """yaw, pitch, roll in degrees of a rotation in camera axes; |yaw| <= 90."""
    yaw = math.asin(max(-1.0, min(1.0, rotation[2, 0])))
    pitch = -math.atan2(rotation[2, 1], rotation[2, 2])
    roll = math.atan2(rotation[1, 0], rotation[0, 0])
    return tuple(math.degrees(angle) for angle in (yaw, pitch, roll))


def aflw2000_rotation(pitch_deg, yaw_deg, roll_deg):
    """Head rotation in camera axes from AFLW2000's (3DDFA's) angles."""
    pitch, yaw, roll = np.radians([pitch_deg, yaw_deg, roll_deg])
    y_up = rotation_x(-pitch) @ rotation_y(-yaw) @ rotation_z(-roll)
    return FLIP_Y_Z @ y_up @ FLIP_Y_Z


def geodesic_deg(a, b):
    """The angle of the rotation that leads from a to b."""
    cosine = (np.trace(a.T @ b) - 1) / 2
    return math.degrees(math.acos(max(-1.0, min(1.0, cosine))))


def angle_difference_deg(a, b):
    """a - b in [-180, 180)."""
    return (a - b + 180.0) % 360.0 - 180.0
