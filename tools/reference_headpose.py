#!/usr/bin/env python3
"""Plain references of head pose from the 478-point mesh, and a comparison on ground truth.

Three ways are here, all with the contract's axes (camera x right, y down, z away; millimetres):

procrustes_weak         weighted similarity fit of the mesh's own x, y, z: weak perspective.
procrustes_perspective  MediaPipe's face geometry: the same fit after unprojecting the mesh through
                        the camera, so that the rotation is relative to the camera's axes and
                        not to the ray.
pnp                     Gauss-Newton on the reprojection of the basis points: 2D only.

The canonical face (468 vertices in centimetres, axes x right, y up, z towards the camera) and the
33 weighted basis points that move with the skull and not with the expression are read from
MediaPipe's own bundle.
"""

import argparse
import math
import os
import pathlib
import re
import struct
import sys
import zipfile

import numpy as np

from head_rotation import FLIP_Y_Z

BUNDLE = "models/face_landmarks/face_landmarker_v2_with_blendshapes.task"
METADATA = "geometry_pipeline_metadata_landmarks.binarypb"
GOLDEN = "media/golden/mediapipe/face_geometry_expected_out.pbtxt"


# --- the canonical face -------------------------------------------------------------------------


def varint(data, at):
    """A protobuf variable-length integer and the position behind it."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def protobuf_fields(data):
    """(number, value) of each field: int for varints, float for fixed 32, bytes for the rest."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        number, wire_type = key >> 3, key & 7
        if wire_type == 0:
            value, at = varint(data, at)
        elif wire_type == 5:
            value = struct.unpack_from("<f", data, at)[0]
            at += 4
        elif wire_type == 2:
            length, at = varint(data, at)
            value = data[at : at + length]
            at += length
        else:
            raise ValueError(
                f"protobuf field {number}: wire type {wire_type} is not one of 0, 2, 5"
            )
        yield number, value


def canonical_face(mirror):
    """MediaPipe's canonical face: vertices f64 [468, 3], weights f64 [468].

    Millimetres in contract axes; weights are 0 but for the 33 points of the basis.
    """
    with zipfile.ZipFile(pathlib.Path(mirror) / BUNDLE) as bundle:
        metadata = bundle.read(METADATA)
    vertices, weights = [], {}
    for number, value in protobuf_fields(metadata):
        if number == 1:  # canonical_mesh: x, y, z, u, v a vertex
            vertices = [v for inner, v in protobuf_fields(value) if inner == 3]
        elif number == 2:  # procrustes_landmark_basis
            reference = dict(protobuf_fields(value))
            weights[reference[1]] = reference[2]
    centimetres = np.array(vertices).reshape(-1, 5)[:, :3]
    dense_weights = np.zeros(len(centimetres))
    for index, weight in weights.items():
        dense_weights[index] = weight
    return 10.0 * centimetres @ FLIP_Y_Z, dense_weights


def pose_weights(basis):
    """The weights of the head-pose fit: half MediaPipe's basis, half all vertices alike.

    The basis alone is made to ignore the expression but leans on a few points; with all vertices the
    fit is nearer to ground truth on turned faces. The price: its pitch differs from the basis' by 5
    degrees per unit of jawOpen (measured where jawOpen is 0 to 0.2).
    """
    return basis / basis.sum() + 1.0 / len(basis)


# --- fits ---------------------------------------------------------------------------------------


def weighted_similarity(source, target, weights):
    """scale, R, t that minimise sum w |target - (scale R source + t)|².

    Umeyama, "Least-Squares Estimation of Transformation Parameters Between Two Point Patterns",
    PAMI 1991, with weights.
    """
    weights = weights / weights.sum()
    source_mean, target_mean = weights @ source, weights @ target
    a, b = source - source_mean, target - target_mean
    covariance = (b * weights[:, None]).T @ a
    u, _, vt = np.linalg.svd(covariance)
    sign = np.diag([1.0, 1.0, np.sign(np.linalg.det(u) * np.linalg.det(vt))])
    rotation = u @ sign @ vt
    scale = np.trace(rotation.T @ covariance) / (weights @ (a * a).sum(1))
    return scale, rotation, target_mean - scale * rotation @ source_mean


def intrinsics_of(width, height, fov_deg=60.0):
    """fx, fy, cx, cy in pixels from the horizontal field of view; square pixels."""
    focal = width / 2 / math.tan(math.radians(fov_deg) / 2)
    return focal, focal, width / 2, height / 2


