#!/usr/bin/env python3
"""`retinue run --view` as its users see it: what is on the screen, and what the keys do."""
import http.server
import json
import os
import signal
import subprocess
import threading
import time
import unittest

import numpy

from program_case import HANG_S, PROGRAM, ProgramCase, main, media
from virtual_display import VirtualDisplay

PICTURE = "robust/images/ref.jpg"
SHORT = "videos/faces/pyfeat_single_face.mp4"
LONG = "videos/faces/ptgaze_video00.mp4"
ENDLESS = ["test:320x240@30", "--lossless", "--tasks", "faces"]
STRIP_PX = 24
TITLE = "retinue"


def difference(a, b):
    """Mean over pixels and colours, of 255."""
    return float(numpy.abs(a - b).mean())


def is_overlay(shot):
    """Pixels in the green of the first track, which no picture here has."""
    red, green, blue = shot[:, :, 0], shot[:, :, 1], shot[:, :, 2]
    return (green > 180) & (green - red > 100) & (green - blue > 20)


def center_of_ink(drawn, bare):
    """The mean column of what was drawn, each pixel by how much of it there is."""
    ink = numpy.abs(drawn - bare).sum(axis=(0, 2))
    return float((ink * numpy.arange(ink.size)).sum() / ink.sum())


def decoded(path, width, height):
    """A picture as FFmpeg shows it at another size."""
    pixels = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(path), "-vf", f"scale={width}:{height}:flags=area", "-frames:v", "1",
         "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], capture_output=True, check=True).stdout
    return numpy.frombuffer(pixels, numpy.uint8).reshape(height, width, 3).astype(numpy.int16)


