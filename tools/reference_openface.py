#!/usr/bin/env python3
"""The slow chain to OpenFace's action units, for the pictures and points of the tests' goldens.

The mirror's models/reference/openface_au.py, with what it does otherwise than OpenFace 2.2 and dlib
19 corrected: see CORRECTIONS. Without arguments beside the mirror, writes
tests/face/openface_goldens.hpp anew, whose pictures and points stay:

    python3 -m venv refenv && refenv/bin/pip install -r tools/requirements-reference.txt
    refenv/bin/python tools/reference_openface.py --mirror MIRROR
"""

import argparse
import pathlib
import re
import subprocess
import tempfile

import numpy as np
import scipy.io
from PIL import Image

GOLDENS = pathlib.Path(__file__).resolve().parent.parent / "tests/face/openface_goldens.hpp"

# (what the reference says, what it has to say)
CORRECTIONS = [
    # dlib's fhog.h rounds the directions of its bins.
    (
        "uu, vv = np.cos(angles), np.sin(angles)",
        "uu, vv = (np.array([1, .9397, .766, .5, .1736, -.1736, -.5, -.766, -.9397]),"
        " np.array([0, .342, .6428, .866, .9848, .9848, .866, .6428, .342]))",
    ),
    # ... and has channels 28 and 29 the other way round. Without this intensities are 0.9 off.
    (
        "    return out\n\n\ndef read_svr",
        "    out[..., [28, 29]] = out[..., [29, 28]]\n    return out\n\n\ndef read_svr",
    ),
    # OpenFace raises the ends of the jaw with the brows, all by 30 pixels of the aligned picture
    # (Face_utils.cpp, AlignFaceMask: (30 / 0.7) * sim_scale, sim_scale 0.7).
    ("outline[17:27, 1] -= 30 * 0.7", "outline[[0, *range(16, 27)], 1] -= 30"),
]


def corrected_reference(mirror):
    source = (mirror / "models/reference/openface_au.py").read_text()
    for wrong, right in CORRECTIONS:
        if source.count(wrong) != 1:
            raise SystemExit(f"openface_au.py is not the one that is corrected here: no {wrong!r}")
        source = source.replace(wrong, right)
    names = {"__name__": "openface_au"}
    exec(compile(source, "openface_au.py", "exec"), names)  # pylint: disable=exec-used
    return names


def picture_of(path):
    """As ffmpeg makes RGB of it, which is what the tests do."""
    with tempfile.TemporaryDirectory() as folder:
        png = pathlib.Path(folder) / "picture.png"
        command = ["ffmpeg", "-v", "error", "-i", str(path), "-pix_fmt", "rgb24", str(png)]
        subprocess.run(command, check=True)
        return Image.open(png).convert("RGB")


class Chain:
    def __init__(self, mirror):
        self.reference = corrected_reference(mirror)
        models = mirror / "models/face_action_units"
        model = scipy.io.loadmat(models / "pdm_68_aligned_wild.mat")
        self.mean, self.modes, self.variances = model["M"].ravel(), model["V"], model["E"].ravel()
        folder = models / "openface2/AU_predictors/svr_combined"
        self.predictors = {
            path.name: self.reference["read_svr"](path) for path in sorted(folder.glob("*.dat"))
        }

    def measure(self, picture, points):
        """The shape's scale, rotation and translation, and each predictor's value, not clamped;
        of dynamic ones with a median of 0."""
        q = self.reference["fit_shape"](points, self.mean, self.modes, self.variances)
        face = self.reference["align"](picture, points, q, self.mean)
        histogram = self.reference["fhog"](face).ravel()
        features = np.concatenate([histogram, self.modes @ q[6:], q[6:]])
        values = {
            name: float((features - means) @ vector + bias)
            for name, (_, means, vector, bias) in self.predictors.items()
        }
        return q[:6], values


def golden_blocks(text):
    """(picture, points, where its numbers begin, where they end) of each golden in the header."""
    starts = [m for m in re.finditer(r'\{"(images/[^"]+)",', text)]
    for i, start in enumerate(starts):
        end = starts[i + 1].start() if i + 1 < len(starts) else text.index("}};\n\n}", start.start())
        block = text[start.start() : end]
        points = re.findall(r"\{(-?[\d.]+)F, (-?[\d.]+)F\}", block)
        numbers = block.index("}}},") + len("}}},")
        yield start[1], np.array(points, float), start.start() + numbers, end


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mirror", type=pathlib.Path, required=True)
    mirror = parser.parse_args().mirror
    chain = Chain(mirror)
    text = GOLDENS.read_text()
    for name, points, begin, end in reversed(list(golden_blocks(text))):
        rigid, values = chain.measure(picture_of(mirror / "media" / name), points)
        numbers = ", ".join(f"{x:.6f}" for x in rigid)
        rows = ", ".join(f'{{"{predictor}", {value:.5f}}}' for predictor, value in values.items())
        text = text[:begin] + f"\n{{{numbers}}},\n{{{{{rows}}}}}}},\n" + text[end:]
    GOLDENS.write_text(text)
    subprocess.run(["clang-format", "-i", str(GOLDENS)], check=True)


if __name__ == "__main__":
    main()