def procrustes_weak(landmarks, canonical, weights, intrinsics):
    """Rotation from the mesh as it stands; translation from its scale and the focal length."""
    fx, fy, cx, cy = intrinsics
    points = landmarks[: len(canonical)]
    scale, rotation, offset = weighted_similarity(canonical, points, weights)
    depth = fx / scale
    return rotation, np.array([(offset[0] - cx) / fx, (offset[1] - cy) / fy, 1.0]) * depth


def procrustes_perspective(landmarks, canonical, weights, intrinsics):
    """MediaPipe's geometry_pipeline.cc: scale, unproject, scale again, unproject, fit.

    Deviation: the camera is given by its intrinsics, and axes are the contract's throughout, so no
    handedness is changed on the way.
    """
    fx, fy, cx, cy = intrinsics
    points = landmarks[: len(canonical)]
    # On the plane one unit in front of the camera; z in the unit of x.
    screen = np.column_stack(
        [(points[:, 0] - cx) / fx, (points[:, 1] - cy) / fy, points[:, 2] / fx]
    )
    mean_depth = screen[:, 2].mean()

    def unproject(scale):
        depth = (screen[:, 2] - mean_depth + 1.0) / scale
        return np.column_stack([screen[:, 0] * depth, screen[:, 1] * depth, depth])

    first_scale, _, _ = weighted_similarity(canonical, screen, weights)
    second_scale, _, _ = weighted_similarity(canonical, unproject(first_scale), weights)
    metric = unproject(first_scale * second_scale)
    _, rotation, translation = weighted_similarity(canonical, metric, weights)
    return rotation, translation


def rotation_of_vector(vector):
    """Rodrigues' formula."""
    angle = np.linalg.norm(vector)
    if angle < 1e-12:
        return np.eye(3)
    x, y, z = vector / angle
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + math.sin(angle) * cross + (1 - math.cos(angle)) * cross @ cross


def pnp(landmarks, canonical, weights, intrinsics, iterations=50):
    """Levenberg-Marquardt on the weighted reprojection error, started at procrustes_weak."""
    fx, fy, cx, cy = intrinsics
    used = weights > 0
    model, weight = canonical[used], np.sqrt(weights[used])[:, None]
    observed = landmarks[: len(canonical)][used, :2]
    rotation, translation = procrustes_weak(landmarks, canonical, weights, intrinsics)

    def residuals(rotation, translation):
        points = model @ rotation.T + translation
        projected = np.column_stack(
            [fx * points[:, 0] / points[:, 2] + cx, fy * points[:, 1] / points[:, 2] + cy]
        )
        return ((projected - observed) * weight).ravel()

    damping, current = 1e-3, residuals(rotation, translation)
    for _ in range(iterations):
        jacobian = np.empty((len(current), 6))
        for column in range(6):
            step = np.zeros(6)
            step[column] = 1e-6 if column < 3 else 1e-3
            moved = residuals(rotation_of_vector(step[:3]) @ rotation, translation + step[3:])
            jacobian[:, column] = (moved - current) / step[column]
        normal = jacobian.T @ jacobian
        update = -np.linalg.solve(normal + damping * np.diag(np.diag(normal)), jacobian.T @ current)
        candidate = rotation_of_vector(update[:3]) @ rotation, translation + update[3:]
        error = residuals(*candidate)
        if error @ error < current @ current:
            rotation, translation = candidate
            current, damping = error, damping / 3
        else:
            damping *= 5
    return rotation, translation


# --- comparison on ground truth -----------------------------------------------------------------


def golden_face(mirror):
    """MediaPipe's golden face geometry: its own input landmarks, intrinsics, rotation, translation.

    The golden holds the metric mesh in head axes and the pose. Together they are the metric points
    in camera axes, which give back the screen points; z was divided by the scale at which the mean
    depth is one unit. The vertical field of view is MediaPipe's 63 degrees; the picture's size is
    free.
    """
    text = (pathlib.Path(mirror) / GOLDEN).read_text(encoding="utf-8")
    buffer = [float(value) for value in re.findall(r"vertex_buffer: (\S+)", text)]
    pose = np.array([float(value) for value in re.findall(r"packed_data: (\S+)", text)])
    pose = pose.reshape(4, 4).T
    rotation = FLIP_Y_Z @ pose[:3, :3] @ FLIP_Y_Z
    translation = 10.0 * FLIP_Y_Z @ pose[:3, 3]
    mesh = 10.0 * np.array(buffer).reshape(-1, 5)[:, :3] @ FLIP_Y_Z
    metric = mesh @ rotation.T + translation
    size = 1000.0
    focal = size / 2 / math.tan(math.radians(63.0) / 2)
    depth = metric[:, 2:]
    landmarks = focal * np.concatenate([metric[:, :2] / depth, depth / depth.mean()], axis=1)
    landmarks[:, :2] += size / 2
    return landmarks, (focal, focal, size / 2, size / 2), rotation, translation


