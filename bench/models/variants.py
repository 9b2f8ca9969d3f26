#!/usr/bin/env python3
"""Times one model in every form that could replace it on the CPU, and says how far each is from the float original.

usage: bench/models/setup                                   (once: a virtual environment in build/models)
       build/models/bin/python bench/models/variants.py --mirror MIRROR [--model NAME] [--rounds 40]

Forms: the file as Retinue imports and runs it (build/release/bench/model_server), and as exported in ONNX Runtime and in
OpenVINO, in float32, float16 and bfloat16, and quantised to int8. One thread on one core; forms are
timed in turn, round by round, and a cell is the median. The difference is the largest over all outputs, on pictures
of MIRROR scaled to the model's input: the unit is the output's own (pixels of the input for landmarks).
"""
import argparse
import collections.abc
import dataclasses
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnx
import onnxruntime
import openvino
from onnx import TensorProto, numpy_helper
from onnxruntime import quantization

NOW = "as imported, Retinue (what runs now)"
Run = collections.abc.Callable[[np.ndarray], list[np.ndarray]]
PICTURES = ["golden/tfjs_face/portrait.jpg", "gt/aflw2000/image00251.jpg", "robust/images/ref.jpg",
            "gt/dlib_faces/bald_guys.jpg"]


@dataclasses.dataclass(frozen=True)
class Model:
    """A model of the mirror, and the range of its input's values."""
    file: str
    shape: tuple[int, ...]
    scale: float


MODELS = {
    "mesh": Model("face_landmarks/mediapipe_face_landmarks_detector_478.onnx", (1, 3, 256, 256), 1 / 255),
    "detector": Model("face_detection/yunet_n_dynamic.onnx", (1, 3, 192, 320), 1.0),
}


def picture(path: pathlib.Path, model: Model) -> np.ndarray:
    """The picture, scaled to the model's input and into its range."""
    _, _, height, width = model.shape
    pixels = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-frames:v", "1", "-vf", f"scale={width}:{height}", "-f",
                             "rawvideo", "-pix_fmt", "rgb24", "-"], check=True, capture_output=True).stdout
    image = np.frombuffer(pixels, np.uint8).reshape(height, width, 3)
    return np.ascontiguousarray(image.transpose(2, 0, 1)[None].astype(np.float32) * np.float32(model.scale))


def as_float32(path: pathlib.Path, target: pathlib.Path) -> pathlib.Path:
    """A copy whose float16 values are float32: same numbers, same operators."""
    model = onnx.load(str(path))
    for tensor in model.graph.initializer:
        if tensor.data_type == TensorProto.FLOAT16:
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float32), tensor.name))
    for value in [*model.graph.input, *model.graph.output, *model.graph.value_info]:
        if value.type.tensor_type.elem_type == TensorProto.FLOAT16:
            value.type.tensor_type.elem_type = TensorProto.FLOAT
    onnx.save(model, str(target))
    return target


class InRetinue:
    """The model as Retinue imports and runs it, in a process of its own; it tells its time itself."""

    def __init__(self, program: pathlib.Path, path: pathlib.Path, shape: tuple[int, ...]):
        self.process = subprocess.Popen([program, path, ",".join(map(str, shape))], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self.floats = int(self.process.stdout.readline())
        self.ms = 0.0

    def __call__(self, tensor: np.ndarray) -> list[np.ndarray]:
        self.process.stdin.write(tensor.tobytes())
        self.process.stdin.flush()
        self.ms = float(np.frombuffer(self.process.stdout.read(8), np.float64)[0])
        return [np.frombuffer(self.process.stdout.read(4 * self.floats), np.float32)]


def in_onnxruntime(path: pathlib.Path) -> Run:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda tensor: session.run(None, {name: tensor})


def in_openvino(path: pathlib.Path, shape: tuple[int, ...], precision: str) -> Run:
    core = openvino.Core()
    model = core.read_model(str(path))
    model.reshape(list(shape))
    compiled = core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": 1,
                                                 "NUM_STREAMS": 1})
    request = compiled.create_infer_request()
    return lambda tensor: [np.array(value) for value in request.infer({0: tensor}, share_inputs=True).values()]


