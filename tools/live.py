#!/usr/bin/env python3
"""Plays a video as N live cameras at once and prints what came out: the table of docs/benchmarks.md.

usage: tools/live.py PROGRAM VIDEO [--sources 1,2,4,8,16] [--seconds 20] [--fps 30] [--size WxH] [-- OPTION...]

The video is repeated, and re-timed to --fps without touching a picture (or scaled once beforehand by --size).
Each row is one run of `retinue run --live` with all outputs in one pipe that is read here. Latency is the records'
own `latency_ms`, from a frame's arrival to its result; the first second is left out. "late/early" compares the 95th
percentile of the last fifth of the run with that of the second tenth: growth would show there.
"""
import argparse
import collections
import json
import math
import pathlib
import subprocess
import sys
import tempfile


def prepare(video: pathlib.Path, seconds: float, fps: float, size: str | None, target: pathlib.Path) -> None:
    """Writes `video`, repeated until it lasts `seconds` at `fps`, to `target`."""
    probe = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-count_packets", "-show_entries",
             "stream=nb_read_packets", "-of", "csv=p=0", str(video)]
    frames = int(subprocess.run(probe, check=True, capture_output=True, text=True).stdout.strip().strip(","))
    once = target.with_name("once.h264")
    picture = ["-vf", f"scale={size.replace('x', ':')}"] if size else []
    coding = [*picture, "-c:v", "libx264", "-preset", "veryfast", "-bf", "0", "-crf", "20", "-pix_fmt", "yuv420p"]
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", video, "-map", "0:v:0", *coding, "-f", "h264", once],
                   check=True)
    long = target.with_name("long.h264")
    with long.open("wb") as out:
        data = once.read_bytes()
        for _ in range(math.ceil(seconds * fps / frames)):
            out.write(data)
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-r", str(fps), "-i", long, "-c", "copy", "-frames:v",
                    str(int(seconds * fps)), target], check=True)
    once.unlink()
    long.unlink()


def p95(values: list[float]) -> float:
    """The 95th percentile; 0 of nothing."""
    return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))] if values else 0.0


def run(program: str, video: pathlib.Path, count: int, folder: pathlib.Path, seconds: float, options: list[str]) -> dict:
    """One run with `count` sources: its figures."""
    files = []
    for number in range(count):
        link = folder / f"{number}.mp4"
        if not link.exists():
            link.symlink_to(video)
        files.append(str(link))
    stats = folder / "stats.json"
    process = subprocess.Popen([program, "run", "-q", *files, "--live", "--jsonl", "-", "--stats", str(stats), *options],
                               stdout=subprocess.PIPE, text=True)
    latencies: dict[str, list[tuple[float, float]]] = collections.defaultdict(list)
    for line in process.stdout:
        # The keys that matter stand at the two ends of a long line.
        record = json.loads(line)
        if record["time_s"] >= 1:
            latencies[record["source"]].append((record["time_s"], record["latency_ms"]))
    if process.wait() != 0:
        sys.exit(f"{program} ended with {process.returncode}")
    report = json.loads(stats.read_text())
    everything = [latency for each in latencies.values() for latency in each]
    early = p95([ms for t, ms in everything if 0.1 * seconds <= t < 0.2 * seconds])
    late = p95([ms for t, ms in everything if t >= 0.8 * seconds])
    sources = report["sources"]
    for source in sources:
        if source["captured"] != source["delivered"] + sum(source["dropped"].values()) or source["in_flight"]:
            sys.exit(f"the books of {source['name']} do not balance: {source}")
    captured = sum(s["captured"] for s in sources)
    rates = [s["delivered"] / s["wall_s"] for s in sources]
    return {"sources": count, "fps": sum(rates), "least_fps": min(rates), "most_fps": max(rates),
            "dropped": sum(s["dropped"].get("superseded", 0) for s in sources) / captured,
            "dropped_after_1_s": 1 - len(everything) / (captured * (1 - 1 / seconds)),
            "p95_ms": p95([ms for _, ms in everything]), "late_over_early": late / early if early else 0.0,
            "cpu_cores": report["cpu_s"] / report["wall_s"], "rss": report["peak_rss_bytes"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("video", type=pathlib.Path)
    parser.add_argument("--sources", default="1,2,4,8,16")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--fps", type=float, default=30)
    parser.add_argument("--size", help="WIDTHxHEIGHT to scale the video to beforehand")
    parser.add_argument("--json", action="store_true")
    parser.epilog = "Behind a --, options of `retinue run`."
    # argparse takes a list of positional arguments for complete at the first option.
    behind_dashes = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    arguments = parser.parse_args(sys.argv[1:behind_dashes])
    options = sys.argv[behind_dashes + 1:]
    if not arguments.video.is_file():
        parser.error(f"'{arguments.video}': no such file")
    rows = []
    with tempfile.TemporaryDirectory(prefix="retinue-live-") as name:
        folder = pathlib.Path(name)
        video = folder / "camera.mp4"
        prepare(arguments.video, arguments.seconds, arguments.fps, arguments.size, video)
        for count in map(int, arguments.sources.split(",")):
            rows.append(run(arguments.program, video, count, folder, arguments.seconds, options))
    if arguments.json:
        print(json.dumps(rows, indent=2))
        return
    print("| sources | fps in all | least, most of a source | dropped | latency p95 | late/early | cores busy | "
          "MB a further source |\n|---|---|---|---|---|---|---|---|")
    for before, row in zip([None, *rows], rows):
        added = (row["rss"] - before["rss"]) / (row["sources"] - before["sources"]) / 1e6 if before else 0
        print(f"| {row['sources']} | {row['fps']:.1f} | {row['least_fps']:.1f}, {row['most_fps']:.1f} | "
              f"{100 * row['dropped']:.1f} % | {row['p95_ms']:.1f} ms | {row['late_over_early']:.2f} | "
              f"{row['cpu_cores']:.2f} | {f'{added:.0f}' if before else '-'} |")


if __name__ == "__main__":
    main()