def check_golden(mirror, canonical, basis):
    """Prints how far procrustes_perspective is from MediaPipe's own result."""
    landmarks, intrinsics, true_rotation, true_translation = golden_face(mirror)
    rotation, translation = procrustes_perspective(landmarks, canonical, basis, intrinsics)
    print(
        f"MediaPipe's golden: rotation off by {np.abs(rotation - true_rotation).max():.1e}, "
        f"translation by {np.abs(translation - true_translation).max():.1e} mm"
    )


METHODS = {
    "weak perspective, basis": (procrustes_weak, lambda basis: basis),
    "perspective, basis (MediaPipe)": (procrustes_perspective, lambda basis: basis),
    "perspective, all vertices": (procrustes_perspective, np.ones_like),
    "perspective, basis and all": (procrustes_perspective, pose_weights),
    "pnp, basis": (pnp, lambda basis: basis),
}


def compare(mirror, fov_deg):
    """A table of the methods on the pictures whose head pose is known."""
    # Imported here: the sampler and the networks are needed for the comparison only.
    import accuracy
    import reference_faces

    models = reference_faces.FaceModels(mirror)
    canonical, basis = canonical_face(mirror)
    check_golden(mirror, canonical, basis)
    media = pathlib.Path(mirror) / "media"
    meshes = {"one mesh run": [], "two in profile": []}
    for entry in accuracy.read_truth(media):
        for truth in (face for face in entry.truth if face.rotation is not None):
            picture = reference_faces.read_picture(media / entry.path)
            detections = models.detect(picture, 640)
            detection = max(detections, key=lambda d: accuracy.iou(truth.extent, d.box))
            roi = reference_faces.roi_of_detection(detection)
            first, _ = models.landmarks(picture, roi)
            refined, _ = models.refined_landmarks(picture, detection)
            intrinsics = intrinsics_of(picture.shape[1], picture.shape[0], fov_deg)
            meshes["one mesh run"].append((truth.rotation, first, intrinsics))
            meshes["two in profile"].append((truth.rotation, refined, intrinsics))
    print(f"{'':<48} {'geodesic':>8} {'worst':>6}  {'|yaw| |pitch| |roll|':<21}  signed")
    for runs, faces in meshes.items():
        for name, (method, weigh) in METHODS.items():
            errors = []
            for true_rotation, landmarks, intrinsics in faces:
                rotation, _ = method(landmarks, canonical, weigh(basis), intrinsics)
                errors.append(accuracy.pose_errors(true_rotation, rotation))
            errors = np.array(errors)
            absolute = " ".join(f"{value:6.2f}" for value in np.abs(errors[:, 1:]).mean(axis=0))
            signed = " ".join(f"{value:+6.2f}" for value in errors[:, 1:].mean(axis=0))
            print(
                f"{runs + ', ' + name:<48} {errors[:, 0].mean():8.2f} {errors[:, 0].max():6.2f}"
                f"  {absolute:<21}  {signed}"
            )


def write_canonical(mirror):
    """The canonical face as CSV on stdout, in MediaPipe's axes and centimetres."""
    canonical, basis = canonical_face(mirror)
    print("index,x_cm,y_cm,z_cm,basis_weight")
    for index, (vertex, weight) in enumerate(zip(canonical @ FLIP_Y_Z / 10.0 + 0.0, basis)):
        print(f"{index},{vertex[0]:.6f},{vertex[1]:.6f},{vertex[2]:.6f},{weight:.9g}")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--mirror", default=os.environ.get("RETINUE_MIRROR"), help="folder with models/ and media/"
    )
    parser.add_argument("--fov", type=float, default=60.0, help="horizontal, in degrees")
    parser.add_argument("--canonical", action="store_true", help="print the canonical face as CSV")
    arguments = parser.parse_args()
    if not arguments.mirror:
        parser.error("--mirror is needed, or RETINUE_MIRROR")
    if arguments.canonical:
        write_canonical(arguments.mirror)
    else:
        compare(arguments.mirror, arguments.fov)
    return 0


if __name__ == "__main__":
    sys.exit(main())
