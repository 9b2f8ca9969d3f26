"""What the tests of the program share: how it is run and where the media are.

The program is RETINUE_PROGRAM; the media are in RETINUE_MIRROR. Without media the tests are skipped (77).
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.environ.get("RETINUE_PROGRAM", "build/retinue")
MIRROR = pathlib.Path(os.environ.get("RETINUE_MIRROR", "")).absolute() if os.environ.get("RETINUE_MIRROR") else None
SKIPPED = 77
# A run that hangs must fail, not stall the suite; no test asserts a speed.
HANG_S = 280


class ProgramCase(unittest.TestCase):
    """Each test gets a folder of its own, `self.folder`."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="retinue-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def retinue(self, *arguments, expect=0, **options):
        """Runs the program and checks its exit status. Returns the finished process, with text output."""
        done = subprocess.run(
            [PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=HANG_S,
            errors="surrogateescape", **options)
        self.assertNotIn("Sanitizer", done.stderr, done.stderr[-4000:])
        self.assertNotIn("runtime error", done.stderr, done.stderr[-4000:])
        if expect is not None:
            self.assertEqual(done.returncode, expect, f"{arguments}\n{done.stderr[-2000:]}")
        return done

    def records(self, *arguments, expect=0):
        """The JSON records of a run."""
        output = self.folder / "records.jsonl"
        self.retinue("run", "-q", *arguments, "--jsonl", output, expect=expect)
        return [json.loads(line) for line in output.read_text().splitlines()]

    def assert_one_sentence(self, done, *words):
        """One line on stderr that starts as the contract says and has all the words."""
        lines = done.stderr.splitlines()
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertTrue(lines[0].startswith("retinue: "), lines[0])
        for word in words:
            self.assertIn(word, lines[0])


def media(path):
    return MIRROR / "media" / path


def model(path):
    return MIRROR / "models" / path


def main():
    if MIRROR is None or not MIRROR.is_dir():
        print("skipped: RETINUE_MIRROR is not set to a folder with media/ and models/ in it")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
