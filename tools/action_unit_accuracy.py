"""How far action units of posed expressions are above those of the other poses; part of accuracy.py.

The labels are weak: the file's name says which emotion was posed, and the Facial Action Coding
System's table of emotions says which units that takes; of these, those that can be seen in the
picture. Both ways of measuring units are judged, each on the same pictures.
"""

import json
import os
import pathlib
import subprocess
import tempfile

# Below media/ of the mirror. The disgusted face is turned to profile and is left out.
POSED = {
    "images/pyfeat/0-f1-su-ph.jpg": ["AU01", "AU02", "AU05", "AU25", "AU26"],
    "images/pyfeat/0-f15-hao-ph.jpg": ["AU06", "AU12", "AU25"],
    "images/pyfeat/15-f13-anc-ph.jpg": ["AU04", "AU07", "AU17", "AU23"],
}
# A broad smile narrows the eyes: whether the lids are tightened, too, cannot be told.
UNKNOWN = {("images/pyfeat/0-f15-hao-ph.jpg", "AU07")}

# Below models/ of the mirror.
PREDICTORS = "face_action_units/openface2/AU_predictors"
SHAPE_MODEL = "face_action_units/In-the-wild_aligned_PDM_68_from_mat.txt"

LEAST_MARGIN = 0.5  # of an intensity of 0 to 5
WAYS = ("blendshapes", "openface")

# name of the measure -> (kind, limit)
THRESHOLDS = {
    "au_blendshapes": ("at least", 0.9),
    "au_openface": ("at least", 0.7),
}

LABELS = {
    "au_blendshapes": "units of blendshapes, share of labels met",
    "au_blendshapes_margin": "units of blendshapes, mean margin (of 5)",
    "au_openface": "units of OpenFace's chain, share of labels met",
    "au_openface_margin": "units of OpenFace's chain, mean margin (of 5)",
}


def margins_of(units):
    """(picture, unit, present, how far it is above the highest of the others) of each label.

    `units`: picture -> the record's action units.
    """
    margins = []
    for picture, expected in POSED.items():
        for unit in expected:
            others = [
                units[other][unit]["intensity"]
                for other in POSED
                if unit not in POSED[other] and (other, unit) not in UNKNOWN
            ]
            found = units[picture][unit]
            margins.append((picture, unit, found["present"], found["intensity"] - max(others)))
    return margins


def measures_of(way, units):
    """name -> (value, number of labels)."""
    margins = margins_of(units)
    met = [present and margin > LEAST_MARGIN for _, _, present, margin in margins]
    mean = sum(margin for _, _, _, margin in margins) / len(margins)
    return {
        f"au_{way}": (sum(met) / len(met), len(met)),
        f"au_{way}_margin": (mean, len(met)),
    }


def openface_folder(mirror, folder):
    """A model folder as OpenFace's users have it, made of the mirror's files."""
    models = mirror.absolute() / "models"
    (folder / "AU_predictors").symlink_to(models / PREDICTORS)
    (folder / "PDM_68.txt").symlink_to(models / SHAPE_MODEL)
    return folder


def run(program, mirror, options):
    """picture -> action units of its surest face. RuntimeError: the program failed."""
    command = [program, "run", *(str(mirror / "media" / picture) for picture in POSED)]
    command += ["--jsonl", "-", "-q", "--tasks", "action-units", *options]
    environment = {**os.environ, "RETINUE_MIRROR": str(mirror)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode != 0:
        raise RuntimeError(f"exit code {done.returncode}: {done.stderr.strip()}")
    records = [json.loads(line) for line in done.stdout.splitlines()]
    return {
        picture: record["faces"][0]["action_units"]
        for picture, record in zip(POSED, records, strict=True)
    }


def judge(program, mirror):
    """Runs the program in both ways; the measures. RuntimeError: it failed.

    Where the mirror has none of OpenFace's files its chain is not judged.
    """
    measures = {}
    has_openface = (mirror / "models" / PREDICTORS).is_dir()
    with tempfile.TemporaryDirectory() as folder:
        models = openface_folder(mirror, pathlib.Path(folder)) if has_openface else None
        for way in WAYS if has_openface else WAYS[:1]:
            options = ["--au", way]
            if way == "openface":
                options += ["--model", f"action-units={models}"]
            measures.update(measures_of(way, run(program, mirror, options)))
    return measures
