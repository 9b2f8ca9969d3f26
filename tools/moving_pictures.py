"""Makes videos of known motion from stills; part of tracking_accuracy.py.

A view pans and zooms over a still; cut-outs of stills move over a background and hide each other.
Pictures are u8 [height, width, 3], RGB; boxes are x, y, width, height in pixels, the origin at the
top-left corner of the top-left pixel. Needs ffmpeg and numpy.
"""

import subprocess
from dataclasses import dataclass

import numpy as np

from tracking_metrics import Hidden, shared_area

WIDTH, HEIGHT, FPS = 640, 360, 30
MIN_VISIBLE_SHARE = 0.6  # of a box, below which it need not be found


def read_picture(path):
    """As stored; u8 [height, width, 3]."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-frames:v", "1"]
    command += ["-f", "image2pipe", "-c:v", "ppm", "-pix_fmt", "rgb24", "-"]
    ppm = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    _, size, _, pixels = ppm.split(b"\n", 3)
    width, height = map(int, size.split())
    return np.frombuffer(pixels, np.uint8).reshape(height, width, 3)


def write_video(path, pictures, kept):
    """The pictures whose numbers are in `kept`, at their times, of those of 30 a second."""
    chosen = "+".join(f"eq(n,{number})" for number in kept)
    command = ["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24"]
    command += ["-video_size", f"{WIDTH}x{HEIGHT}", "-framerate", str(FPS), "-i", "-"]
    command += ["-vf", f"select='{chosen}',format=yuv420p", "-vsync", "vfr"]
    command += ["-c:v", "libx264", "-preset", "veryfast", "-crf", "14", str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as ffmpeg:
        for picture in pictures:
            ffmpeg.stdin.write(np.ascontiguousarray(picture).tobytes())
        ffmpeg.stdin.close()
        if ffmpeg.wait() != 0:
            raise RuntimeError(f"write '{path}': ffmpeg ended with {ffmpeg.returncode}")


def sampled(picture, xs, ys):
    """Bilinear at the places xs x ys, f64, of a picture's pixels, whose centres are at +0.5."""
    for axis, places in ((0, ys), (1, xs)):
        places = np.clip(places - 0.5, 0, picture.shape[axis] - 1)
        low = np.minimum(places.astype(int), picture.shape[axis] - 2)
        share = (places - low).reshape((-1, 1, 1) if axis == 0 else (1, -1, 1))
        first, second = np.take(picture, low, axis), np.take(picture, low + 1, axis)
        picture = first * (1 - share) + second * share
    return picture


def scaled(picture, scale):
    """Enlarged or made smaller; by less than a half it would flicker."""
    height, width = (max(2, round(side * scale)) for side in picture.shape[:2])
    xs = (np.arange(width) + 0.5) * picture.shape[1] / width
    ys = (np.arange(height) + 0.5) * picture.shape[0] / height
    return sampled(picture, xs, ys)


def visible_share(box, covers=()):
    """Of a box's area that is in the picture and under none of `covers`."""
    xs = box[0] + (np.arange(24) + 0.5) / 24 * box[2]
    ys = box[1] + (np.arange(24) + 0.5) / 24 * box[3]

    def inside(x, y, width, height):
        in_rows, in_columns = (ys >= y) & (ys < y + height), (xs >= x) & (xs < x + width)
        return in_rows[:, None] & in_columns[None, :]

    seen = inside(0, 0, WIDTH, HEIGHT)
    for cover in covers:
        seen &= ~inside(*cover)
    return seen.mean()


def clipped(box):
    """What of a box is in the picture, which has something of it."""
    x, y = max(0, box[0]), max(0, box[1])
    return (x, y, min(WIDTH, box[0] + box[2]) - x, min(HEIGHT, box[1] + box[3]) - y)


def labelled(box, covers=()):
    """What of a box is in the picture, Hidden where it need not be found, None without any."""
    if shared_area(box, (0, 0, WIDTH, HEIGHT)) == 0:
        return None
    visible = visible_share(box, covers) >= MIN_VISIBLE_SHARE
    return clipped(box) if visible else Hidden(clipped(box))


