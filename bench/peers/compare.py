#!/usr/bin/env python3
"""Retinue and its peers on the same video and the same cores, in turn.

    bench/peers/setup
    python3 bench/peers/compare.py --mirror MIRROR [--case NAME]... [--rounds N] [--json FILE]

Each case has rows: Retinue with some options, peers with some settings. A round measures every row
once; rounds follow each other, so that a busy machine meets all rows alike. Printed are medians with
the smallest and largest round, and for each row of Retinue its ratio to the best peer row, taken
round by round. Loading and warming up are not measured. Rounds in which other programs of the machine
took more than 0.15 cores are measured again, up to twice as many in all; what disturbance is
left is printed. README.md says what is fair about it.

Exit code: 0 measured, 1 a program failed, 2 wrong usage or something is missing. Standard library only.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
VIDEOS = "media/videos/faces"
QUIET_CORES = 0.15
TASKS_WITH_POSE = "faces,landmarks,blendshapes,head-pose"


class Failure(Exception):
    """A program did not do what was asked; the message says which, how and what it said."""


class Missing(Exception):
    """Something is not there that the user can provide."""


@dataclass(frozen=True)
class Clip:
    """Part of a video of the mirror, played `passes` times."""

    name: str
    frames: int
    passes: int
    max_faces: int
    about: str
    tiling: str = ""  # ffmpeg filters that make a picture of several



# One near face five times: MediaPipe's detector finds no small ones.
FIVE_TILES = ("crop=320:360:300:0,split=5[a][b][c][d][e];[b]hflip[f];[e]hflip[g];"
              "[a][f][c][d][g]xstack=inputs=5:layout=0_0|320_0|640_0|160_360|480_360:fill=gray")

CLIPS = {
    "one": Clip("ptgaze_video00.mp4", 300, 2, 1, "1280x720, one face that comes and goes"),
    "close": Clip("pyfeat_WolfgangLanger_Pexels.mp4", 250, 2, 1, "640x360, one near face, always there"),
    "two": Clip("intel_head-pose-face-detection-female-and-male.gif", 56, 10, 5, "480x270, two near faces"),
    "five": Clip("pyfeat_WolfgangLanger_Pexels.mp4", 250, 1, 5, "960x720, one near face five times", FIVE_TILES),
    "several": Clip("ptgaze_video03.mp4", 279, 1, 5, "1280x720, several small faces"),
}


@dataclass(frozen=True)
class Measurement:
    """One row in one round."""

    frames_per_s: float
    cpu_ms_per_frame: float
    faces_per_frame: float


@dataclass
class Row:
    """A program with its settings."""

    label: str
    ours: bool
    measure: Callable[[], Measurement]
    rounds: list[Measurement] = field(default_factory=list)  # the ones that count

    def median(self, key: str) -> float:
        return statistics.median(getattr(m, key) for m in self.rounds)


@dataclass(frozen=True)
class Case:
    """Rows that can be held against each other."""

    name: str
    about: str
    rows: list[Row]
    disturbance: list[float] = field(default_factory=list)  # of each round that counts, in cores


@dataclass(frozen=True)
class Ratio:
    """Retinue's figure over a peer's: median, smallest and largest of the rounds."""

    peer: str
    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f}-{self.high:.2f})"


# --- Retinue --------------------------------------------------------------------------------------


class Retinue:
    """The program under test."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._program = options.program
        self._environment = os.environ | {"RETINUE_MIRROR": options.mirror}
        self._faces: dict[tuple[str, ...], float] = {}

    def version(self) -> str:
        return self._run(["--version"]).strip()

    def onnxruntime_version(self) -> str:
        return json.loads(self._run(["bench", "test:64x64@25", "--frames", "0:5", "--repeat", "1", "--json"]))[
            "onnxruntime"
        ]

    def bench(self, sources: list[str], arguments: list[str], repeat: int, counted: str) -> Measurement:
        """`counted` is the key that makes a face count: `box` or `landmarks`."""
        command = ["bench", *sources, "--json", "--repeat", str(repeat), *arguments]
        report = json.loads(self._run(command))
        return Measurement(
            frames_per_s=report["frames_per_s"],
            cpu_ms_per_frame=report["cpu_s_per_frame"] * 1000,
            faces_per_frame=self._faces_per_frame(sources[0], arguments, counted),
        )

    def _faces_per_frame(self, source: str, arguments: list[str], counted: str) -> float:
        """From a run of its own: `bench` does not tell. Runs are deterministic, so one is enough."""
        key = (source, *arguments)
        if key not in self._faces:
            lines = self._run(["run", source, "--jsonl", "-", "--quiet", *arguments]).splitlines()
            faces = sum(sum(counted in face for face in json.loads(line).get("faces", [])) for line in lines)
            self._faces[key] = faces / max(1, len(lines))
        return self._faces[key]

    def _run(self, arguments: list[str]) -> str:
        command = [self._program, *arguments]
        try:
            run = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False)
        except OSError as error:
            raise Missing(
                f"starting '{self._program}': {error.strerror}; build it (./dev build) or say --program"
            ) from error
        if run.returncode != 0:
            raise Failure(f"'{' '.join(command)}' ended with {run.returncode}: {last_lines(run.stderr)}")
        return run.stdout