class View(ProgramCase):
    def setUp(self):
        super().setUp()
        folder = self.folder / "display"
        folder.mkdir()
        self.display = VirtualDisplay(folder)
        self.addCleanup(self.display.close)

    def start(self, *arguments, **options):
        """The running program; its window may not be there yet."""
        self.errors = (self.folder / "errors.txt").open("w+")
        self.addCleanup(self.errors.close)
        process = subprocess.Popen([PROGRAM, "run", "-q", "--view", *map(str, arguments)],
                                   env=self.display.environment, stderr=self.errors, **options)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def start_and_see(self, *arguments, **options):
        process = self.start(*arguments, **options)
        self.wait_for(lambda: self.display.has_window(TITLE), "a window")
        self.wait_for(lambda: self.display.shot_of(TITLE)[STRIP_PX:].std() > 5, "a picture")
        return process

    def said(self):
        self.errors.flush()
        self.errors.seek(0)
        return self.errors.read()

    def wait_for(self, condition, what):
        end = time.monotonic() + HANG_S
        while not condition():
            if time.monotonic() > end:
                self.fail(f"waited in vain for {what}\n{self.said()[-2000:]}")
            time.sleep(0.02)

    def end(self, process, status):
        process.wait(timeout=HANG_S)
        self.assertEqual(process.returncode, status, self.said()[-4000:])
        self.assertNotIn("Sanitizer", self.said())

    def picture(self):
        """The window without its strip, once it holds still."""
        shots = [None, self.display.shot_of(TITLE)]

        def holds_still():
            shots.append(self.display.shot_of(TITLE))
            del shots[0]
            return numpy.array_equal(shots[0][STRIP_PX:], shots[1][STRIP_PX:])

        self.wait_for(holds_still, "a picture that holds still")
        return shots[1][STRIP_PX:]

    def picture_after(self, key):
        """The picture, once the key has changed it."""
        before = self.picture()
        self.display.press(key)
        self.wait_for(lambda: not numpy.array_equal(self.display.shot_of(TITLE)[STRIP_PX:], before),
                      f"what the key {key} does")
        return self.picture()

    def pause(self):
        self.display.press("space")
        self.wait_for(lambda: self.display.has_window("paused"), "the pause")

    def pause_on_a_face(self):
        """Not every frame need have one."""
        self.wait_for(lambda: is_overlay(self.display.shot_of(TITLE)).sum() > 300, "a face")
        self.pause()

    def long_video(self):
        """Of a length that no test needs: what is read at the pace of a camera goes on for minutes."""
        path = self.folder / "long.mp4"
        subprocess.run(["ffmpeg", "-v", "error", "-stream_loop", "19", "-i", str(media(LONG)), "-c", "copy", str(path)],
                       check=True)
        return path

    # What is seen.

    def test_a_picture_is_seen_as_it_is(self):
        process = self.start_and_see(media(PICTURE))
        for key in "lbgs":
            shown = self.picture_after(key)
        height, width, _ = shown.shape
        self.assertEqual((width, height), (800, 533))
        self.assertLess(difference(shown, decoded(media(PICTURE), width, height)), 3)
        self.display.press("q")
        self.end(process, 0)

    def served(self, path, begin):
        """The address of a server that sends `path` once `begin` is set."""
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                begin.wait()
                self.send_response(200)
                self.end_headers()
                self.wfile.write(path.read_bytes())

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for last in server.server_close, server.shutdown, begin.set:
            self.addCleanup(last)
        return f"http://127.0.0.1:{server.server_address[1]}/{path.name}"

    def test_a_picture_that_comes_behind_the_window_gives_it_its_size(self):
        video = self.folder / "late.ts"
        subprocess.run(["ffmpeg", "-v", "error", "-i", str(media(LONG)), "-vf", "scale=400:300", "-preset", "ultrafast",
                        str(video)], check=True)
        begin = threading.Event()
        self.start(self.served(video, begin), "--tasks", "faces")
        self.wait_for(lambda: self.display.has_window(TITLE), "a window without a picture")
        self.assertNotEqual(self.display.window_area(TITLE)[2:], (400, 300 + STRIP_PX))
        begin.set()
        self.wait_for(lambda: self.display.window_area(TITLE)[2:] == (400, 300 + STRIP_PX), "the picture's size")

    def test_a_resized_window_keeps_the_aspect_ratio(self):
        process = self.start_and_see(media(PICTURE))
        window = self.display.xdotool("search", "--onlyvisible", "--name", TITLE).split()[0]
        self.display.xdotool("windowsize", window, 500, 700)
        self.wait_for(lambda: self.display.window_area(TITLE)[2:] == (500, 700), "the new size")
        height = round(533 * 500 / 800)
        top = (700 - STRIP_PX - height) // 2
        wanted = decoded(media(PICTURE), 500, height)
        self.wait_for(lambda: difference(self.picture()[top:top + height], wanted) < 8, "the picture at its new size")
        self.assertLess(self.picture()[:top - 1].max(), 40)
        self.display.press("q")
        self.end(process, 0)

    def test_faces_are_drawn_on_a_live_video(self):
        process = self.start_and_see(self.long_video(), "--live")
        self.pause_on_a_face()
        shown = self.picture()
        self.assertGreater(is_overlay(shown).sum(), 300)
        self.assertGreater(shown.std(), 20, "there is a picture, too")
        self.display.press("q")
        self.end(process, 130)

    def test_each_layer_can_be_switched_off_and_on(self):
        process = self.start_and_see(self.long_video(), "--live")
        self.pause_on_a_face()
        every = self.picture()
        for key in "lbgs":
            without = self.picture_after(key)
            self.assertFalse(numpy.array_equal(without, every), key)
            self.assertTrue(numpy.array_equal(self.picture_after(key), every), key)
        for key in "lbgs":
            none = self.picture_after(key)
        self.assertEqual(is_overlay(none).sum(), 0)
        self.display.press("q")
        self.end(process, 130)

    def test_m_mirrors_the_picture_and_what_is_drawn_on_it(self):
        process = self.start_and_see(self.long_video(), "--live")
        self.pause_on_a_face()
        # Bars stand where there is room, labels at the left, and axes show the mirrored head's own right.
        for key in "sbg":
            self.picture_after(key)
        plain = self.picture()
        mirrored = self.picture_after("m")
        self.assertGreater(difference(plain, mirrored), 15)
        self.assertLess(difference(plain[:, ::-1], mirrored), 2)
        mirrored_bare = self.picture_after("l")
        bare = self.picture_after("m")
        self.assertAlmostEqual(center_of_ink(plain[:, ::-1], bare[:, ::-1]),
                               center_of_ink(mirrored, mirrored_bare), delta=2)
        self.display.press("q")
        self.end(process, 130)

    def test_h_shows_the_keys(self):
        process = self.start_and_see(media(PICTURE))
        before = self.picture()
        panel = self.picture_after("h")
        middle = numpy.s_[200:300, 300:500]
        self.assertGreater(difference(before[middle], panel[middle]), 30)
        self.assertTrue(numpy.array_equal(self.picture_after("h"), before))
        self.display.press("q")
        self.end(process, 0)

    def test_several_sources_are_a_grid(self):
        long = self.long_video()
        others = ["videos/faces/ptgaze_video03.mp4", "videos/faces/pyfeat_WolfgangLanger_Pexels.mp4"]
        process = self.start_and_see(long, *map(media, others), long, "--live")
        self.wait_for(lambda: self.display.has_window("4 sources"), "the title")

        def quarters():
            shot = self.display.shot_of(TITLE)
            height, width = shot.shape[0] // 2, shot.shape[1] // 2
            return [shot[y:y + height, x:x + width] for y in (0, height) for x in (0, width)]

        self.wait_for(lambda: all(quarter[STRIP_PX:].std() > 20 for quarter in quarters()), "four pictures")
        self.wait_for(lambda: all(quarter[:STRIP_PX].std() > 5 for quarter in quarters()), "four names")
        first, second, third, fourth = quarters()
        self.assertGreater(difference(first, second), 15)
        self.assertGreater(difference(first, third), 15)
        self.display.press("q")
        self.end(process, 130)

    # What becomes of the run.

    def test_a_run_in_a_window_writes_the_same_bytes(self):
        plain, viewed = self.folder / "plain.jsonl", self.folder / "viewed.jsonl"
        self.retinue("run", "-q", media(SHORT), "--jsonl", plain)
        self.end(self.start(media(SHORT), "--jsonl", viewed), 0)
        self.assertEqual(plain.read_bytes(), viewed.read_bytes())

    def test_q_and_escape_end_the_run_as_ctrl_c_does(self):
        for key in ["q", "Escape"]:
            output = self.folder / f"{key}.jsonl"
            process = self.start_and_see(*ENDLESS, "--jsonl", output)
            self.display.press(key)
            self.end(process, 130)
            frames = [json.loads(line)["frame"] for line in output.read_text().splitlines()]
            self.assertTrue(frames)
            self.assertEqual(frames, list(range(len(frames))))
            self.assertTrue((self.folder / f"{key}.jsonl.incomplete").exists())

    def test_a_signal_ends_a_paused_run(self):
        for number, status in [(signal.SIGINT, 130), (signal.SIGTERM, 143)]:
            process = self.start_and_see(*ENDLESS)
            self.pause()
            process.send_signal(number)
            self.end(process, status)

    def test_a_signal_closes_a_window_that_stays_on_a_picture(self):
        process = self.start_and_see(media(PICTURE))
        process.send_signal(signal.SIGINT)
        self.end(process, 130)

    def test_a_recording_is_not_read_on_while_paused(self):
        process = self.start_and_see(*ENDLESS, "--jsonl", "-", stdout=subprocess.PIPE, text=True)
        lines = []
        reader = threading.Thread(target=lambda: lines.extend(iter(process.stdout.readline, "")), daemon=True)
        reader.start()
        self.wait_for(lambda: lines, "records")
        self.pause()
        counts = [-1]

        def stands_still():
            counts.append(len(lines))
            time.sleep(1)
            return counts[-1] == counts[-2]

        self.wait_for(stands_still, "the frames in flight")
        self.display.press("space")
        self.wait_for(lambda: len(lines) > counts[-1], "more records")
        self.display.press("q")
        self.end(process, 130)
        reader.join()
        process.stdout.close()
        self.assertEqual([json.loads(line)["frame"] for line in lines], list(range(len(lines))))

    def test_a_source_that_fails_does_not_stop_the_others(self):
        output = self.folder / "out.jsonl"
        self.end(self.start("missing.mp4", media(SHORT), "--jsonl", output), 1)
        self.assertEqual(len(output.read_text().splitlines()), 72)


class WithoutDisplay(ProgramCase):
    def test_it_is_said_before_any_work(self):
        output = self.folder / "out.jsonl"
        hidden = {"DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"}
        environment = {name: value for name, value in os.environ.items() if name not in hidden}
        done = self.retinue("run", "-q", media(SHORT), "--view", "--jsonl", output, expect=5, env=environment)
        self.assert_one_sentence(done, "--view", "no display", "DISPLAY")
        self.assertFalse(output.exists())


if __name__ == "__main__":
    main()
