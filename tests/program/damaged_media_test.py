#!/usr/bin/env python3
"""Every damaged, odd and hostile file: the right frames, or one sentence that names the cause; never a crash."""
import subprocess
import unittest

from program_case import MIRROR, ProgramCase, main, media

# What no program can read, and a word of the reason.
UNREADABLE = {
    "robust/derived/audio_only.mp4": "no video stream",
    "robust/derived/not_a_video.mp4": "not a video or picture",
    "robust/derived/truncated_no_moov.mp4": "",
    "robust/derived/zero_length.mp4": "empty",
    "robust/images/zero.jpg": "empty",
}


def counted_frames(path):
    """What FFmpeg's own tool counts; None where it cannot read the file."""
    done = subprocess.run(
        ["ffprobe", "-v", "error", "-count_frames", "-select_streams", "v:0", "-show_entries",
         "stream=nb_read_frames", "-of", "csv=p=0", str(path)], capture_output=True, text=True)
    # Programs in a transport stream make it answer twice.
    lines = [line.strip(",") for line in done.stdout.split() if line.strip(",").isdigit()]
    return int(lines[0]) if lines else None


class DamagedMedia(ProgramCase):
    def check(self, path):
        name = str(path.relative_to(media("")))
        output = self.folder / "out.jsonl"
        # Finding faces is not what is tested: the smallest detector input keeps a sanitized build quick.
        arguments = ["run", "-q", path, "--tasks", "faces", "--detect-size", "64", "--jsonl", output]
        if name in UNREADABLE:
            done = self.retinue(*arguments, expect=1)
            self.assert_one_sentence(done, path.name, UNREADABLE[name])
            return
        done = self.retinue(*arguments, expect=None)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        lines = output.read_text().splitlines()
        frames = sum('"frame":' in line for line in lines)
        errors = sum('"error":' in line for line in lines)
        self.assertEqual(frames, counted_frames(path))
        self.assertEqual(frames + errors, len(lines))
        if done.returncode == 1:
            self.assert_one_sentence(done, path.name)


def add_tests():
    if MIRROR is None:
        return
    for path in sorted(path for path in media("robust").rglob("*") if path.is_file()):
        name = "test_" + "_".join(path.relative_to(media("robust")).parts).replace(".", "_")
        setattr(DamagedMedia, name, lambda self, path=path: self.check(path))


add_tests()

if __name__ == "__main__":
    main()
