"""A display without a monitor, for the tests of the window: Xvfb, its keys, and what is on it."""
import os
import pathlib
import struct
import subprocess

import numpy


class VirtualDisplay:
    """Runs an X server until `close`. What it shows is read from the server's own frame buffer file."""

    def __init__(self, folder, width=1280, height=800):
        reader, writer = os.pipe()
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{width}x{height}x24", "-fbdir", str(folder),
             "-nolisten", "tcp", "-noreset"],
            pass_fds=[writer], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(writer)
        with os.fdopen(reader) as answer:
            number = answer.readline().strip()
        if not number:
            raise RuntimeError("Xvfb did not start")
        self.frame_buffer = pathlib.Path(folder) / "Xvfb_screen0"
        self.environment = {**os.environ, "DISPLAY": f":{number}", "SDL_VIDEODRIVER": "x11"}

    def close(self):
        self.server.terminate()
        self.server.wait()

    def xdotool(self, *arguments):
        """Its output, or None when it failed: no window has the wanted name."""
        done = subprocess.run(["xdotool", *map(str, arguments)], env=self.environment, capture_output=True, text=True)
        return done.stdout if done.returncode == 0 else None

    def press(self, key):
        self.xdotool("key", key)

    def has_window(self, title):
        """Whether a window whose title matches the regular expression can be seen."""
        return bool(self.xdotool("search", "--onlyvisible", "--name", title))

    def window_area(self, title):
        """(x, y, width, height) of a window."""
        number = self.xdotool("search", "--onlyvisible", "--name", title).split()[0]
        shell = self.xdotool("getwindowgeometry", "--shell", number)
        values = dict(line.split("=") for line in shell.split())
        return tuple(int(values[key]) for key in ("X", "Y", "WIDTH", "HEIGHT"))

    def screenshot(self):
        """Height x width x (R, G, B). The file is in the format of xwd: a header of 32-bit words, colours, rows."""
        data = self.frame_buffer.read_bytes()
        words = struct.unpack(">25I", data[:100])
        header_size, width, height, bytes_per_line, colors = words[0], words[4], words[5], words[12], words[19]
        first = header_size + 12 * colors
        rows = numpy.frombuffer(data, numpy.uint8, bytes_per_line * height, first).reshape(height, bytes_per_line)
        return rows[:, :4 * width].reshape(height, width, 4)[:, :, 2::-1].astype(numpy.int16)

    def shot_of(self, title):
        """What is seen of one window."""
        x, y, width, height = self.window_area(title)
        return self.screenshot()[y:y + height, x:x + width]