# --- peers ----------------------------------------------------------------------------------------


class Peers:
    """Starts peer scripts in their virtual environment."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._python = options.python
        self._environment = os.environ | {"RETINUE_MIRROR": options.mirror, "GLOG_minloglevel": "2"}

    def versions(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for script in ("mediapipe_peer.py", "pipeline_peer.py"):
            found |= json.loads(self._start(script, ["--versions"]).finish())
        return found

    def measure(self, script: str, arguments: list[str], processes: int = 1) -> Measurement:
        """Runs the script in so many processes at once, each on its part of the frames."""
        running = [
            self._start(script, [*arguments, "--part", f"{index}/{processes}"]) for index in range(processes)
        ]
        try:
            for process in running:
                process.wait_until_ready()
            for process in running:
                process.go()
            reports = [json.loads(process.finish()) for process in running]
        finally:
            for process in running:
                process.end()
        frames = sum(report["frames"] for report in reports)
        wall_s = max(report["end_s"] for report in reports) - min(report["begin_s"] for report in reports)
        return Measurement(
            frames_per_s=frames / wall_s,
            cpu_ms_per_frame=1000 * sum(report["cpu_s"] for report in reports) / frames,
            faces_per_frame=sum(report["faces"] for report in reports) / frames,
        )

    def _start(self, script: str, arguments: list[str]) -> "PeerProcess":
        return PeerProcess([self._python, str(HERE / script), *arguments], self._environment)


class PeerProcess:
    """One peer: `ready`, a line to start it, one JSON object."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._command = command
        self._errors = tempfile.TemporaryFile(mode="w+")
        try:
            self._process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                text=True,
            )
        except OSError as error:
            raise Missing(
                f"starting '{command[0]}': {error.strerror}; run bench/peers/setup or say --python"
            ) from error

    def wait_until_ready(self) -> None:
        if self._process.stdout.readline().strip() != "ready":
            raise self._failure()

    def go(self) -> None:
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def finish(self) -> str:
        """The rest of what it prints."""
        output = self._process.stdout.read()
        if self._process.wait() != 0 or not output:
            raise self._failure()
        return output

    def end(self) -> None:
        """Ends it if it still runs."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()
        self._errors.close()

    def _failure(self) -> Failure:
        self._wait_briefly()
        self._errors.seek(0)
        return Failure(
            f"'{' '.join(self._command)}' ended with {self._process.returncode}: {last_lines(self._errors.read())}"
        )

    def _wait_briefly(self) -> None:
        if self._process.poll() is None:
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


def last_lines(text: str) -> str:
    """What a program said last, on one line."""
    return " / ".join(text.strip().splitlines()[-3:]) or "(it said nothing)"


# --- cases ----------------------------------------------------------------------------------------


class Bench:
    """Makes the cases."""

    def __init__(self, options: argparse.Namespace, folder: pathlib.Path) -> None:
        self._videos = pathlib.Path(options.mirror) / VIDEOS
        self._folder = folder
        self.retinue = Retinue(options)
        self.peers = Peers(options)

    def case(self, name: str) -> Case:
        kind, _, clip = name.partition("-")
        makers = {
            "image": self._image,
            "video": self._video,
            "video2": self._two_videos,
            "pipeline": self._pipeline,
            "detector": self._detector,
        }
        return makers[kind](name, CLIPS[clip])

    def _image(self, name: str, clip: Clip) -> Case:
        """The detector on every frame."""
        raw = self._uncompressed(clip)
        ours = ["--tasks", TASKS_WITH_POSE, "--max-faces", str(clip.max_faces)]
        peer = [*self._frames_of(raw, clip), "--mode", "image", "--num-faces", str(clip.max_faces)]
        rows = [
            self._ours("Retinue, detector on every frame", [raw], ours),
            self._peer("MediaPipe IMAGE, one landmarker", "mediapipe_peer.py", peer),
            self._peer("MediaPipe IMAGE, two threads", "mediapipe_peer.py", [*peer, "--threads", "2"]),
            self._peer("MediaPipe IMAGE, two processes", "mediapipe_peer.py", peer, processes=2),
        ]
        return Case(name, f"{clip.name}: {clip.about}; decoding left out", rows)

    def _video(self, name: str, clip: Clip) -> Case:
        """Tracking, one source."""
        raw = self._uncompressed(clip)
        peer = [*self._frames_of(raw, clip), "--mode", "video", "--num-faces", str(clip.max_faces)]
        rows = [
            *self._following([raw], clip),
            self._peer("MediaPipe VIDEO, one landmarker", "mediapipe_peer.py", peer),
        ]
        return Case(name, f"{clip.name}: {clip.about}; one source; decoding left out", rows)

    def _two_videos(self, name: str, clip: Clip) -> Case:
        """Tracking, two sources."""
        raw = self._uncompressed(clip)
        peer = [*self._frames_of(raw, clip), "--mode", "video", "--num-faces", str(clip.max_faces)]
        rows = [
            *self._following([raw, raw], clip),
            self._peer("MediaPipe VIDEO, two threads", "mediapipe_peer.py", [*peer, "--threads", "2"]),
            self._peer("MediaPipe VIDEO, two processes", "mediapipe_peer.py", peer, processes=2),
        ]
        return Case(name, f"{clip.name} twice: {clip.about}; two sources; decoding left out", rows)

    def _following(self, raws: list[pathlib.Path], clip: Clip) -> list[Row]:
        ours = ["--tasks", TASKS_WITH_POSE, "--max-faces", str(clip.max_faces)]
        return [
            self._ours(f"Retinue, detector every {every} frames", raws, [*ours, "--detect-every", every])
            for every in ("5", "30")
        ]

    def _pipeline(self, name: str, clip: Clip) -> Case:
        """The whole way from the file, with the same models."""
        video = self._videos / clip.name
        ours = ["--tasks", "faces,landmarks,blendshapes", "--frames", f"0:{clip.frames}"]
        peer = self._frames_of(video, clip)
        one = [*peer, "--intra-op", "1"]
        two = [*one, "--threads", "2", "--opencv-threads", "1"]
        rows = [
            self._ours("Retinue", [video], ours, repeat=clip.passes),
            self._peer("Python, ONNX Runtime's defaults", "pipeline_peer.py", peer),
            self._peer("Python, intra_op=1", "pipeline_peer.py", one),
            self._peer("Python, intra_op=1, two workers", "pipeline_peer.py", two),
        ]
        return Case(name, f"{clip.name}: {clip.about}; decoding included", rows)

    def _detector(self, name: str, clip: Clip) -> Case:
        """YuNet alone."""
        raw = self._uncompressed(clip)
        peer = self._frames_of(raw, clip)
        single = [*peer, "--opencv-threads", "1"]
        rows = [
            self._ours("Retinue, faces only", [raw], ["--tasks", "faces"], counted="box"),
            self._peer("FaceDetectorYN, OpenCV's threads", "yunet_peer.py", peer),
            self._peer("FaceDetectorYN, two threads", "yunet_peer.py", [*single, "--threads", "2"]),
            self._peer("FaceDetectorYN, two processes", "yunet_peer.py", single, processes=2),
        ]
        return Case(name, f"{clip.name}: {clip.about}; decoding left out", rows)

    def _ours(
        self, label: str, sources: list[pathlib.Path], arguments: list[str], repeat: int = 1, counted: str = "landmarks"
    ) -> Row:
        names = [str(source) for source in sources]
        return Row(label, True, lambda: self.retinue.bench(names, arguments, repeat, counted))

    def _peer(self, label: str, script: str, arguments: list[str], processes: int = 1) -> Row:
        return Row(label, False, lambda: self.peers.measure(script, arguments, processes))

    @staticmethod
    def _frames_of(video: pathlib.Path, clip: Clip) -> list[str]:
        return ["--video", str(video), "--frames", str(clip.frames), "--passes", str(clip.passes)]

    def _uncompressed(self, clip: Clip) -> pathlib.Path:
        """The clip as raw yuv420p, its passes one after the other: reading it costs a copy."""
        raw = self._folder / f"{pathlib.Path(clip.name).stem}{'-tiled' if clip.tiling else ''}.nut"
        if raw.exists():
            return raw
        video = self._videos / clip.name
        if not video.exists():
            raise Missing(f"no video '{video}': --mirror names the folder that has {VIDEOS}")
        repeat = f"trim=end_frame={clip.frames},loop=loop={clip.passes - 1}:size={clip.frames}"
        if clip.tiling:
            repeat += f",{clip.tiling}"
        command = ["ffmpeg", "-v", "error", "-y", "-i", str(video), "-an", "-vf", repeat]
        command += ["-c:v", "rawvideo", "-pix_fmt", "yuv420p", "-fps_mode", "passthrough", str(raw)]
        try:
            run = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError as error:
            raise Missing(f"starting 'ffmpeg': {error.strerror}; it is in the Debian package ffmpeg") from error
        if run.returncode != 0:
            raise Failure(f"decoding '{video}' with ffmpeg: {last_lines(run.stderr)}")
        return raw


CASES = [
    *(f"image-{clip}" for clip in CLIPS),
    *(f"video-{clip}" for clip in CLIPS),
    *(f"video2-{clip}" for clip in CLIPS),
    "pipeline-one",
    "pipeline-several",
    "detector-one",
]


# --- results --------------------------------------------------------------------------------------


def ratio_to_best(ours: Row, peers: list[Row], key: str, more_is_better: bool) -> Ratio:
    """Against the peer row that has the best median of `key`."""
    best = (max if more_is_better else min)(peers, key=lambda row: row.median(key))
    ratios = [getattr(a, key) / getattr(b, key) for a, b in zip(ours.rounds, best.rounds)]
    return Ratio(best.label, statistics.median(ratios), min(ratios), max(ratios))


def ratios_of(case: Case) -> dict[str, dict[str, Ratio]]:
    """For each row of Retinue, over the best peer."""
    peers = [row for row in case.rows if not row.ours]
    return {
        row.label: {
            "frames_per_s": ratio_to_best(row, peers, "frames_per_s", True),
            "cpu_ms_per_frame": ratio_to_best(row, peers, "cpu_ms_per_frame", False),
        }
        for row in case.rows
        if row.ours
    }


def spread(row: Row, key: str, digits: int) -> str:
    """Median (smallest-largest)."""
    values = [getattr(measurement, key) for measurement in row.rounds]
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def table(case: Case) -> str:
    """The case in Markdown."""
    lines = [
        f"{case.name}: {case.about}",
        "",
        "| | frames/s | CPU ms/frame | faces/frame | frames/s over best peer | CPU over best peer |",
        "|---|---|---|---|---|---|",
    ]
    ratios = ratios_of(case)
    for row in case.rows:
        own = ratios.get(row.label)
        cells = [
            row.label,
            spread(row, "frames_per_s", 0),
            spread(row, "cpu_ms_per_frame", 2),
            f"{row.median('faces_per_frame'):.2f}",
            str(own["frames_per_s"]) if own else "",
            str(own["cpu_ms_per_frame"]) if own else "",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", f"Rounds: {len(case.disturbance)}; other programs took up to {max(case.disturbance):.2f} cores."]
    faces = [row.median("faces_per_frame") for row in case.rows]
    if min(faces) < 0.8 * max(faces):
        lines += ["", "Not the same work: faces/frame differ by more than a fifth."]
    if max(faces) == 0:
        lines += ["", "No program found a face."]
    return "\n".join(lines) + "\n"


def as_json(case: Case) -> dict:
    """The case with every round."""
    return {
        "case": case.name,
        "about": case.about,
        "others_cores": case.disturbance,
        "rows": [
            {"label": row.label, "retinue": row.ours, "rounds": [asdict(m) for m in row.rounds]} for row in case.rows
        ],
        "ratios": {
            label: {key: asdict(ratio) for key, ratio in of_row.items()} for label, of_row in ratios_of(case).items()
        },
    }


def cpu_model() -> str:
    """As the kernel names it."""
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.machine()


def environment(bench: Bench, cores: list[int]) -> dict[str, str]:
    """What the figures depend on."""
    return {
        "date": datetime.date.today().isoformat(),
        "cpu": cpu_model(),
        "cores": ",".join(map(str, cores)),
        "load_before": f"{os.getloadavg()[0]:.1f}",
        "retinue": bench.retinue.version(),
        "retinue_onnxruntime": bench.retinue.onnxruntime_version(),
        "python": platform.python_version(),
        **bench.peers.versions(),
    }


# --- the command ----------------------------------------------------------------------------------


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    program, python = REPOSITORY / "build/retinue", REPOSITORY / "build/peers/bin/python"
    mirror = os.environ.get("RETINUE_MIRROR")
    parser.add_argument("--program", default=str(program), help="default: build/retinue")
    parser.add_argument("--python", default=str(python), help="of the peers; default: build/peers/bin/python")
    parser.add_argument("--mirror", default=mirror, help="has models/ and media/; default: RETINUE_MIRROR")
    parser.add_argument("--case", action="append", choices=CASES, help="several times for several; default: all")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cores", type=int, default=2, help="that all programs share; default: 2")
    parser.add_argument("--json", metavar="FILE", help="everything, each round included")
    options = parser.parse_args()
    if options.mirror is None:
        parser.error("no mirror: --mirror or RETINUE_MIRROR names the folder that has models/ and media/")
    if options.rounds < 1 or options.cores < 1:
        parser.error("--rounds and --cores: at least 1")
    options.mirror = str(pathlib.Path(options.mirror).resolve())
    return options


def busy_s() -> float:
    """CPU time that all programs of the machine have had, and time stolen from it."""
    fields = pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    user, nice, system, _idle, _waiting, irq, softirq, stolen = map(int, fields)
    return (user + nice + system + irq + softirq + stolen) / os.sysconf("SC_CLK_TCK")


def own_s() -> float:
    """CPU time of this program and of those that it started and that have ended."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def measure_round(case: Case) -> tuple[float, list[Measurement]]:
    """Each row once; the most cores that other programs took during a row, and what was measured."""
    measurements, disturbance = [], 0.0
    for row in case.rows:
        begin_s, busy, own = time.monotonic(), busy_s(), own_s()
        measurements.append(row.measure())
        others_s = (busy_s() - busy) - (own_s() - own)
        others = max(0.0, others_s / (time.monotonic() - begin_s))
        disturbance = max(disturbance, others)
        speed = f"{measurements[-1].frames_per_s:.0f} frames/s"
        print(f"{case.name}: {row.label}: {speed}, others {others:.2f} cores", file=sys.stderr)
    return disturbance, measurements