@dataclass
class View:
    """A camera that moves over a still.

    `path` maps the time, in seconds, to the middle of the view, in the still's pixels, and the
    magnification.
    """

    still: np.ndarray
    boxes: list
    path: object

    def at(self, time_s):
        """The picture and the truth: object -> box."""
        x, y, zoom = self.path(time_s)
        left, top = x - WIDTH / 2 / zoom, y - HEIGHT / 2 / zoom
        xs = left + (np.arange(WIDTH) + 0.5) / zoom
        ys = top + (np.arange(HEIGHT) + 0.5) / zoom
        truth = {}
        for number, (bx, by, bw, bh) in enumerate(self.boxes):
            box = ((bx - left) * zoom, (by - top) * zoom, bw * zoom, bh * zoom)
            truth[number] = labelled(box)
        picture = sampled(self.still, xs, ys).round().astype(np.uint8)
        return picture, {o: box for o, box in truth.items() if box is not None}


@dataclass
class CutOut:
    """A part of a still that moves; its edges fade.

    `box` is the object within the part; `path` maps the time, in seconds, to the object's top-left
    corner in the video.
    """

    part: np.ndarray
    box: tuple
    path: object

    @staticmethod
    def of(still, box, margin, height, path):
        """`box` of `still` with `margin`, a share of its sides, scaled to `height` pixels."""
        x, y, w, h = box
        left, top = max(0, int(x - margin * w)), max(0, int(y - margin * h))
        right = min(still.shape[1], int(x + w + margin * w))
        bottom = min(still.shape[0], int(y + h + margin * h))
        scale = height / h
        part = scaled(still[top:bottom, left:right], scale)
        return CutOut(part, ((x - left) * scale, (y - top) * scale, w * scale, h * scale), path)

    def place(self, time_s):
        """Top-left corner of the part, in whole pixels."""
        x, y = self.path(time_s)
        return round(x - self.box[0]), round(y - self.box[1])

    def opacity(self):
        """f64 [height, width, 1]: 0 at the edges, 1 from a twelfth of the sides on."""
        ramps = []
        for side in self.part.shape[:2]:
            from_edge = np.minimum(np.arange(side) + 0.5, side - np.arange(side) - 0.5)
            ramps.append(np.clip(from_edge / (side / 12), 0, 1))
        return (ramps[0][:, None] * ramps[1][None, :])[:, :, None]


def composed(background, cut_outs, time_s):
    """The cut-outs over the background, and their objects' boxes; later ones are nearer."""
    picture, boxes = background.astype(float), []
    for cut_out in cut_outs:
        x, y = cut_out.place(time_s)
        height, width = cut_out.part.shape[:2]
        boxes.append((cut_out.box[0] + x, cut_out.box[1] + y, *cut_out.box[2:]))
        x0, x1 = max(0, x), min(picture.shape[1], x + width)
        y0, y1 = max(0, y), min(picture.shape[0], y + height)
        if x0 >= x1 or y0 >= y1:
            continue
        rows, columns = slice(y0 - y, y1 - y), slice(x0 - x, x1 - x)
        opacity = cut_out.opacity()[rows, columns]
        under = picture[y0:y1, x0:x1]
        picture[y0:y1, x0:x1] = under + opacity * (cut_out.part[rows, columns] - under)
    return picture.round().astype(np.uint8), boxes


@dataclass
class Stage:
    """Cut-outs over a background; later ones are nearer."""

    background: np.ndarray
    cut_outs: list

    def at(self, time_s):
        """The picture and the truth: object -> box."""
        picture, boxes = composed(self.background[:HEIGHT, :WIDTH], self.cut_outs, time_s)
        truth = {o: labelled(box, boxes[o + 1 :]) for o, box in enumerate(boxes)}
        return picture, {o: box for o, box in truth.items() if box is not None}