class Pictures(quantization.CalibrationDataReader):
    """The calibration set of the quantiser."""

    def __init__(self, name: str, tensors: list[np.ndarray]):
        self.left = iter([{name: tensor} for tensor in tensors])

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self.left, None)


def as_int8(path: pathlib.Path, tensors: list[np.ndarray], target: pathlib.Path) -> pathlib.Path:
    """Activations and weights in 8 bits, calibrated on the pictures themselves: at its best. The exported graphs are too
    old (opset) for a scale of each channel's own."""
    name = onnx.load(str(path)).graph.input[0].name
    quantization.quantize_static(str(path), str(target), Pictures(name, tensors),
                                 activation_type=quantization.QuantType.QUInt8,
                                 weight_type=quantization.QuantType.QInt8)
    return target


def variants(program: pathlib.Path, model: Model, file: pathlib.Path, tensors: list[np.ndarray],
             folder: pathlib.Path) -> dict[str, Run]:
    exported = as_float32(file, folder / "float32.onnx")
    forms = {"as exported, ONNX Runtime": in_onnxruntime(exported)}
    forms[NOW] = InRetinue(program, file, model.shape)
    for precision in ["f32", "f16", "bf16"]:
        forms[f"as exported, OpenVINO {precision}"] = in_openvino(exported, model.shape, precision)
    int8 = as_int8(exported, tensors, folder / "int8.onnx")
    forms["int8, ONNX Runtime"] = in_onnxruntime(int8)
    forms["int8, OpenVINO"] = in_openvino(int8, model.shape, "f32")
    return forms


def flat(outputs: list[np.ndarray]) -> np.ndarray:
    """All outputs one after the other."""
    return np.concatenate([output.ravel() for output in outputs])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mirror", type=pathlib.Path, default=os.environ.get("RETINUE_MIRROR"))
    parser.add_argument("--program", type=pathlib.Path, default="build/release/bench/model_server")
    parser.add_argument("--model", choices=sorted(MODELS), action="append")
    parser.add_argument("--rounds", type=int, default=40)
    arguments = parser.parse_args()
    if arguments.mirror is None:
        parser.error("--mirror, or RETINUE_MIRROR, must name a folder with models/ and media/")
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    print(f"ONNX Runtime {onnxruntime.__version__}, OpenVINO {openvino.__version__.split('-')[0]}")
    for name in arguments.model or sorted(MODELS):
        model = MODELS[name]
        tensors = [picture(arguments.mirror / "media" / file, model) for file in PICTURES]
        with tempfile.TemporaryDirectory(prefix="retinue-variants-") as folder:
            forms = variants(arguments.program, model, arguments.mirror / "models" / model.file, tensors, pathlib.Path(folder))
        reference = [next(iter(forms.values()))(tensor) for tensor in tensors]
        times: dict[str, list[float]] = {form: [] for form in forms}
        for number in range(arguments.rounds):
            for form, run in forms.items():
                begin = time.perf_counter()
                run(tensors[number % len(tensors)])
                wall = 1e3 * (time.perf_counter() - begin)
                times[form].append(run.ms if isinstance(run, InRetinue) else wall)
        print(f"\n| {name} | ms | of what runs now | largest difference |\n|---|---|---|---|")
        now = statistics.median(times[NOW])
        for form, run in forms.items():
            difference = max(float(np.abs(flat(run(tensor)) - flat(expected)).max())
                             for tensor, expected in zip(tensors, reference))
            ms = statistics.median(times[form])
            print(f"| {form} | {ms:.2f} | {ms / now:.2f} | {difference:.2g} |")


if __name__ == "__main__":
    main()