def run_case(case: Case, rounds: int) -> None:
    """Measures rounds until enough are quiet, or twice as many; the quietest count."""
    measured: list[tuple[float, list[Measurement]]] = []
    while len(measured) < 2 * rounds and sum(others <= QUIET_CORES for others, _ in measured) < rounds:
        measured.append(measure_round(case))
    for others, measurements in sorted(measured, key=lambda one: one[0])[:rounds]:
        case.disturbance.append(others)
        for row, measurement in zip(case.rows, measurements):
            row.rounds.append(measurement)


def write_json(path: str, where: dict[str, str], rounds: int, cases: list[dict]) -> None:
    """Everything so far."""
    text = json.dumps({"environment": where, "rounds": rounds, "cases": cases}, indent=1)
    try:
        pathlib.Path(path).write_text(text + "\n")
    except OSError as error:
        raise Missing(f"writing '{path}': {error.strerror}") from error


def compare(options: argparse.Namespace) -> None:
    cores = sorted(os.sched_getaffinity(0))[: options.cores]
    os.sched_setaffinity(0, cores)  # inherited by every program
    results = []
    with tempfile.TemporaryDirectory(prefix="retinue-peers-") as folder:
        bench = Bench(options, pathlib.Path(folder))
        where = environment(bench, cores)
        print("\n".join(f"{key}: {value}" for key, value in where.items()) + "\n")
        for name in options.case or CASES:
            case = bench.case(name)
            run_case(case, options.rounds)
            results.append(as_json(case))
            print(table(case), flush=True)
            if options.json:
                write_json(options.json, where, options.rounds, results)


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the temporary folder goes, too
    try:
        compare(arguments())
    except (Missing, Failure) as problem:
        print(f"compare.py: {problem}", file=sys.stderr)
        return 2 if isinstance(problem, Missing) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
